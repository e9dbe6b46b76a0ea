"""Scores of the task "number"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tlkit.evaluation.intervals import bootstrap


def measure(targets: np.ndarray, outputs: np.ndarray, class_names: Sequence[str] = ()) -> dict[str, Any]:
    """Metrics and notes of numbers (n,) against numbers (n,); a trailing dimension of 1 is dropped."""
    targets, outputs = _flat("targets", targets), _flat("outputs", outputs)
    errors = outputs - targets
    metrics = {"loss": _mean_square(errors), **_with_interval("mae", _mean_size, errors)}
    metrics |= _with_interval("rmse", _root_mean_square, errors)
    spread = _mean_square(targets - targets.mean())
    if spread == 0:
        return {"metrics": metrics, "notes": ("r2 is left out: all targets are the same",)}
    return {"metrics": metrics | {"r2": 1 - metrics["loss"] / spread}}


def _with_interval(name: str, statistic, errors: np.ndarray) -> dict[str, float]:
    low, high = bootstrap(statistic, errors)
    return {name: statistic(errors), f"{name}_low": low, f"{name}_high": high}


def _mean_size(errors: np.ndarray) -> float:
    return float(np.abs(errors).mean())


def _mean_square(errors: np.ndarray) -> float:
    return float(np.square(errors).mean())


def _root_mean_square(errors: np.ndarray) -> float:
    return float(np.sqrt(_mean_square(errors)))


def _flat(name: str, values: np.ndarray) -> np.ndarray:
    if values.size != len(values):
        raise ValueError(f"{name}: expected one number an example, received shape {values.shape}")
    return values.reshape(-1).astype(np.float64)
