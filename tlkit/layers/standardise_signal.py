"""Each channel of each example brought to mean 0 and deviation 1, as the first thing a model does."""

import keras
from keras import ops

from tlkit.compat.tensors import Shape, Tensor

_FLAT = 1e-6  # of a channel's mean size: a deviation below it is no more than rounding
_LARGE, _SMALL = 2.0**50, 2.0**-30  # sizes beyond which squares leave float32; powers of two scale without rounding


@keras.saving.register_keras_serializable(package="tlkit")
class StandardiseSignal(keras.layers.Layer):
    """(x - mean) / deviation over time, for each example and channel by itself; a flat channel becomes 0.

    Example:
        >>> StandardiseSignal()(keras.ops.ones((1, 4, 2))).shape
        TensorShape([1, 4, 2])
    """

    def call(self, inputs: Tensor) -> Tensor:
        size = ops.max(ops.abs(inputs), axis=1, keepdims=True)
        inputs = inputs * ops.where(size > _LARGE, 2.0**-80, ops.where(size < _SMALL, 2.0**60, 1.0))
        rest = inputs - ops.mean(inputs, axis=1, keepdims=True)
        deviation = ops.sqrt(ops.mean(ops.square(rest), axis=1, keepdims=True))
        floor = _FLAT * ops.mean(ops.abs(inputs), axis=1, keepdims=True) + keras.config.epsilon() ** 2
        return ops.where(deviation > floor, rest / ops.maximum(deviation, floor), ops.zeros_like(rest))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape
