"""Several views of one object: a layer shared by all views, and pooling over them."""

from typing import Any, Self

import keras
from keras import ops

from tlkit.compat.tensors import Shape, Tensor


@keras.saving.register_keras_serializable("tlkit")
class PerView(keras.Layer):
    """Apply one layer or model to each view with the same weights: (batch, views, ...) -> (batch, views, ...).

    Example:
        >>> tuple(PerView(keras.layers.Dense(4))(ops.ones((1, 3, 2))).shape)
        (1, 3, 4)
    """

    def __init__(self, layer: keras.Layer, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Shape) -> None:
        if not self.layer.built:
            self.layer.build((None, *input_shape[2:]))

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        merged = ops.reshape(inputs, (-1, *inputs.shape[2:]))  # views join the batch
        outputs = self.layer(merged, training=training)
        return ops.reshape(outputs, (-1, inputs.shape[1], *outputs.shape[1:]))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        _, *shape = self.layer.compute_output_shape((None, *input_shape[2:]))
        return (*input_shape[:2], *shape)

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "layer": keras.saving.serialize_keras_object(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, object]) -> Self:
        return cls(keras.saving.deserialize_keras_object(config.pop("layer")), **config)


@keras.saving.register_keras_serializable("tlkit")
class ViewPooling(keras.Layer):
    """One answer for all views of an object, whatever their order: the "max" or the "average" over axis 1.

    Reference: Su et al., 2015, "Multi-view convolutional neural networks for 3D shape recognition".

    Example:
        >>> tuple(ViewPooling()(ops.ones((1, 12, 4, 4, 8))).shape)
        (1, 4, 4, 8)
    """

    def __init__(self, pooling: str = "max", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if pooling not in ("max", "average"):
            raise ValueError(f"pooling: expected 'max' or 'average'. Received: {pooling!r}.")
        self.pooling = pooling

    def call(self, inputs: Tensor) -> Tensor:
        return ops.max(inputs, axis=1) if self.pooling == "max" else ops.mean(inputs, axis=1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], *input_shape[2:])

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "pooling": self.pooling}
