"""A model as every format can have it: in float32, and without the layers that only Keras knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras

from tlkit.layers.mel_by_convolution import MelByConvolution

Config = dict[str, Any]

_LOW = ("bfloat16", "float16", "mixed_bfloat16", "mixed_float16")


def float_copy(model: keras.Model) -> keras.Model:
    """The same net with the same weights, computed in float32."""
    config = _changed(keras.saving.serialize_keras_object(model))
    copy = keras.saving.deserialize_keras_object(config)
    copy.set_weights(model.get_weights())
    return copy


def _changed(part: Any) -> Any:
    """A config with policies of lower precision replaced."""
    if isinstance(part, Mapping):
        if part.get("class_name") == "DTypePolicy" and part["config"].get("name") in _LOW:
            return {**part, "config": {**part["config"], "name": "float32"}}
        inner = {key: "float32" if key == "dtype" and value in _LOW else _changed(value) for key, value in part.items()}
        change = _REPLACED.get(str(part.get("class_name")))
        return change(inner) if change else inner
    return [_changed(each) for each in part] if isinstance(part, list | tuple) else part


def _by_convolution(part: Config) -> Config:
    """ONNX has no Fourier transform of real numbers as TensorFlow has it."""
    mel = {key: value for key, value in part["config"].items() if key not in _OF_ALL_LAYERS}
    own = {"name": part["config"]["name"], "dtype": "float32", "mel": mel}
    return {**part, "module": MelByConvolution.__module__, "class_name": "MelByConvolution", "config": own,
            "registered_name": "tlkit>MelByConvolution"}  # fmt: skip


_OF_ALL_LAYERS = ("name", "trainable", "dtype", "data_format")
_REPLACED: Mapping[str, Callable[[Config], Config]] = {"MelSpectrogram": _by_convolution}
