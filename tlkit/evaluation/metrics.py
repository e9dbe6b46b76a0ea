"""Scores of a test split, from arrays alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NotRequired, TypedDict

import numpy as np

Rated = float | None  # None where there are no examples to tell by
ClassRow = TypedDict(
    "ClassRow",
    {
        "class": str, "precision": Rated, "recall": Rated, "f1": Rated, "roc_auc": Rated, "support": int,
        "accuracy": NotRequired[float], "threshold": NotRequired[float],
    },
)  # fmt: skip


class NumberRow(TypedDict):
    """The scores of one number among several; without a r2 all its targets are the same."""

    number: str
    mae: float
    rmse: float
    r2: float | None


class Measures(TypedDict):
    """What a task makes of outputs; the fields of `Scores` of the same names."""

    metrics: dict[str, float]
    per_class: NotRequired[list[ClassRow]]
    per_number: NotRequired[list[NumberRow]]
    confusion: NotRequired[np.ndarray]
    notes: NotRequired[tuple[str, ...]]


@dataclass(frozen=True)
class Scores:
    """Flat metrics, a row per class or number, the confusion matrix where there is one, and notes on what these are."""

    metrics: dict[str, float]
    per_class: list[ClassRow] = field(default_factory=list)
    per_number: list[NumberRow] = field(default_factory=list)  # where there are several
    confusion: np.ndarray | None = None  # (true, predicted)
    notes: tuple[str, ...] = ()
    headline: tuple[str, str] | None = None  # the metric to be told first, and its name in words

    @property
    def overall(self) -> dict[str, float]:
        """The metrics that are not of one number among several, which are named as `mae/x`."""
        own = {f"/{row['number']}" for row in self.per_number}
        return {key: value for key, value in self.metrics.items() if not any(key.endswith(each) for each in own)}
