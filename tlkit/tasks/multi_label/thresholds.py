"""From which probability on a label is predicted: chosen class by class on the validation part, by F1.

How many examples it takes was chosen on mosaics of Fashion-MNIST (`bench/thresholds.py` draws them), 75 of them for
validation; what macro F1 on others gained over 0.5 with thresholds for classes of at least so many, the mean of 8 draws
with a standard error of 0.012 (0.006 in the last two):

    at least      1       3       5      10      20
    gain       +0.038  +0.033  +0.028  +0.012  +0.001

Of one or two examples any cut above the other outputs has an F1 of 1, which says nothing: 3 it is.
"""

from __future__ import annotations

import numpy as np

DEFAULT = 0.5
LEAST = 3  # validation examples with a label, and as many without it, that it takes to choose a threshold


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
