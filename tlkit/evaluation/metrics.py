"""Scores of a test split, from arrays alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Scores:
    """Flat metrics, a row per class, the confusion matrix where there is one, and notes on what was left out."""

    metrics: dict[str, float]
    per_class: list[dict[str, Any]] = field(default_factory=list)
    confusion: np.ndarray | None = None  # (true, predicted)
    notes: tuple[str, ...] = ()
