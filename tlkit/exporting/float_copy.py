"""A model as every format can have it, in float32 and without the layers that only Keras knows; or in bfloat16."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras

from tlkit.layers.mel_by_convolution import MelByConvolution

Config = dict[str, Any]

_LOWERED, _EXACT = ("Conv1D", "Conv2D", "Conv3D", "Dense"), ("output", "known_examples")
_LOW = ("bfloat16", "float16", "mixed_bfloat16", "mixed_float16")


def float_copy(model: keras.Model) -> keras.Model:
    """The same net with the same weights, computed in float32."""
    return _copied(model, _changed)


def bfloat16_copy(model: keras.Model) -> keras.Model:
    """The same, its convolutions and dense layers computed in bfloat16; not those that give the outputs."""
    return _copied(model, _lowered)


def _copied(model: keras.Model, change: Callable[[Any], Any]) -> keras.Model:
    copy = keras.saving.deserialize_keras_object(change(keras.saving.serialize_keras_object(model)))
    copy.set_weights(model.get_weights())
    return copy


def _lowered(part: Any) -> Any:
    if isinstance(part, Mapping):
        if str(part.get("class_name")).endswith(_LOWERED) and part["config"]["name"] not in _EXACT:
            return {**part, "config": {**part["config"], "dtype": "mixed_bfloat16"}}
        return {key: _lowered(value) for key, value in part.items()}
    return [_lowered(each) for each in part] if isinstance(part, list | tuple) else part


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
