"""How nearly a layer's maps move with the input: 1 where they are the same maps, moved."""

from __future__ import annotations

import keras
import numpy as np

from tlkit.interpretation.methods.invariance import InvarianceCurve, moved
from tlkit.model.anatomy import find_nested_layer, forward, last_map, up_to


def follow_shift(
    model: keras.Model, example: np.ndarray, layer: str | None = None, *, axis: int | None = None
) -> InvarianceCurve:
    """The likeness (cosine) between a layer's maps of the moved input and its moved maps, shift by shift.

    Fractions of a map's position are interpolated; the outer quarter, where other things come in, is left out.
    """
    nested = find_nested_layer(model, layer) if layer else last_map(model)
    axis = (1 if example.ndim > 2 else 0) if axis is None else axis
    size = example.shape[axis]
    shifts = np.unique(np.rint(np.linspace(0, size / 8, 15)).astype(int))
    inputs = np.stack([moved(example, int(each), axis) for each in shifts])
    maps = forward(up_to(model, nested), inputs)
    step = size / maps.shape[axis + 1]
    found = [_likeness(maps[0], maps[index], shift / step, axis) for index, shift in enumerate(shifts)]
    return InvarianceCurve(nested.layer.name, shifts.astype(float), np.array(found, np.float32), 0.0)


def _likeness(still: np.ndarray, after: np.ndarray, by: float, axis: int) -> float:
    at = np.arange(still.shape[axis]) - by
    low = np.floor(at).astype(int)
    share = (at - low).reshape([-1 if each == axis else 1 for each in range(still.ndim)]).astype(np.float32)
    last = still.shape[axis] - 1
    wanted = (
        np.take(still, low.clip(0, last), axis) * (1 - share) + np.take(still, (low + 1).clip(0, last), axis) * share
    )
    margin = max(round(still.shape[axis] / 4), 1) if still.shape[axis] > 3 else 0
    inside = [slice(None)] * still.ndim
    inside[axis] = slice(margin, still.shape[axis] - margin)
    one, other = wanted[tuple(inside)].ravel(), after[tuple(inside)].ravel()
    return float(one @ other / max(np.linalg.norm(one) * np.linalg.norm(other), 1e-12))
