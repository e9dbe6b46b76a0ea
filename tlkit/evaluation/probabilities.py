"""Rows of probabilities, each under the name of its class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_MOST_COLUMNS = 100


def probability_columns(outputs: np.ndarray, classes: np.ndarray) -> dict[str, np.ndarray]:
    """A column for each class, where a table can hold so many."""
    if len(classes) > _MOST_COLUMNS:
        return {}
    return {f"p_{name}": outputs[:, index].round(6) for index, name in enumerate(classes)}


def shares(outputs: np.ndarray, class_names: Sequence[str]) -> dict[str, float]:
    """The probabilities of one example by class."""
    return {name: round(float(value), 6) for name, value in zip(class_names, outputs, strict=True)}
