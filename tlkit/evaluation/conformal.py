"""Sets of possible classes that hold the true one as often as asked, by examples that were held out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tlkit.errors import DataError

LEAST, MOST = 50, 99  # percent of examples whose set is to hold their class


def set_limits(targets: np.ndarray, outputs: np.ndarray) -> list[float]:
    """For 50, 51 … 99 %: the probability from which on a class is in the set, as far as there are examples enough.

    Targets are class numbers (n,), outputs probabilities (n, k). Such a set holds the class of a new example at least
    as often as asked for, whatever the model, where it comes from the same source.

    Reference: Sadinle et al., 2019, "Least Ambiguous Set-Valued Classifiers with Bounded Error Levels".

    Example:
        >>> outputs = np.linspace(0.505, 0.995, 50)
        >>> set_limits(np.zeros(50, int), np.stack([outputs, 1 - outputs], axis=1))[40]  # 90 %
        0.545
    """
    true = np.sort(outputs[np.arange(len(targets)), targets])[::-1]
    ranks = (math.ceil((len(true) + 1) * percent / 100) for percent in range(LEAST, MOST + 1))
    return [round(float(true[rank - 1]), 6) for rank in ranks if rank <= len(true)]


def limit_for(share: float, limits: Sequence[float]) -> float:
    """The limit that stands for at least this share.

    Example:
        >>> limit_for(0.505, [0.9, 0.8])
        0.8
    """
    percent = math.ceil(round(100 * share, 6))
    if not LEAST <= percent <= MOST:
        raise DataError(f"--sets: expected a share from {LEAST / 100} to {MOST / 100}, received {share:g}")
    if not limits:
        raise DataError(
            "--sets: the model file has no limits for sets: it answers other things than one of some classes, had too "
            "few examples to be validated by, or was written by an older tlkit (then run its recipe again)"
        )
    if percent - LEAST >= len(limits):
        most = (LEAST + len(limits) - 1) / 100
        raise DataError(
            f"--sets: {share:g} asks for more held-out examples than this run had; up to {most:g} it can say"
        )
    return limits[percent - LEAST]


def possible_classes(outputs: np.ndarray, limit: float) -> np.ndarray:
    """A flag for each class of each row (n, k): whether it is in the set, in which the likeliest always is.

    Example:
        >>> possible_classes(np.array([[0.5, 0.4, 0.1]]), 0.3).tolist()
        [[True, True, False]]
    """
    return np.asarray((outputs >= limit) | (outputs == outputs.max(axis=-1, keepdims=True)))
