"""Local response normalisation: what AlexNet and GoogLeNet had before there was BatchNorm."""

from typing import Any

import keras
import numpy as np
from keras import ops

from tlkit.compat.tensors import Shape, Tensor


@keras.saving.register_keras_serializable("tlkit")
class LocalResponseNormalization(keras.Layer):
    """Divide each channel by (bias + alpha * sum of squares over `window` neighbouring channels) ** beta.

    Reference: Krizhevsky et al., 2012, "ImageNet classification with deep convolutional neural networks", section 3.3.

    Example:
        >>> tuple(LocalResponseNormalization()(ops.ones((1, 4, 4, 8))).shape)
        (1, 4, 4, 8)
    """

    def __init__(
        self, window: int = 5, bias: float = 2.0, alpha: float = 1e-4, beta: float = 0.75, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.window = window
        self.bias = bias
        self.alpha = alpha
        self.beta = beta

    def build(self, input_shape: Shape) -> None:
        channels = np.arange(input_shape[-1])
        distance = channels[:, None] - channels + self.window // 2
        self.neighbours = ((distance >= 0) & (distance < self.window)).astype("float32")

    def call(self, inputs: Tensor) -> Tensor:
        values = ops.cast(inputs, "float32")  # squares of large half-precision numbers overflow
        total = ops.matmul(ops.square(values), self.neighbours)  # backwards far faster than adding shifted channels
        scale = self.bias + self.alpha * total
        return ops.cast(values * ops.power(scale, -self.beta), inputs.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, object]:
        own = {"window": self.window, "bias": self.bias, "alpha": self.alpha, "beta": self.beta}
        return {**super().get_config(), **own}
