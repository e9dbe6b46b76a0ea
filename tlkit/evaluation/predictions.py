"""Every test example with what was said of it, as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tlkit.evaluation.several_labels import THRESHOLD

_MOST_COLUMNS = 100


def table(
    names: Sequence[str],
    ids: Sequence[str],
    targets: np.ndarray | None,
    outputs: np.ndarray,
    class_names: Sequence[str],
    task: str,
) -> pd.DataFrame:
    """One row an example: name, id, truth, prediction, and the probabilities of up to 100 classes.

    Without targets nothing is said of the truth.

    Example:
        >>> table(["a.jpg"], ["f00"], np.array([1]), np.array([[0.2, 0.8]]), ["cat", "dog"], "label").predicted[0]
        'dog'
    """
    if task not in _COLUMNS:
        raise ValueError(f"task: expected one of {', '.join(_COLUMNS)}, received {task!r}")
    columns = _COLUMNS[task](targets, np.asarray(outputs), np.asarray(class_names, object))
    known = {key: values for key, values in columns.items() if values is not None}
    return pd.DataFrame({"example": list(names), "id": list(ids), **known})


def _label(targets: np.ndarray | None, outputs: np.ndarray, classes: np.ndarray) -> dict:
    best = outputs.argmax(1)
    return {
        "true": None if targets is None else classes[targets],
        "predicted": classes[best],
        "probability": outputs.max(1),
        "correct": None if targets is None else best == targets,
        **_probabilities(outputs, classes),
    }


def _labels(targets: np.ndarray | None, outputs: np.ndarray, classes: np.ndarray) -> dict:
    """The probability is that of the whole set of labels, taken as independent of each other."""
    said, true = outputs >= THRESHOLD, None if targets is None else targets >= THRESHOLD
    return {
        "true": None if true is None else _listed(true, classes),
        "predicted": _listed(said, classes),
        "probability": np.where(said, outputs, 1 - outputs).prod(1),
        "correct": None if true is None else (said == true).all(1),
        **_probabilities(outputs, classes),
    }


def _number(targets: np.ndarray | None, outputs: np.ndarray, classes: np.ndarray) -> dict:
    said, true = outputs.reshape(-1), None if targets is None else targets.reshape(-1)
    return {"true": true, "predicted": said, "error": None if true is None else said - true}


_COLUMNS = {"label": _label, "labels": _labels, "number": _number}


def _probabilities(outputs: np.ndarray, classes: np.ndarray) -> dict:
    if len(classes) > _MOST_COLUMNS:
        return {}
    return {f"p_{name}": outputs[:, index].round(6) for index, name in enumerate(classes)}


def _listed(flags: np.ndarray, classes: np.ndarray) -> list[str]:
    return [", ".join(map(str, classes[row])) for row in flags]
