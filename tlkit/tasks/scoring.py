"""Answers on examples whose truth is known: their scores, and a table of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tlkit.errors import ModelError
from tlkit.evaluation.metrics import Scores
from tlkit.tasks.task import Task, task_of


class OutputsError(ModelError, ValueError):
    """A model's answers that are no numbers."""


def score(task: str | Task, targets: np.ndarray, outputs: np.ndarray, class_names: Sequence[str] = ()) -> Scores:
    """Scores of outputs for the tasks label (probabilities), labels (sigmoids) and number.

    A task's name stands for one that has learned nothing: 0.5 is then the threshold of every label.

    Example:
        >>> score("label", np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]), ["cat", "dog"]).metrics["accuracy"]
        1.0
    """
    asked = task_of(task) if isinstance(task, str) else task
    targets, outputs = np.asarray(targets), np.asarray(outputs, dtype=np.float64)
    _check(targets, outputs)
    return Scores(**asked.measure(targets, outputs, class_names), headline=asked.headline)


def table(
    names: Sequence[str],
    ids: Sequence[str],
    targets: np.ndarray | None,
    outputs: np.ndarray,
    class_names: Sequence[str],
    task: str | Task,
) -> pd.DataFrame:
    """One row an example: name, id, truth, prediction, and the probabilities of up to 100 classes.

    Without targets nothing is said of the truth.

    Example:
        >>> table(["a.jpg"], ["f00"], np.array([1]), np.array([[0.2, 0.8]]), ["cat", "dog"], "label").predicted[0]
        'dog'
    """
    asked = task_of(task) if isinstance(task, str) else task
    columns = asked.columns(targets, np.asarray(outputs), np.asarray(class_names, object))
    known = {key: values for key, values in columns.items() if values is not None}
    return pd.DataFrame({"example": list(names), "id": list(ids), **known})


def _check(targets: np.ndarray, outputs: np.ndarray) -> None:
    """As many of one as of the other, at least one, all finite."""
    if len(targets) != len(outputs) or len(targets) == 0:
        counts = f"received {len(targets)} and {len(outputs)}"
        raise ValueError(f"expected as many targets as outputs and at least one, {counts}")
    if wrong := _not_finite(targets):
        raise ValueError(f"targets: {wrong}")
    if wrong := _not_finite(outputs):
        mend = "Lower train.learning_rate or set train.optimizer.clip_norm, and train the model again"
        raise OutputsError(f"outputs: {wrong}. {mend}")


def _not_finite(values: np.ndarray) -> str:
    count = np.count_nonzero(~np.isfinite(values))
    return f"{count} of {values.size} values are NaN or infinite" if count else ""
