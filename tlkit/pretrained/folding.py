"""A frozen net with its batch normalisations worked into the convolutions before them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import layers

from tlkit.compat.keras_graph import origin, readers

_CONVOLUTIONS = (layers.Conv2D, layers.DepthwiseConv2D)


def folded(net: keras.Model) -> keras.Model:
    """The same outputs from fewer passes over memory, for inference; the net is left alone but shares other layers.

    Example:
        >>> folded(build_pretrained("efficientnet-lite0", (64, 64, 3), "none")).count_params()  # doctest: +SKIP
        3356184
    """
    norms = {_source(each).name: each for each in net.layers if _follows_convolution(each)}
    merged = {each.name for each in norms.values()}

    def twin(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        return type(layer).from_config({**config, **_bare(config)}) if layer.name in norms else layer

    def call(layer: keras.Layer, x: keras.KerasTensor, *args: Any, **kwargs: Any) -> keras.KerasTensor:
        return x if layer.name in merged else layer(x, *args, **kwargs)

    copy = keras.models.clone_model(net, clone_function=twin, call_function=call)
    for name, norm in norms.items():
        copy.get_layer(name).set_weights(_folded_arrays(net.get_layer(name), norm))
    return copy


def _bare(config: Mapping[str, Any]) -> dict[str, bool | str]:
    """A convolution's settings with a bias, and without drawing numbers that are overwritten."""
    return {"use_bias": True} | {key: "zeros" for key in config if key.endswith("_initializer")}


def _follows_convolution(layer: keras.Layer) -> bool:
    source = _source(layer) if isinstance(layer, layers.BatchNormalization) else None
    return (
        isinstance(source, _CONVOLUTIONS)
        and source.activation is keras.activations.linear
        and len(readers(source)) == 1
    )


def _source(layer: keras.Layer) -> keras.Layer:
    """The layer whose output this one takes."""
    return origin(layer.input)


def _folded_arrays(layer: keras.Layer, norm: keras.layers.BatchNormalization) -> list[np.ndarray]:
    kernel, *bias = (np.asarray(each, np.float32) for each in layer.get_weights())
    gain, shift, mean, variance = _statistics(norm)
    factor = gain / np.sqrt(variance + norm.epsilon)
    depthwise = isinstance(layer, layers.DepthwiseConv2D)
    wide = factor.reshape(kernel.shape[2:]) if depthwise else factor
    return [kernel * wide, shift + factor * ((bias[0] if bias else 0.0) - mean)]


def _statistics(norm: keras.layers.BatchNormalization) -> tuple[np.ndarray, ...]:
    """Gain, shift, mean and variance, those that it was built without as they would be."""
    mean, variance = (keras.ops.convert_to_numpy(each) for each in (norm.moving_mean, norm.moving_variance))
    gain = keras.ops.convert_to_numpy(norm.gamma) if norm.scale else np.ones_like(mean)
    shift = keras.ops.convert_to_numpy(norm.beta) if norm.center else np.zeros_like(mean)
    return gain, shift, mean, variance
