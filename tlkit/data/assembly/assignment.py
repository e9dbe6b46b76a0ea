"""Which example goes where: a function of its content and the seed alone, so that old examples never move."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from tlkit.errors import DataError

PARTS = ("train", "val", "test")
_ROUNDS = 10
_TINY = 30  # different examples of a class; of fewer, what luck deals can be twice the share that was asked for


def assign(
    keys: Sequence[str], classes: Sequence[Hashable] | None, *, val: float, test: float, seed: int, where: str = "data"
) -> np.ndarray:
    """The part of each example: "train", "val" or "test".

    Equal keys (equal bytes, or one group) always go to the same part. Each class has at least one
    example in each part that is asked for, and a class of fewer than 30 its shares within one example;
    without `classes` all examples count as one.

    Example:
        >>> assign(["a", "b"], None, val=0.0, test=0.0, seed=1).tolist()
        ['train', 'train']
    """
    if val + test >= 1:
        raise DataError(f"{where}: val {val} and test {test} leave nothing for training; together keep them under 1")
    shares = {part: share for part, share in (("test", test), ("val", val)) if share > 0}
    return _dealt(keys, classes, {**shares, "train": 1.0 - sum(shares.values())}, seed, where)


def assign_folds(
    keys: Sequence[str], classes: Sequence[Hashable] | None, folds: int, *, seed: int, where: str = "data"
) -> np.ndarray:
    """The fold of each example, from 0; equal keys share a fold, and each class is in each fold.

    Example:
        >>> first, _, again = assign_folds(["a", "b", "a"], None, 2, seed=1)
        >>> bool(first == again)
        True
    """
    return _dealt(keys, classes, {str(fold): 1.0 / folds for fold in range(folds)}, seed, where).astype(int)


def assign_by_time(times: Sequence[Any], *, val: float, test: float) -> np.ndarray:
    """The latest examples for the test, those before for validation, the rest to learn from; equal times stay together.

    Example:
        >>> assign_by_time([3, 1, 2, 4], val=0.25, test=0.25).tolist()
        ['val', 'train', 'train', 'test']
    """
    moments, places = np.unique(np.asarray(times), return_inverse=True)
    before = np.searchsorted(np.sort(places), np.arange(len(moments))) / len(places)  # share of earlier examples
    first_test, first_val = np.searchsorted(before, [1 - test - 1e-9, 1 - test - val - 1e-9])
    return np.where(places >= first_test, "test", np.where(places >= first_val, "val", "train")).astype("<U5")


def _dealt(
    keys: Sequence[str], classes: Sequence[Hashable] | None, shares: dict[str, float], seed: int, where: str
) -> np.ndarray:
    """Each key's stretch of the line from 0 to 1, then mended where a class is missing from a stretch."""
    wanted = list(shares)
    places = np.array([_place(key, seed) for key in keys])
    ends = np.cumsum(list(shares.values()))[:-1]
    parts = np.array(wanted)[np.searchsorted(ends, places, side="right")]
    names = dict.fromkeys(classes) if classes is not None else {None: None}
    numbers = {name: number for number, name in enumerate(names)}
    codes = np.array([numbers[each] for each in classes] if classes is not None else [0] * len(keys), int)
    _even_out(parts, places, codes, np.array(keys), shares)
    for _ in range(_ROUNDS):  # one group may hold several classes: what mends one can spoil another
        pairs = [(number, part) for number in numbers.values() for part in wanted]
        lacking = [pair for pair in pairs if _lacks(parts, codes, *pair)]
        for number, part in lacking:
            whose = f"{where}: class '{list(names)[number]}'" if classes is not None else where
            _fill(parts, places, codes, np.array(keys), number, part, wanted, whose)
        if not lacking:
            return parts
    raise DataError(f"{where}: the groups are too few to put every class into {_listed(wanted)}. Add groups")


