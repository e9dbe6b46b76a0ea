"""Which example goes where: a function of its content and the seed alone, so that old examples never move."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence

import numpy as np

from tlkit.errors import DataError

PARTS = ("train", "val", "test")


def assign(
    keys: Sequence[str], classes: Sequence[Hashable] | None, *, val: float, test: float, seed: int, where: str = "data"
) -> np.ndarray:
    """The part of each example: "train", "val" or "test".

    Equal keys (equal bytes, or one group) always go to the same part. Where `classes` are given, each class has at
    least one example in each part that is asked for.

    Example:
        >>> assign(["a", "b"], None, val=0.0, test=0.0, seed=1).tolist()
        ['train', 'train']
    """
    if val + test >= 1:
        raise DataError(f"{where}: val {val} and test {test} leave nothing for training; together keep them under 1")
    places = np.array([_place(key, seed) for key in keys])
    parts = np.where(places < test, "test", np.where(places < test + val, "val", "train")).astype("<U5")
    if classes is not None:
        wanted = [part for part, share in (("test", test), ("val", val)) if share > 0] + ["train"]
        for name in dict.fromkeys(classes):
            members = np.array([each == name for each in classes])
            _fill(parts, places, members, list(keys), wanted, f"{where}: class '{name}'")
    return parts


def _place(key: str, seed: int) -> float:
    digest = hashlib.blake2b(f"{seed}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _fill(parts, places, members, keys, wanted, where: str) -> None:
    """Give each wanted part that has none of a class the nearest key that another part can spare."""
    for part in wanted:
        if (parts[members] == part).any():
            continue
        spare = _spare_keys(parts, places, members, keys)
        if not spare:
            count = len({key for key, inside in zip(keys, members, strict=True) if inside})
            raise DataError(
                f"{where}: expected at least {len(wanted)} different examples to split into "
                f"{', '.join(sorted(wanted))}, found {count}. Add examples or leave the class out"
            )
        parts[[key == spare[0] for key in keys]] = part


def _spare_keys(parts, places, members, keys) -> list[str]:
    """Keys of a class that can leave their part without emptying it there, lowest place first."""
    found = []
    for part in PARTS:
        inside = sorted({(places[i], keys[i]) for i in np.flatnonzero(members & (parts == part))})
        found += inside if len(inside) > 1 else []
    return [key for _, key in sorted(found)]
