"""Accuracy on classes with many, some and few training examples, where their numbers differ much.

Reference: Liu et al., "Large-scale long-tailed recognition in an open world", 2019, for the bounds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tlkit.evaluation.metrics import Scores

_BOUNDS = {"many": (101, math.inf), "medium": (20, 100), "few": (0, 19)}  # training examples of a class
_UNEVEN = 10  # times as many of the largest class as of the smallest
_NOTE = (
    "many-, medium- and few-shot accuracy: the mean recall of classes with more than 100, 20 to 100 and fewer than 20 "
    "training examples"
)


def with_shots(scores: Scores, train_counts: Mapping[str, int]) -> Scores:
    """The scores with a mean recall for each group of classes that there is, for classes of very different size."""
    even = not train_counts or max(train_counts.values()) < _UNEVEN * max(1, min(train_counts.values()))
    if scores.confusion is None or even:
        return scores
    return replace(scores, metrics={**scores.metrics, **_shots(scores, train_counts)}, notes=(*scores.notes, _NOTE))


def _shots(scores: Scores, train_counts: Mapping[str, int]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, (low, high) in _BOUNDS.items():
        rows = [row for row in scores.per_class if low <= train_counts[row["class"]] <= high]
        if recalls := [row["recall"] for row in rows if row["recall"] is not None]:
            found[f"{name}_shot_accuracy"] = float(np.mean(recalls))
    return found
