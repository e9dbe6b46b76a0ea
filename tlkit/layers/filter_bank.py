"""A fixed bank of filters as a layer: nothing in it is ever learned, whatever is unfrozen around it."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from tlkit.compat.tensors import Shape, Tensor
from tlkit.layers.texture_filters import texture_filters

_COPIES = 2  # of the responses to the filters of one size that are there at once


@keras.saving.register_keras_serializable("tlkit")
class FilterBank(keras.Layer):
    """Mean absolute response of each channel to each texture filter: (batch, h, w, c) -> (batch, features).

    Example:
        >>> tuple(FilterBank(scales=[1.0], angles=4)(ops.ones((1, 16, 16, 1))).shape)
        (1, 9)
    """

    def __init__(self, scales: Sequence[float] = (1.0, 2.0), angles: int = 6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scales = tuple(scales)
        self.angles = angles

    def build(self, input_shape: Shape) -> None:
        groups = self._by_size()
        self.kernels = [self._fixed(kernels, input_shape[-1]) for kernels in groups]
        self.values_inside = _COPIES * math.prod(side or 1 for side in input_shape[1:]) * max(map(len, groups))

    def call(self, inputs: Tensor) -> Tensor:
        return ops.concatenate([self._features(inputs, kernel) for kernel in self.kernels], axis=-1)

    def _features(self, inputs: Tensor, kernel: keras.Variable) -> Tensor:
        responses = ops.depthwise_conv(inputs, ops.cast(kernel, inputs.dtype))
        return ops.mean(ops.absolute(responses), axis=(1, 2))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], input_shape[-1] * sum(map(len, self._by_size())))

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "scales": self.scales, "angles": self.angles}

    def _by_size(self) -> list[list[np.ndarray]]:
        """The filters in lists of one kernel size each, since one convolution takes one size."""
        groups: dict[int, list[np.ndarray]] = {}
        for _, kernel in texture_filters(self.scales, self.angles):
            groups.setdefault(len(kernel), []).append(kernel)
        return list(groups.values())

    def _fixed(self, kernels: list[np.ndarray], channels: int) -> keras.Variable:
        values = np.repeat(np.stack(kernels, axis=-1)[:, :, None, :], channels, axis=2)  # (k, k, channels, filters)
        start = keras.initializers.Constant(values)
        return self.add_weight(name=f"kernel{len(values)}", shape=values.shape, initializer=start, trainable=False)
