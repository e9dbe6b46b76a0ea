"""Numbers that do not change, behind every row of features."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
from keras import ops

from tlkit.compat.tensors import Shape, Tensor


@keras.saving.register_keras_serializable("tlkit")
class Appended(keras.layers.Layer):
    """Features (n, width) with the same few numbers behind each row: what stood beside an input, held still.

    Example:
        >>> tuple(Appended([1.0, 2.0])(ops.zeros((3, 4))).shape)
        (3, 6)
    """

    def __init__(self, values: Iterable[float], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.values = [float(each) for each in values]

    def call(self, inputs: Tensor) -> Tensor:
        row = ops.convert_to_tensor([self.values], dtype=inputs.dtype)
        return ops.concatenate([inputs, ops.repeat(row, ops.shape(inputs)[0], axis=0)], axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], input_shape[-1] + len(self.values))

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "values": self.values}
