"""Scores of a test split, from arrays alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Scores:
    """Flat metrics, a row per class or number, the confusion matrix where there is one, and notes on what these are."""

    metrics: dict[str, float]
    per_class: list[dict[str, Any]] = field(default_factory=list)
    per_number: list[dict[str, Any]] = field(default_factory=list)  # where there are several
    confusion: np.ndarray | None = None  # (true, predicted)
    notes: tuple[str, ...] = ()
    headline: tuple[str, str] | None = None  # the metric to be told first, and its name in words

    @property
    def overall(self) -> dict[str, float]:
        """The metrics that are not of one number among several, which are named as `mae/x`."""
        own = {f"/{row['number']}" for row in self.per_number}
        return {key: value for key, value in self.metrics.items() if not any(key.endswith(each) for each in own)}
