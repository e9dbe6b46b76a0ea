"""Scores of a test split, from arrays alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tlkit.evaluation import numeric, several_labels, single_label

_MEASURES = {"label": single_label.measure, "labels": several_labels.measure, "number": numeric.measure}


@dataclass(frozen=True)
class Scores:
    """Flat metrics, a row per class, the confusion matrix where there is one, and notes on what was left out."""

    metrics: dict[str, float]
    per_class: list[dict[str, Any]] = field(default_factory=list)
    confusion: np.ndarray | None = None  # (true, predicted)
    notes: tuple[str, ...] = ()


def score(task: str, targets: np.ndarray, outputs: np.ndarray, class_names: Sequence[str] = ()) -> Scores:
    """Scores of outputs for the tasks label (probabilities), labels (sigmoids) and number.

    Example:
        >>> score("label", np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]), ["cat", "dog"]).metrics["accuracy"]
        1.0
    """
    if task not in _MEASURES:
        raise ValueError(f"task: expected one of {', '.join(_MEASURES)}, received {task!r}")
    targets, outputs = np.asarray(targets), np.asarray(outputs, dtype=np.float64)
    _check(targets, outputs)
    return Scores(**_MEASURES[task](targets, outputs, class_names))


def _check(targets: np.ndarray, outputs: np.ndarray) -> None:
    """As many of one as of the other, at least one, all finite."""
    if len(targets) != len(outputs) or len(targets) == 0:
        counts = f"received {len(targets)} and {len(outputs)}"
        raise ValueError(f"expected as many targets as outputs and at least one, {counts}")
    for name, values in (("targets", targets), ("outputs", outputs)):
        if count := np.count_nonzero(~np.isfinite(values)):
            raise ValueError(f"{name}: {count} of {values.size} values are NaN or infinite")
