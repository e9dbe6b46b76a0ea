"""Receptive fields: how much of the input one position of a layer's output can see."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
from keras import layers

from tlkit.compat.tensors import Shape
from tlkit.layers.local_response_normalization import LocalResponseNormalization
from tlkit.layers.maxout import Maxout
from tlkit.layers.reverse_channels import ReverseChannels
from tlkit.layers.views import ViewPooling

WHOLE = math.inf
UNKNOWN = math.nan
_ALIKE = (
    layers.BatchNormalization, layers.LayerNormalization, layers.GroupNormalization, layers.UnitNormalization,
    layers.Normalization, layers.Dense, layers.EinsumDense, layers.Embedding, layers.PReLU, layers.Concatenate,
    LocalResponseNormalization, Maxout, ReverseChannels,
)  # fmt: skip
_SHIFTED = ("ZeroPadding", "Cropping")
_TURNED = "Transpose"


class ReceptiveField(NamedTuple):
    """For each axis that windows slide over: how many inputs are seen, and how far apart neighbours see."""

    sizes: tuple[float, ...]
    steps: tuple[float, ...]

    def per_view(self) -> ReceptiveField:
        """Inside one of several views: without the axis of the views."""
        return ReceptiveField(self.sizes[1:], self.steps[1:])

    def of_views(self) -> ReceptiveField:
        """Back among the views, each of which sees only itself."""
        return ReceptiveField((1, *self.sizes), (1, *self.steps))


def start(shape: Sequence[int | None]) -> ReceptiveField:
    """The field of an input: each position sees itself.

    Example:
        >>> start((32, 32, 3))
        ReceptiveField(sizes=(1, 1), steps=(1, 1))
    """
    axes = max(len(shape) - 1, 1)
    return ReceptiveField((1,) * axes, (1,) * axes)


def through(layer: Any, before: Sequence[ReceptiveField], inputs: Sequence[Shape], output: Shape) -> ReceptiveField:
    """The field behind a layer: a window of k adds k - 1 steps, a stride multiplies the step.

    Example:
        >>> through(layers.Conv2D(8, 5, strides=2), [start((32, 32, 3))], [(32, 32, 3)], (14, 14, 8))
        ReceptiveField(sizes=(5, 5), steps=(2, 2))
    """
    axes = max(len(output) - 1, 1)
    field = _widest(before, axes)
    kernel = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    if isinstance(layer, ViewPooling):
        return before[0].per_view()
    if kernel is not None and len(field.sizes) == axes == len(_each(kernel, axes)):
        return _slid(layer, field, _each(kernel, axes))
    if isinstance(layer, layers.UpSampling1D | layers.UpSampling2D | layers.UpSampling3D):
        wider = zip(field.steps, _each(layer.size, axes), strict=True)
        return ReceptiveField(field.sizes, tuple(step / size for step, size in wider))
    if _keeps_places(layer, inputs, output):
        return field
    known = len(output) == 1 or not getattr(layer, "weights", ())
    return ReceptiveField((WHOLE if known else UNKNOWN,) * axes, (1,) * axes)


def shown(field: ReceptiveField) -> str:
    """A field as people write it: 5, 3x7, all, or nothing where it is not known.

    Example:
        >>> shown(ReceptiveField((5, 5), (2, 2))), shown(ReceptiveField((3, 7), (1, 1)))
        ('5', '3x7')
    """
    words = ["all" if size == WHOLE else "?" if math.isnan(size) else f"{size:.0f}" for size in field.sizes]
    return words[0] if len(set(words)) == 1 else "x".join(words)


def _slid(layer: keras.Layer, field: ReceptiveField, kernel: Sequence[int]) -> ReceptiveField:
    strides = _each(getattr(layer, "strides", None) or 1, len(kernel))
    dilations = _each(getattr(layer, "dilation_rate", 1), len(kernel))
    sizes, steps = [], []
    for size, step, window, stride, rate in zip(field.sizes, field.steps, kernel, strides, dilations, strict=True):
        turned = _TURNED in type(layer).__name__
        after = step / stride if turned else step * stride
        sizes.append(size + (window - 1) * rate * (after if turned else step))
        steps.append(after)
    return ReceptiveField(tuple(sizes), tuple(steps))


def _keeps_places(layer: keras.Layer, inputs: Sequence[Shape], output: Shape) -> bool:
    if type(layer).__name__.startswith(_SHIFTED):
        return True
    if isinstance(layer, layers.Dense) and len(output) == 1:
        return False
    same = any(tuple(each[:-1]) == tuple(output[:-1]) and len(each) == len(output) for each in inputs)
    mixing = isinstance(layer, layers.Attention | layers.MultiHeadAttention | layers.RNN | layers.Bidirectional)
    weightless = not getattr(layer, "weights", ())
    return same and not mixing and (weightless or isinstance(layer, _ALIKE) or _is_scale(layer))


def _is_scale(layer: keras.Layer) -> bool:
    """A layer of one's own whose weights are vectors, such as ConvNeXt's scale: it can only act place by place."""
    return isinstance(layer, keras.Layer) and all(len(each.shape) < 2 for each in layer.weights)


def _widest(before: Sequence[ReceptiveField], axes: int) -> ReceptiveField:
    """What several inputs together see; unlike axes (after a flattening) count as everything."""
    alike = [each for each in before if len(each.sizes) == axes] or [start((1,) * (axes + 1))]
    if len(alike) < len(before):
        alike.append(ReceptiveField((WHOLE,) * axes, (1,) * axes))
    return ReceptiveField(
        tuple(max(each) for each in zip(*(field.sizes for field in alike), strict=True)),
        tuple(max(each) for each in zip(*(field.steps for field in alike), strict=True)),
    )


def _each(value: int | Sequence[int], axes: int) -> tuple[int, ...]:
    return (value,) * axes if isinstance(value, int) else tuple(value)
