"""Occlusion: cover a window of the input, slide it along, and see where the answer suffers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tlkit.data.splits import InputSequence
from tlkit.errors import DataError

FILLS = ("grey", "mean", "blur")
Answers = Callable[[InputSequence], np.ndarray]  # examples, made when asked for -> the model's outputs


@dataclass(frozen=True)
class OccludedExamples:
    """One example under each window in turn, and first without any; made when asked for, so that little is sent."""

    example: np.ndarray
    filling: np.ndarray
    corners: tuple[tuple[int, ...], ...]
    window: tuple[int, ...]

    def __len__(self) -> int:
        return 1 + len(self.corners)

    def __getitem__(self, index: int) -> np.ndarray:
        if index == 0:
            return self.example
        here = _slices(self.corners[index - 1], self.window)
        changed = self.example.copy()
        changed[here] = self.filling[here]
        return changed


@dataclass(frozen=True)
class Occlusion:
    """What covering did: the fall of the probability at each position, and the probability under each window."""

    heat: np.ndarray
    probabilities: np.ndarray
    probability: float


def occlude(
    answers: Answers,
    example: np.ndarray,
    output: int,
    *,
    axes: int,
    patch: int = 16,
    stride: int | None = None,
    fill: str = "grey",
    grey: float | None = None,
) -> Occlusion:
    """Slide a window of `patch` over the first `axes` axes and read one output under it.

    Args:
        answers: what the model makes of a sequence of examples.
        stride: how far the window moves; half of itself where nothing is said.
        fill: what it shows: "grey", the example's "mean", or the example in a "blur".
        grey: the value that says nothing; 128 for pixels and 0 for other numbers where nothing is said.
    """
    covered = cover(example, axes=axes, patch=patch, stride=stride, fill=fill, grey=grey)
    values = np.asarray(answers(covered), np.float32)[:, output]
    grid = [len(set(column)) for column in zip(*covered.corners, strict=True)]
    heat = spread(values[0] - values[1:], covered, example.shape[:axes])
    return Occlusion(heat, values[1:].reshape(grid), float(values[0]))


def cover(
    example: np.ndarray,
    *,
    axes: int,
    patch: int,
    stride: int | None = None,
    fill: str = "grey",
    grey: float | None = None,
) -> OccludedExamples:
    """The covered versions of an example; the last window of a row ends at the edge, whatever the stride."""
    stride = max(1, patch // 2) if stride is None else stride
    shape = example.shape[:axes]
    if patch < 1 or stride < 1:
        raise DataError(f"occlusion: patch and stride are at least 1; found {patch} and {stride}")
    if patch > min(shape):
        raise DataError(f"occlusion: a patch of {patch} is larger than the input, {' x '.join(map(str, shape))}")
    steps = [sorted({*range(0, size - patch + 1, stride), size - patch}) for size in shape]
    return OccludedExamples(
        example, filling(example, fill, axes, patch, grey), tuple(itertools.product(*steps)), (patch,) * axes
    )


def filling(example: np.ndarray, fill: str, axes: int, width: int, grey: float | None = None) -> np.ndarray:
    """What the windows show, in the shape of the example."""
    if fill not in FILLS:
        raise DataError(f"fill: expected {', '.join(FILLS)}, found '{fill}'")
    if fill == "grey":
        usual = 128 if example.dtype == np.uint8 else 0
        return np.full_like(example, usual if grey is None else grey)
    if grey is not None:
        raise DataError(f"fill: '{fill}' is for pixels and measured numbers; here say grey")
    if not np.issubdtype(example.dtype, np.number):
        raise DataError(f"fill: '{fill}' is for numbers; for {example.dtype} say grey")
    if fill == "mean":
        values = example.mean(tuple(range(axes)), keepdims=True, dtype=np.float64) + np.zeros(example.shape)
    else:
        values = blurred(example, axes, width)
    return (np.rint(values) if np.issubdtype(example.dtype, np.integer) else values).astype(example.dtype)


def blurred(example: np.ndarray, axes: int, width: int) -> np.ndarray:
    """Each position replaced by the mean of those around it, twice, along the first axes."""
    values = example.astype(np.float64)
    for axis in [*range(axes)] * 2:
        values = _running_mean(values, axis, width)
    return values


def spread(falls: np.ndarray, covered: OccludedExamples, shape: tuple[int, ...]) -> np.ndarray:
    """At each position the mean of what the windows over it did."""
    total, count = np.zeros(shape, np.float64), np.zeros(shape, np.float64)
    for corner, fall in zip(covered.corners, falls, strict=True):
        here = _slices(corner, covered.window)
        total[here] += fall
        count[here] += 1
    return (total / np.maximum(count, 1)).astype(np.float32)


def _slices(corner: tuple[int, ...], window: tuple[int, ...]) -> tuple[slice, ...]:
    return tuple(slice(start, start + size) for start, size in zip(corner, window, strict=True))


def _running_mean(values: np.ndarray, axis: int, width: int) -> np.ndarray:
    half = max(1, width // 2)
    padding = [(half + 1, half) if each == axis else (0, 0) for each in range(values.ndim)]
    sums = np.cumsum(np.pad(values, padding, mode="edge"), axis=axis)
    span = 2 * half + 1
    size = values.shape[axis]
    upper = np.take(sums, np.arange(span, span + size), axis)
    return (upper - np.take(sums, np.arange(size), axis)) / span
