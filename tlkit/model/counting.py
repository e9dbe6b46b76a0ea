"""Multiply-adds by one rule: what a layer's weights are multiplied with for one example.

Each weight of a convolution or dense layer counts once for every position at which it is used. Biases, normalisation,
activations, pooling and additions do not count: this is the rule by which MobileNet v1 has 569 million.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import keras
from keras import layers

from tlkit.layers.filter_bank import FilterBank
from tlkit.layers.locally_connected import LocallyConnected1D, LocallyConnected2D
from tlkit.layers.random_kernels import RandomKernels

_SHARED = (
    layers.Conv1D, layers.Conv2D, layers.Conv3D, layers.DepthwiseConv1D, layers.DepthwiseConv2D, layers.Dense,
)  # fmt: skip
_TURNED = (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)
_LOCAL = (LocallyConnected1D, LocallyConnected2D)
_SEPARABLE = (layers.SeparableConv1D, layers.SeparableConv2D)
_LOOKED_UP = (layers.Embedding,)


def multiply_adds(layer: Any, inputs: Sequence[int | None], output: Sequence[int | None]) -> int | None:
    """Multiply-adds of a layer for one example with these shapes; None where they are not known.

    Example:
        >>> layer = layers.Conv2D(6, 5)
        >>> layer.build((None, 32, 32, 3))
        >>> multiply_adds(layer, (32, 32, 3), (28, 28, 6))
        352800
    """
    if isinstance(layer, _TURNED):  # a Keras convolution too, but slid over its input
        return _times(_size(layer.kernel), _positions(inputs))
    if isinstance(layer, _SEPARABLE):
        return _times(_size(layer.depthwise_kernel) + _size(layer.pointwise_kernel), _positions(output))
    if isinstance(layer, _SHARED):
        return _times(_size(layer.kernel), _positions(output))
    if isinstance(layer, _LOCAL):
        return _size(layer.kernel)  # each weight has one place
    sides = _sides(inputs)
    if isinstance(layer, FilterBank):
        return None if sides is None else sum(_size(kernel) * _valid(kernel, sides) for kernel in layer.kernels)
    if isinstance(layer, RandomKernels):
        return None if sides is None else sum(_random(layer, sides[0]))
    matrices = [each for each in getattr(layer, "weights", ()) if len(each.shape) > 1]
    return None if matrices and not isinstance(layer, _LOOKED_UP) else 0


def split_multiply_adds(layer: Any, output: Sequence[int | None]) -> int | None:
    """Multiply-adds after splitting a convolution into depthwise and pointwise; None where that saves nothing.

    Of f x f x c x n multiplications at a position, f x f x c + c x n are left: the share 1/n + 1/f².

    Example:
        >>> layer = layers.Conv2D(5, 3)
        >>> layer.build((None, 14, 14, 3))
        >>> split_multiply_adds(layer, (12, 12, 5)), multiply_adds(layer, (14, 14, 3), (12, 12, 5))
        (6048, 19440)
    """
    if not isinstance(layer, layers.Conv1D | layers.Conv2D | layers.Conv3D) or isinstance(layer, _TURNED):
        return None
    *window, channels, filters = layer.kernel.shape
    channels, positions = channels * layer.groups, _positions(output)
    if positions is None:
        return None
    after = positions * (math.prod(window) * channels + channels * filters)
    return after if after < positions * _size(layer.kernel) else None


def _size(weights: keras.Variable) -> int:
    return math.prod(weights.shape)


def _positions(shape: Sequence[int | None]) -> int | None:
    sides = _sides(shape)
    return None if sides is None else math.prod(sides)


def _sides(shape: Sequence[int | None]) -> list[int] | None:
    """The positions of a shape, its channels left out; None where one is open."""
    sides = [each for each in shape[:-1] if each is not None]
    return sides if len(sides) == len(shape) - 1 else None


def _times(size: int, positions: int | None) -> int | None:
    return None if positions is None else size * positions


def _valid(kernel: keras.Variable, sides: Sequence[int]) -> int:
    return math.prod(size - window + 1 for size, window in zip(sides, kernel.shape[:2], strict=True))


def _random(layer: RandomKernels, time: int) -> Iterator[int]:
    """What the filters of each length, dilation and padding multiply."""
    for (length, dilation, padding, _), (kernel, _) in zip(layer.groups, layer.banks, strict=True):
        yield _size(kernel) * (time if padding == "same" else time - (length - 1) * dilation)
