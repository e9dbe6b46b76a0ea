"""The part of each example: as the layout gives it, and by its content where that leaves one out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tlkit.data.assembly.assignment import assign
from tlkit.data.assembly.class_folders import LabelledFile
from tlkit.errors import DataError


def parts_of(
    files: list[LabelledFile],
    keys: Sequence[str],
    strata: list[str] | None,
    *,
    val: float,
    test: float,
    seed: int,
    where: str,
) -> np.ndarray:
    """The part of each file: as the layout gives it, and by its key where that leaves one out."""
    given = np.array([each.part or "" for each in files])
    if not given.any():
        return assign(keys, strata, val=val, test=test, seed=seed, where=where)
    parts = given.astype("<U5")
    missing = {"val": val, "test": test} | dict.fromkeys(set(given.tolist()) & {"val", "test"}, 0.0)
    inside = np.flatnonzero(given == "train").tolist()
    if not inside:
        raise DataError(f"{where}: expected training examples, found none; all are given for {_listed(given)}")
    chosen = [strata[i] for i in inside] if strata else None
    parts[inside] = assign([keys[i] for i in inside], chosen, **missing, seed=seed, where=f"{where}/train")
    return parts


def _listed(given: np.ndarray) -> str:
    return ", ".join(sorted(set(given.tolist()) - {""}))
