"""What a model knows of the columns beside its input: their scale, their width, and how they read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Kinds = Mapping[str, Sequence[str] | None]  # column -> its words; None for one of numbers


def scales(beside: np.ndarray | None) -> tuple[tuple[float, float], ...]:
    """Mean and deviation of each column, of what is known of the training part.

    Example:
        >>> scales(np.array([[1.0], [3.0], [np.nan]]))
        ((2.0, 1.0),)
    """
    if beside is None:
        return ()
    known = np.isfinite(beside)
    values, count = np.where(known, beside, 0).astype(np.float64), np.maximum(known.sum(0), 1)
    means = values.sum(0) / count
    spread = np.sqrt((np.where(known, values - means, 0) ** 2).sum(0) / count)
    return tuple(zip(means.tolist(), divisors(means, spread).tolist(), strict=True))


def divisors(means: np.ndarray, deviations: np.ndarray) -> np.ndarray:
    """What columns are divided by: their deviation, or 1 where that is no more than the rounding of float32.

    Example:
        >>> divisors(np.array([0.0, 5.0]), np.array([1e-12, 1e-12])).tolist()
        [1e-12, 1.0]
    """
    rounding = np.finfo(np.float32)
    return np.where(deviations > np.maximum(rounding.eps * np.abs(means), rounding.tiny), deviations, 1.0)


def width_of(kinds: Kinds) -> int:
    """How many numbers the model takes for these columns.

    Example:
        >>> width_of({"age": None, "sex": ["female", "male"]})
        3
    """
    return sum(1 if words is None else len(words) for words in kinds.values())


def told(row: np.ndarray, kinds: Kinds) -> dict[str, Any]:
    """A row of numbers as the table had it, None where nothing was said.

    Example:
        >>> told(np.array([34.0, 0.0, 1.0]), {"age": None, "sex": ["female", "male"]})
        {'age': 34.0, 'sex': 'male'}
    """
    widths = [1 if words is None else len(words) for words in kinds.values()]
    found = {}
    for (name, words), block in zip(kinds.items(), np.split(row, np.cumsum(widths)[:-1]), strict=True):
        value = float(block[0]) if words is None else words[int(block.argmax())]
        found[name] = None if np.isnan(block[0]) else value
    return found
