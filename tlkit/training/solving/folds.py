"""The folds by which the penalty of a head that is solved is chosen."""

from __future__ import annotations

import numpy as np

from tlkit.data.assembly.assignment import assign_folds, fold_numbers
from tlkit.data.splits import Examples
from tlkit.tasks.task import Task

_FOLDS = 5


def solving_folds(examples: Examples, task: Task, seed: int) -> np.ndarray:
    """A fold for each example: equal keys share one, and each class is in all where it has keys enough."""
    classes = task.strata(examples.targets.tolist())
    pairs = {*zip(classes if classes is not None else [None] * len(examples), examples.keys, strict=True)}
    fewest = min(np.unique([str(name) for name, _ in pairs], return_counts=True)[1])
    if fewest < 2:
        return fold_numbers(examples.keys, _FOLDS, seed=seed)
    return assign_folds(examples.keys, classes, min(_FOLDS, int(fewest)), seed=seed)
