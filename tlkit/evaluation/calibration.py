"""Whether a model is right as often as its probabilities say."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class ConfidenceBins(NamedTuple):
    """Examples by their confidence: each bin's upper edge, count, mean confidence and accuracy (0 where empty)."""

    edges: np.ndarray
    counts: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray

    @property
    def error(self) -> float:
        """Expected calibration error: the mean gap between confidence and accuracy.

        Reference: Guo et al., 2017.
        """
        return float(np.average(np.abs(self.confidence - self.accuracy), weights=self.counts))


def bin_confidence(targets: np.ndarray, outputs: np.ndarray, *, count: int = 15) -> ConfidenceBins:
    """Examples (n,) with probabilities (n, k) in `count` bins of equal width by the probability of the answer.

    Example:
        >>> bin_confidence(np.array([0, 1]), np.array([[0.8, 0.2], [0.8, 0.2]]), count=2).accuracy
        array([0. , 0.5])
    """
    confidence = np.clip(outputs.max(axis=1), 0.0, 1.0)
    right = outputs.argmax(axis=1) == targets
    edges = np.arange(1, count + 1) / count
    index = np.minimum(np.searchsorted(edges, confidence), count - 1)  # a bin holds its upper edge
    counts = np.bincount(index, minlength=count)
    sums = (np.bincount(index, weights=values, minlength=count) for values in (confidence, right))
    return ConfidenceBins(edges, counts, *(each / np.maximum(counts, 1) for each in sums))
