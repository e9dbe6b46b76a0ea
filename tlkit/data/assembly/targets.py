"""Labels as a model learns them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def encode_targets(labels: Iterable[object], class_names, task: str) -> np.ndarray:
    """Labels as the model learns them: class numbers, rows of 0 and 1, or float values."""
    if task == "number":
        return np.asarray(list(labels), np.float32)
    places = {name: index for index, name in enumerate(class_names)}
    if task == "label":
        return np.asarray([places[str(label)] for label in labels], np.int64)
    rows = list(labels)
    targets = np.zeros((len(rows), len(places)), np.float32)
    for row, names in enumerate(rows):
        targets[row, [places[str(name)] for name in names]] = 1.0  # type: ignore[attr-defined]
    return targets
