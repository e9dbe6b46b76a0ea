"""A model as every format can have it: in float32, and without the layers that only Keras knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras

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


_REPLACED: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
