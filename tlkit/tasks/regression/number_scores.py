"""Scores of the task "number": of one number an example, or of several, each in its own units and all together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tlkit.evaluation.intervals import bootstrap
from tlkit.evaluation.metrics import Measures, NumberRow

Statistic = Callable[[np.ndarray], float]


def measure(
    targets: np.ndarray, outputs: np.ndarray, class_names: Sequence[str] = (), deviations: Sequence[float] = ()
) -> Measures:
    """Metrics and notes of numbers (n,) or (n, k) against such numbers; a trailing dimension of 1 is dropped.

    Of several numbers, what is told of all is the mean over them, each in its deviations: those of the training
    examples, or where these are not known, of the targets.
    """
    if targets.ndim == 2 and targets.shape[1] > 1:
        return _of_several(targets, outputs, class_names, deviations)
    targets, outputs = _flat("targets", targets), _flat("outputs", outputs)
    errors = outputs - targets
    metrics = {"loss": _mean_square(errors), **_with_interval("mae", _mean_size, errors)}
    metrics |= _with_interval("rmse", _root_mean_square, errors)
    if (score := _r2(targets, errors)) is None:
        return {"metrics": metrics, "notes": ("r2 is left out: all targets are the same",)}
    return {"metrics": metrics | {"r2": score}}


def deviations_of(targets: np.ndarray) -> np.ndarray:
    """The deviation of each number; 1 where it never changes."""
    found = np.asarray(targets).std(axis=0, dtype=np.float64 if targets.ndim == 2 else None)
    return np.where(np.ptp(targets, axis=0) > 0, found, 1.0)


def _of_several(
    targets: np.ndarray, outputs: np.ndarray, names: Sequence[str], deviations: Sequence[float]
) -> Measures:
    if outputs.shape != targets.shape or len(names) != targets.shape[1]:
        shapes = f"received {targets.shape}, {outputs.shape} and {len(names)} names"
        raise ValueError(f"expected targets and outputs (n, numbers) and a name for each number; {shapes}")
    targets = targets.astype(np.float64)
    errors = outputs - targets
    scaled = errors / (np.asarray(deviations) if len(deviations) else deviations_of(targets))
    rows = [_row(name, *pair) for name, *pair in zip(names, targets.T, errors.T, strict=True)]
    constant = [row["number"] for row in rows if row["r2"] is None]
    known = "training examples" if len(deviations) else "targets"
    notes = [f"loss, mae and rmse are means over the numbers, each in standard deviations of its {known}"]
    notes += [f"r2 leaves out {', '.join(constant)}: all targets are the same"] if constant else []
    return {"metrics": _metrics(scaled, rows), "per_number": rows, "notes": tuple(notes)}


def _metrics(scaled: np.ndarray, rows: Sequence[NumberRow]) -> dict[str, float]:
    known = [row["r2"] for row in rows if row["r2"] is not None]
    return {
        "loss": _mean_square(scaled),
        **_with_interval("mae", _mean_size, scaled),
        **_with_interval("rmse", _root_mean_square, scaled),
        **({"r2": float(np.mean(known))} if known else {}),
        **{
            f"{key}/{row['number']}": value
            for row in rows
            for key in ("mae", "rmse", "r2")
            if (value := row[key]) is not None
        },
    }


def _row(name: str, targets: np.ndarray, errors: np.ndarray) -> NumberRow:
    return {"number": name, "mae": _mean_size(errors), "rmse": _root_mean_square(errors), "r2": _r2(targets, errors)}


def _with_interval(name: str, statistic: Statistic, errors: np.ndarray) -> dict[str, float]:
    low, high = bootstrap(statistic, errors)
    return {name: statistic(errors), f"{name}_low": low, f"{name}_high": high}


def _mean_size(errors: np.ndarray) -> float:
    return float(np.abs(errors).mean())


def _mean_square(errors: np.ndarray) -> float:
    return float(np.square(errors).mean())


def _root_mean_square(errors: np.ndarray) -> float:
    """Of several numbers the mean of each one's."""
    return float(np.sqrt(np.square(errors).mean(axis=0)).mean())


def _r2(targets: np.ndarray, errors: np.ndarray) -> float | None:
    if not np.ptp(targets):  # whose mean may be another number, by rounding
        return None
    return 1 - _mean_square(errors) / _mean_square(targets - targets.mean())


def _flat(name: str, values: np.ndarray) -> np.ndarray:
    if values.size != len(values):
        raise ValueError(f"{name}: expected one number an example, received shape {values.shape}")
    return values.reshape(-1).astype(np.float64)
