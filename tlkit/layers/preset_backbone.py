"""A backbone of KerasHub as one part of a model."""

from __future__ import annotations

import math
from typing import Any

import keras


@keras.saving.register_keras_serializable(package="tlkit")
class PresetBackbone(keras.Model):
    """The layers of a KerasHub backbone with one output; saved as that backbone, whose layers cannot be saved alone.

    Of several maps it gives the last; of tokens, where `class_token` says so, the first.

    Example:
        >>> PresetBackbone(vit, class_token=True).output_shape  # doctest: +SKIP
        (None, 768)
    """

    def __init__(self, backbone: keras.Model, *, class_token: bool, **kwargs: Any) -> None:
        super().__init__(backbone.inputs[0], output_of(backbone, class_token=class_token), **kwargs)
        self._saved = {"backbone": keras.saving.serialize_keras_object(backbone), "class_token": class_token}

    def get_config(self) -> dict[str, object]:
        """The backbone's own description."""
        return {**self._saved, "name": self.name, "trainable": self.trainable}

    @classmethod
    def from_config(cls, config: dict[str, object], custom_objects: Any = None) -> PresetBackbone:
        """The backbone built again."""
        backbone = keras.saving.deserialize_keras_object(config["backbone"], custom_objects=custom_objects)
        return cls(**{**config, "backbone": backbone})


def output_of(backbone: keras.Model, *, class_token: bool) -> Any:
    """What stands for the picture: the last of a backbone's maps, or the first of its tokens."""
    x = min(backbone.outputs, key=lambda each: math.prod(each.shape[1:-1]))
    if not class_token:
        return x
    x = keras.layers.Cropping1D((0, x.shape[1] - 1), name="class_token")(x)
    return keras.layers.Flatten(name="class_features")(x)