def _even_out(
    parts: np.ndarray, places: np.ndarray, codes: np.ndarray, keys: np.ndarray, shares: dict[str, float]
) -> None:
    """Give tiny classes their shares within one key: where luck dealt them more or fewer, the nearest keys move.

    A class that has a key in common with another is left as it was dealt.
    """
    _, first, numbers = np.unique(keys, return_index=True, return_inverse=True)
    mixed = np.zeros(len(first), bool)
    mixed[numbers[codes != codes[first][numbers]]] = True
    order = first[np.argsort(codes[first], kind="stable")]  # one example of each key, class by class
    for members in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        if len(shares) <= len(members) < _TINY and not mixed[numbers[members]].any():
            counts = [int((parts[members] == part).sum()) for part in shares]
            ranked = members[np.argsort(places[members], kind="stable")]
            parts[ranked] = np.repeat(list(shares), _near_shares(counts, list(shares.values())))
    parts[:] = parts[first][numbers]


def _near_shares(counts: list[int], shares: list[float]) -> list[int]:
    """The counts brought within one of their shares of the whole, at least one each, the sum as it was."""
    whole = sum(counts)
    exact = [share * whole for share in shares]
    near = [max(1, min(max(count, int(each)), -int(-each // 1))) for count, each in zip(counts, exact, strict=True)]
    while (over := sum(near) - whole) != 0:
        gaps = [(count - each) if count > 1 or over < 0 else -np.inf for count, each in zip(near, exact, strict=True)]
        near[int(np.argmax(gaps) if over > 0 else np.argmin(gaps))] -= 1 if over > 0 else -1
    return near


def fold_numbers(keys: Sequence[str], folds: int, *, seed: int) -> np.ndarray:
    """A fold for each example, from 0: like parts, a function of key and seed alone.

    Example:
        >>> fold_numbers(["a", "b", "a"], 2, seed=1).tolist()[0::2]
        [1, 1]
    """
    return np.array([int(_place(key, seed) * folds) for key in keys], int)


def _lacks(parts: np.ndarray, codes: np.ndarray, number: int, part: str) -> bool:
    return not (parts[codes == number] == part).any()


def _listed(wanted: Sequence[str]) -> str:
    return f"{len(wanted)} folds" if wanted[0].isdigit() else ", ".join(sorted(wanted))


def _place(key: str, seed: int) -> float:
    digest = hashlib.blake2b(f"{seed}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _fill(
    parts: np.ndarray,
    places: np.ndarray,
    codes: np.ndarray,
    keys: np.ndarray,
    number: int,
    part: str,
    wanted: Sequence[str],
    where: str,
) -> None:
    """Give a part that has none of a class the nearest key that another part can spare."""
    if not _lacks(parts, codes, number, part):
        return
    spare = _spare_keys(parts, places, codes == number, keys, wanted)
    if not spare:
        count = len(set(keys[codes == number].tolist()))
        alone = int((np.bincount(codes) == 1).sum())
        others = f"; {alone} of {len(np.unique(codes))} classes have one example only" if alone else ""
        raise DataError(
            f"{where}: expected at least {len(wanted)} different examples to split into "
            f"{_listed(wanted)}, found {count} (copies, near-copies and one group count as one){others}. Add examples, "
            "leave the class out, or part near-copies (data.near_copies: apart)"
        )
    harmless = (key for key in spare if _can_leave(parts, codes, keys, key))
    parts[keys == next(harmless, spare[0])] = part


def _spare_keys(
    parts: np.ndarray, places: np.ndarray, members: np.ndarray, keys: np.ndarray, wanted: Sequence[str]
) -> list[str]:
    """Keys of a class that can leave their part without emptying it there, lowest place first."""
    found = []
    for part in wanted:
        inside = sorted({(places[i], str(keys[i])) for i in np.flatnonzero(members & (parts == part))})
        found += inside if len(inside) > 1 else []
    return [key for _, key in sorted(found)]


def _can_leave(parts: np.ndarray, codes: np.ndarray, keys: np.ndarray, key: str) -> bool:
    """Whether every class of a key has other examples in the same part."""
    inside = keys == key
    stay = set(codes[(parts == parts[inside][0]) & ~inside].tolist())
    return set(codes[inside].tolist()) <= stay
