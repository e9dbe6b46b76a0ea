"""Locally connected layers: windows as in a convolution, but each position with weights of its own."""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from tlkit.compat.tensors import Shape, Tensor


class _LocallyConnected(keras.Layer):
    """What the layers for signals and pictures share; `axes` says over how many a window slides."""

    axes: int

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        use_bias: bool = True,
        kernel_initializer: str | Mapping[str, Any] | keras.initializers.Initializer = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = _each_axis(kernel_size, self.axes)
        self.strides = _each_axis(strides, self.axes)
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape: Shape) -> None:
        self.positions = self._positions(input_shape)
        if None in self.positions or min(self.positions) < 1:
            raise ValueError(f"{self.name}: needs a fixed input of at least {self.kernel_size}, not {input_shape}.")
        positions, inputs = math.prod(self.positions), math.prod(self.kernel_size) * input_shape[-1]
        self.kernel = self.add_weight(name="kernel", shape=(positions, inputs, self.filters), initializer=self._draw)
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(positions, self.filters), initializer="zeros")

    def call(self, inputs: Tensor) -> Tensor:
        positions, size, filters = self.kernel.shape
        patches = ops.reshape(self._patches(inputs), (-1, positions, size))
        outputs = ops.einsum("bps,psf->bpf", patches, self.kernel)
        if self.bias is not None:
            outputs = outputs + self.bias
        return ops.reshape(outputs, (-1, *self.positions, filters))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], *self._positions(input_shape), self.filters)

    def get_config(self) -> dict[str, object]:
        own = {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
        return {**super().get_config(), **own}

    def _positions(self, input_shape: Shape) -> Shape:
        windows = zip(input_shape[1:-1], self.kernel_size, self.strides, strict=True)
        return tuple(None if size is None else (size - kernel) // stride + 1 for size, kernel, stride in windows)

    def _patches(self, inputs: Tensor) -> Tensor:
        """What each window sees, offset by offset: (batch, *positions, kernel * channels)."""
        windows = list(zip(self.positions, self.strides, strict=True))
        slices = []
        for offsets in itertools.product(*map(range, self.kernel_size)):
            steps = zip(offsets, windows, strict=True)
            at = [slice(start, start + stride * (count - 1) + 1, stride) for start, (count, stride) in steps]
            slices.append(inputs[(slice(None), *at, slice(None))])
        return ops.concatenate(slices, axis=-1)

    def _draw(self, shape: tuple[int, int, int], dtype: str | None = None) -> Tensor:
        """Initial weights whose fan-in and fan-out are those of one position, not of all of them together."""
        positions, inputs, filters = shape
        flat = self.kernel_initializer((inputs, positions * filters), dtype=dtype)
        mode = getattr(self.kernel_initializer, "mode", "fan_in")
        average = (inputs + positions * filters) / (inputs + filters)
        gain = {"fan_in": 1.0, "fan_out": positions, "fan_avg": average}[mode] ** 0.5
        return gain * ops.transpose(ops.reshape(flat, (inputs, positions, filters)), (1, 0, 2))


@keras.saving.register_keras_serializable("tlkit")
class LocallyConnected1D(_LocallyConnected):
    """A 1-D convolution without weight sharing, for signals whose positions mean different things.

    Example:
        >>> tuple(LocallyConnected1D(4, kernel_size=3)(ops.ones((1, 8, 2))).shape)
        (1, 6, 4)
    """

    axes = 1


@keras.saving.register_keras_serializable("tlkit")
class LocallyConnected2D(_LocallyConnected):
    """A 2-D convolution without weight sharing, for aligned pictures such as cropped faces.

    Reference: Taigman et al., 2014, "DeepFace".

    Example:
        >>> tuple(LocallyConnected2D(4, kernel_size=3)(ops.ones((1, 8, 8, 2))).shape)
        (1, 6, 6, 4)
    """

    axes = 2


def _each_axis(value: int | Sequence[int], axes: int) -> tuple[int, ...]:
    return (value,) * axes if isinstance(value, int) else tuple(value)
