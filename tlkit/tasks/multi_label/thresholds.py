"""From which probability on a label is predicted: chosen class by class on the validation part, by F1."""

from __future__ import annotations

import numpy as np

DEFAULT = 0.5
LEAST = 10  # validation examples with a label, and as many without it, that it takes to choose a threshold


def chosen_thresholds(targets: np.ndarray, outputs: np.ndarray) -> tuple[float, ...]:
    """The threshold of each class (n, classes) with the best F1; 0.5 where examples are too few to choose one."""
    return tuple(_chosen(*pair) for pair in zip(targets.T, outputs.T, strict=True))


def can_choose(targets: np.ndarray) -> bool:
    """Whether a class (n,) has examples enough on either side."""
    positive = int(np.count_nonzero(targets))
    return min(positive, len(targets) - positive) >= LEAST


def _chosen(targets: np.ndarray, outputs: np.ndarray) -> float:
    """Halfway between the two outputs that the best cut parts, so that rounding moves no example over it."""
    if not can_choose(targets):
        return DEFAULT
    from sklearn.metrics import precision_recall_curve  # a second to import, and no answer needs it

    precision, recall, cuts = precision_recall_curve(targets, outputs)
    f1 = 2 * precision[:-1] * recall[:-1] / np.maximum(precision[:-1] + recall[:-1], 1e-12)
    below = np.append(0.0, cuts[:-1])
    middles = (below + cuts) / 2
    best = np.flatnonzero(f1 >= f1.max() - 1e-12)
    return float(f"{middles[best[np.abs(middles[best] - DEFAULT).argmin()]]:.6g}")
