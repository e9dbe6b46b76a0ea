"""Which examples to label next: those that a model is unsure of and that are unlike each other."""

from __future__ import annotations

import numpy as np


def next_labels(features: np.ndarray, probabilities: np.ndarray, count: int, *, seed: int = 7) -> np.ndarray:
    """Indices of so many examples, drawn one after another.

    An example stands for the gradient that it would give, were its likeliest class true: long where the model is
    unsure, another where the features are. Each is drawn the likelier, the farther it lies from those drawn before, and
    from no gradient at all.

    Reference: Ash et al., 2020 (BADGE), whose draws have no such last clause.

    Example:
        >>> sure, unsure = [0.99, 0.01], [0.5, 0.5]
        >>> next_labels(np.array([[1.0], [2.0], [9.0]]), np.array([sure, sure, unsure]), 1).tolist()
        [2]
    """
    rng = np.random.default_rng(seed)
    errors = probabilities - np.eye(probabilities.shape[1])[probabilities.argmax(axis=1)]
    centred = features.astype(np.float64) - features.mean(axis=0)
    squares = (errors**2).sum(axis=1) * (centred**2).sum(axis=1)
    chosen: list[int] = []
    away = squares.copy()  # from nothing, as which what the model is sure of counts
    for _ in range(min(count, len(features))):
        chosen.append(_drawn(away, rng))
        shared = (centred @ centred[chosen[-1]]) * (errors @ errors[chosen[-1]])
        away = np.minimum(away, np.maximum(squares + squares[chosen[-1]] - 2 * shared, 0.0))
        away[chosen] = -1.0
    return np.array(chosen, int)


def _drawn(away: np.ndarray, rng: np.random.Generator) -> int:
    """One of those that are left, by their squared distances; any of them where all lie on what is chosen."""
    left = np.flatnonzero(away >= 0)
    shares = away[left] / away[left].sum() if away[left].sum() > 0 else None
    return int(rng.choice(left, p=shares))
