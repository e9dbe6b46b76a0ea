"""Maxout: an activation that learns its own shape as the largest of several linear pieces."""

from typing import Any

import keras
from keras import ops

from tlkit.compat.tensors import Shape, Tensor


@keras.saving.register_keras_serializable("tlkit")
class Maxout(keras.Layer):
    """The largest of each `pieces` neighbouring channels; give the layer before it `pieces` times the channels.

    Reference: Goodfellow et al., 2013, "Maxout networks".

    Example:
        >>> tuple(Maxout(2)(ops.array([[1.0, 5.0, -2.0, -3.0]])).shape)
        (1, 2)
    """

    def __init__(self, pieces: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pieces = pieces

    def build(self, input_shape: Shape) -> None:
        if input_shape[-1] % self.pieces:
            raise ValueError(f"{self.name}: {input_shape[-1]} channels do not divide into pieces of {self.pieces}.")

    def call(self, inputs: Tensor) -> Tensor:
        channels = inputs.shape[-1] // self.pieces
        shape = [-1, *inputs.shape[1:-1], channels, self.pieces]
        return ops.max(ops.reshape(inputs, shape), axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], input_shape[-1] // self.pieces)

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "pieces": self.pieces}
