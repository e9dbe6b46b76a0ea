"""Where every source ends: examples side by side, put into parts."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

import numpy as np

from tlkit.data.assembly.assignment import PARTS, assign
from tlkit.data.splits import Examples, Info, Splits
from tlkit.errors import DataError


def assemble(
    whole: Examples,
    info: Info,
    *,
    given: Sequence[str | None] = (),
    strata: Sequence[Hashable] | None,
    settled: Collection[int] = (),
    val: float,
    test: float,
    seed: int,
    where: object,
) -> Splits:
    """Splits of examples, each in the part that is given for it, else where its key falls.

    Args:
        given: train, val, test or None for each example; a part that is lacking comes out of train.
        strata: what each example is, such as its class; every part gets its share of each.
        settled: indices of training examples that stay there whatever is lacking.

    Example:
        >>> assemble(whole, info, strata=None, val=0.15, test=0.15, seed=7, where="arrays").counts()  # doctest: +SKIP
        {'train': 70, 'val': 15, 'test': 15}
    """
    parts = np.array([each or "" for each in given] or [""] * len(whole), "<U5")
    told = bool(parts.any())
    shares = {"val": val, "test": test} | dict.fromkeys({"val", "test"} & {*parts.tolist()}, 0.0)
    loose = np.setdiff1d(np.flatnonzero(parts == ("train" if told else "")), list(settled))
    if told and not len(loose):
        listed = ", ".join(sorted({*parts.tolist()} - {""}))
        raise DataError(f"{where}: expected training examples, found none; all are given for {listed}")
    keys, chosen = [whole.keys[index] for index in loose], strata and [strata[index] for index in loose]
    parts[loose] = assign(keys, chosen, **shares, seed=seed, where=f"{where}/train" if told else str(where))
    learned, held_out, tested = (whole.take(np.flatnonzero(parts == part)) for part in PARTS)
    return Splits(learned, held_out, tested, info)
