"""Which example goes where: a function of its content and the seed alone, so that old examples never move."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence

import numpy as np

from tlkit.errors import DataError

PARTS = ("train", "val", "test")
_ROUNDS = 10


def assign(
    keys: Sequence[str], classes: Sequence[Hashable] | None, *, val: float, test: float, seed: int, where: str = "data"
) -> np.ndarray:
    """The part of each example: "train", "val" or "test".

    Equal keys (equal bytes, or one group) always go to the same part. Each class has at least one
    example in each part that is asked for; without `classes` all examples count as one.

    Example:
        >>> assign(["a", "b"], None, val=0.0, test=0.0, seed=1).tolist()
        ['train', 'train']
    """
    if val + test >= 1:
        raise DataError(f"{where}: val {val} and test {test} leave nothing for training; together keep them under 1")
    places = np.array([_place(key, seed) for key in keys])
    parts = np.where(places < test, "test", np.where(places < test + val, "val", "train")).astype("<U5")
    wanted = [part for part, share in (("test", test), ("val", val)) if share > 0] + ["train"]
    names = dict.fromkeys(classes) if classes is not None else {None: None}
    numbers = {name: number for number, name in enumerate(names)}
    codes = np.array([numbers[each] for each in classes] if classes is not None else [0] * len(keys), int)
    for _ in range(_ROUNDS):  # one group may hold several classes: what mends one can spoil another
        pairs = [(number, part) for number in numbers.values() for part in wanted]
        lacking = [pair for pair in pairs if _lacks(parts, codes, *pair)]
        for number, part in lacking:
            whose = f"{where}: class '{list(names)[number]}'" if classes is not None else where
            _fill(parts, places, codes, np.array(keys), number, part, wanted, whose)
        if not lacking:
            return parts
    raise DataError(f"{where}: the groups are too few to put every class into {_listed(wanted)}. Add groups")


def _lacks(parts, codes, number: int, part: str) -> bool:
    return not (parts[codes == number] == part).any()


def _listed(wanted: Sequence[str]) -> str:
    return ", ".join(sorted(wanted))


def _place(key: str, seed: int) -> float:
    digest = hashlib.blake2b(f"{seed}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _fill(parts, places, codes, keys, number: int, part: str, wanted, where: str) -> None:
    """Give a part that has none of a class the nearest key that another part can spare."""
    if not _lacks(parts, codes, number, part):
        return
    spare = _spare_keys(parts, places, codes == number, keys)
    if not spare:
        count = len(set(keys[codes == number].tolist()))
        raise DataError(
            f"{where}: expected at least {len(wanted)} different examples to split into "
            f"{_listed(wanted)}, found {count}. Add examples or leave the class out"
        )
    harmless = (key for key in spare if _can_leave(parts, codes, keys, key))
    parts[keys == next(harmless, spare[0])] = part


def _spare_keys(parts, places, members, keys) -> list[str]:
    """Keys of a class that can leave their part without emptying it there, lowest place first."""
    found = []
    for part in PARTS:
        inside = sorted({(places[i], str(keys[i])) for i in np.flatnonzero(members & (parts == part))})
        found += inside if len(inside) > 1 else []
    return [key for _, key in sorted(found)]


def _can_leave(parts, codes, keys, key: str) -> bool:
    """Whether every class of a key has other examples in the same part."""
    inside = keys == key
    stay = set(codes[(parts == parts[inside][0]) & ~inside].tolist())
    return set(codes[inside].tolist()) <= stay
