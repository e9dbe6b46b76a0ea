"""Red, green, blue to blue, green, red, for backbones whose weights came from Caffe."""

from __future__ import annotations

import keras

from tlkit.compat.tensors import Shape, Tensor


@keras.saving.register_keras_serializable("tlkit")
class ReverseChannels(keras.Layer):
    """Turns the order of the last axis round.

    Example:
        >>> ReverseChannels()(np.array([[1.0, 2.0, 3.0]]))  # doctest: +SKIP
        [[3., 2., 1.]]
    """

    def call(self, inputs: Tensor) -> Tensor:
        return keras.ops.flip(inputs, axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape
