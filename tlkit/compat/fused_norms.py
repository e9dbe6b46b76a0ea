"""Batch normalisation with TensorFlow's fused kernel: two passes over memory in place of a dozen, for training on CPUs.

The formula is Keras's own, and so are the statistics that it keeps. It pays most in bfloat16, where Keras alone goes
through float32 and back.
"""

from __future__ import annotations

from typing import Any

import keras

from tlkit.compat.keras_graph import layers_within
from tlkit.compat.tensors import Tensor


def fuse_norms(model: keras.Model) -> None:
    """Let the normalisations inside a model train by the fused kernel, where TensorFlow runs on a CPU.

    Example:
        >>> model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.BatchNormalization()])
        >>> fuse_norms(model)
    """
    if keras.backend.backend() != "tensorflow" or _has_gpu():
        return
    for layer in layers_within(model, itself=False):
        if type(layer) is keras.layers.BatchNormalization and _is_plain(layer) and "call" not in vars(layer):
            layer.call = _fused_call(layer, layer.call)


def _has_gpu() -> bool:
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def _is_plain(layer: keras.layers.BatchNormalization) -> bool:
    """Whether channels are last behind at least one axis of positions, and no option is on that the kernel lacks."""
    rank = layer.input_spec.ndim if layer.built else 0
    return rank > 2 and layer.axis in (-1, rank - 1) and not layer.synchronized and not getattr(layer, "renorm", False)


def _fused_call(layer: keras.layers.BatchNormalization, general: Any) -> Any:
    import tensorflow as tf

    width = layer.input_spec.axes[layer.axis]

    def call(inputs: Tensor, training: bool | None = None, mask: Tensor | None = None) -> Tensor:
        if not (training and layer.trainable) or mask is not None or inputs.dtype == tf.float64:
            return general(inputs, training=training, mask=mask)
        positions = inputs if inputs.shape.rank == 4 else tf.reshape(inputs, (tf.shape(inputs)[0], -1, 1, width))
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=positions, scale=_gain(layer), offset=_shift(layer), mean=[], variance=[], epsilon=layer.epsilon
        )
        _remember(layer, mean, variance, tf.size(inputs) // width)
        return tf.cast(tf.ensure_shape(tf.reshape(outputs, tf.shape(inputs)), inputs.shape), layer.compute_dtype)

    return call


def _gain(layer: keras.layers.BatchNormalization) -> Tensor:
    return keras.ops.cast(layer.gamma, "float32") if layer.scale else keras.ops.ones_like(layer.moving_mean)


def _shift(layer: keras.layers.BatchNormalization) -> Tensor:
    return keras.ops.cast(layer.beta, "float32") if layer.center else keras.ops.zeros_like(layer.moving_mean)


def _remember(layer: keras.layers.BatchNormalization, mean: Tensor, variance: Tensor, count: Tensor) -> None:
    """Move the statistics as Keras does, by the variance of what was seen; the kernel gives that of its source."""
    count = keras.ops.cast(count, "float32")
    for kept, seen in ((layer.moving_mean, mean), (layer.moving_variance, variance * (count - 1) / count)):
        kept.assign(kept * layer.momentum + seen * (1.0 - layer.momentum))
