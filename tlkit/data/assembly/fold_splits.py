"""Splits for folds of examples: each fold once the part that is tested, validation out of the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from tlkit.data.assembly.assignment import assign, assign_folds
from tlkit.data.splits import Examples, Info, Splits


def fold_splits(
    whole: Examples, classes: Sequence[Hashable] | None, info: Info, folds: int, *, seed: int, val: float
) -> Iterator[Splits]:
    """One split for each fold; with `classes`, each class is in every part of every split."""
    numbers = assign_folds(whole.keys, classes, folds, seed=seed)
    for fold in range(folds):
        inside = np.flatnonzero(numbers != fold)
        rest, labels = whole.take(inside), None if classes is None else [classes[each] for each in inside.tolist()]
        parts = assign(rest.keys, labels, val=val, test=0.0, seed=seed + 1 + fold, where=f"fold {fold + 1}")
        train, held = (rest.take(np.flatnonzero(parts == part)) for part in ("train", "val"))
        yield Splits(train, held, whole.take(np.flatnonzero(numbers == fold)), info)


def rare_joined(keys: Sequence[str], classes: Sequence[Hashable] | None, fewest: int) -> list[Hashable] | None:
    """The classes, those of fewer than so many different keys counted as one with the largest.

    Example:
        >>> rare_joined(["1", "2", "3", "4"], ["a", "b", "a", "a"], 2)
        ['a', 'a', 'a', 'a']
    """
    if classes is None:
        return None
    counts = Counter(name for name, _ in {*zip(classes, keys, strict=True)})
    largest = max(counts, key=lambda name: counts[name])
    return [name if counts[name] >= fewest else largest for name in classes]
