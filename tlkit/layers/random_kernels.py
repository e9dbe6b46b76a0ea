"""Many random filters for signals as one layer: drawn once from a seed, never learned."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from tlkit.compat.tensors import Shape, Tensor

PADDINGS = ("same", "valid")
_COPIES = 3  # of a group's responses that are there at once
Group = tuple[int, int, str, int]  # length, dilation, padding and count of filters


@keras.saving.register_keras_serializable("tlkit")
class RandomKernels(keras.Layer):
    """Of each random filter's responses the largest, and the share above 0: (batch, time, c) -> (batch, 2 * kernels).

    The filters have mean 0, several lengths, dilations of 1, 2, 4 … up to the signal's length, and a random bias each;
    where that is `relative`, it is one in deviations of the filter's own responses to the signal, so that no filter is
    always above or always below, however smooth the signal.

    Reference: Dempster et al., 2020, "ROCKET: exceptionally fast and accurate time series classification using random
    convolutional kernels".

    Example:
        >>> tuple(RandomKernels(kernels=30)(ops.ones((1, 50, 1))).shape)
        (1, 60)
    """

    def __init__(
        self,
        kernels: int = 1000,
        lengths: Sequence[int] = (7, 9, 11),
        seed: int = 0,
        relative: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kernels, self.lengths, self.seed, self.relative = kernels, tuple(lengths), seed, relative

    def build(self, input_shape: Shape) -> None:
        rng = np.random.default_rng(self.seed)
        self.groups = groups_of(input_shape[1], self.lengths, self.kernels)
        self.values_inside = _COPIES * input_shape[1] * max(group[-1] for group in self.groups)
        self.banks = [self._bank(rng, group[0], input_shape[-1], group[-1]) for group in self.groups]

    def call(self, inputs: Tensor) -> Tensor:
        signal = ops.cast(inputs, "float32")  # a share above 0 hangs on the last digit of each response
        features = [self._features(signal, *pair) for pair in zip(self.groups, self.banks, strict=True)]
        return ops.cast(ops.concatenate([each for pair in features for each in pair], axis=-1), self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], 2 * self.kernels)

    def get_config(self) -> dict[str, object]:
        own = {"kernels": self.kernels, "lengths": self.lengths, "seed": self.seed, "relative": self.relative}
        return {**super().get_config(), **own}

    def _bank(
        self, rng: np.random.Generator, length: int, channels: int, count: int
    ) -> tuple[keras.Variable, keras.Variable]:
        weights = rng.normal(size=(length, channels, count))
        return self._fixed(weights - weights.mean(axis=0)), self._fixed(rng.uniform(-1, 1, count))

    def _features(
        self, signal: Tensor, group: Group, bank: tuple[keras.Variable, keras.Variable]
    ) -> tuple[Tensor, Tensor]:
        _, dilation, padding, _ = group
        kernel, bias = (ops.convert_to_tensor(each) for each in bank)
        responses = ops.conv(signal, kernel, padding=padding, dilation_rate=dilation)
        if self.relative:
            above = responses > -bias * ops.std(responses, axis=1, keepdims=True)
        else:
            responses = responses + bias
            above = responses > 0
        return ops.max(responses, axis=1), ops.mean(ops.cast(above, "float32"), axis=1)

    def _fixed(self, values: np.ndarray) -> keras.Variable:
        start = keras.initializers.Constant(values.astype("float32"))
        return self.add_weight(shape=values.shape, initializer=start, dtype="float32", autocast=False, trainable=False)


def groups_of(time: int, lengths: Sequence[int], kernels: int) -> list[Group]:
    """(length, dilation, padding, count) of the filters that fit a signal; the counts differ by one at most.

    Example:
        >>> groups_of(20, [7], 10)
        [(7, 1, 'same', 3), (7, 1, 'valid', 3), (7, 2, 'same', 2), (7, 2, 'valid', 2)]
    """
    spread = [(length, 2**power) for length in lengths for power in range(16) if (length - 1) * 2**power < time]
    kinds = [(*each, padding) for each in spread for padding in PADDINGS]
    counts = [kernels // len(kinds) + (index < kernels % len(kinds)) for index in range(len(kinds))]
    return [(*kind, count) for kind, count in zip(kinds, counts, strict=True) if count]
