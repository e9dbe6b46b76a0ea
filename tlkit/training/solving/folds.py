"""The folds by which the penalty of a head that is solved is chosen."""

from __future__ import annotations

import contextlib
import statistics
from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np

from tlkit.data.assembly.assignment import assign_folds
from tlkit.data.assembly.fold_splits import rare_joined
from tlkit.data.splits import Examples
from tlkit.errors import DataError
from tlkit.tasks.task import Task

_FOLDS = 5


def solving_folds(examples: Examples, task: Task, seed: int) -> np.ndarray:
    """A fold for each example: equal keys share one, and each class is in all, unless it is far rarer than most.

    There are five, fewer where groups mix the classes so that not every fold can have each; where not even two can, a
    fold may lack one.
    """
    classes = task.strata(examples.targets.tolist())
    usual = int(statistics.median(_counts(examples.keys, classes)))
    classes = rare_joined(examples.keys, classes, min(_FOLDS, max(2, usual)))
    most = min(_FOLDS, *_counts(examples.keys, classes))
    for count in range(most, 1, -1):
        with contextlib.suppress(DataError):
            return assign_folds(examples.keys, classes, count, seed=seed)
    return assign_folds(examples.keys, None, most, seed=seed)


def _counts(keys: Sequence[str], classes: Sequence[Hashable] | None) -> list[int]:
    """Different keys of each class."""
    pairs = {*zip(classes if classes is not None else [None] * len(keys), keys, strict=True)}
    return list(Counter(name for name, _ in pairs).values())
