"""Many signals in one file of arrays: .npy and .npz."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from tlkit.data.single_precision import in_float32
from tlkit.errors import DataError
from tlkit.kinds.signal.signal_rows import Signal

ARRAYS = frozenset({".npy", ".npz"})
_INPUTS, _LABELS = ("x", "inputs", "signals", "data"), ("y", "labels", "targets")


def array_rows(path: Path, arrays: Mapping[str, np.ndarray], *, labelled: bool = True) -> list[Signal]:
    """Every row of arrays named x and y, or x_train, y_train, x_test, …, as a signal."""
    given = {name.lower(): (name, array) for name, array in arrays.items()}
    found: list[Signal] = []
    for part in ("", "_train", "_val", "_test"):
        inputs = next((given[name + part] for name in _INPUTS if name + part in given), None)
        labels = next((given[name + part][1] for name in _LABELS if name + part in given), None)
        if inputs is not None:
            found += _array_part(path, *inputs, labels, part.strip("_") or None, labelled=labelled)
    if not found:
        raise DataError(f"{path}: expected arrays x and y (or x_train, y_train, x_test, y_test), "
                        f"found {', '.join(arrays) or 'none'}")  # fmt: skip
    return found


def _array_part(
    path: Path, name: str, inputs: np.ndarray, labels: np.ndarray | None, part: str | None, *, labelled: bool
) -> Iterator[Signal]:
    inputs = inputs[..., None] if inputs.ndim == 2 else inputs
    if inputs.ndim != 3 or inputs.dtype.kind not in "fiub" or not inputs.size:
        raise DataError(f"{path}: {name}: expected numbers (examples, time) or (examples, time, channels), "
                        f"found {inputs.dtype} {inputs.shape}")  # fmt: skip
    labels = labels if labels is None else _one_each(labels)
    if labelled and (labels is None or labels.shape != (len(inputs),)):
        there = "none" if labels is None else " x ".join(map(str, labels.shape)) or "a single one"
        raise DataError(f"{path}: {name}: expected a label for each of {len(inputs)} signals, found {there}")
    for index, values in enumerate(in_float32(inputs)):
        problem = "" if np.isfinite(values).all() else "holds NaN, infinite values or such as float32 cannot hold"
        label = labels[index] if labels is not None and index < len(labels) else None
        yield Signal(f"{path}:{name}[{index}]", values, label, part, problem)


def _one_each(labels: np.ndarray) -> np.ndarray:
    """Labels (n,) where they stand in one column (n, 1); others as they came."""
    return labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
