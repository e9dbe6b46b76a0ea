"""Test examples that stand in training as well: a score on them says nothing."""

from __future__ import annotations

from collections.abc import Iterator

from tlkit.data.splits import Splits
from tlkit.errors import DataError

_SHOWN = 3


def exact_leaks(splits: Splits) -> list[tuple[str, str]]:
    """(name, name of its copy) for every example whose very bytes stand in an earlier part: train, then val.

    Example:
        >>> exact_leaks(Splits.from_arrays(pictures, labels, test_data=(pictures[:5], labels[:5])))  # doctest: +SKIP
        [('test[0]', 'train[0]'), ...]
    """
    return list(_leaks(splits))


def refuse_leaks(leaks: list[tuple[str, str]], *, allowed: bool, near: bool = False) -> None:
    """Stop a run whose parts share examples, unless the recipe allows that."""
    if not leaks or allowed:
        return
    what = "near-copies (re-encoded, resized or mirrored) of examples" if near else "exact copies of examples"
    shown = "; ".join(f"{name} = {copy}" for name, copy in leaks[:_SHOWN])
    more = f"; and {len(leaks) - _SHOWN} more" if len(leaks) > _SHOWN else ""
    raise DataError(
        f"data: {len(leaks)} examples are {what} in another part (a leak): {shown}{more}. `tlkit check RECIPE --data "
        "--quarantine` sets them aside; `data.allow_leaks: true` runs all the same"
    )


def _leaks(splits: Splits) -> Iterator[tuple[str, str]]:
    known: dict[str, str] = {}
    for part in splits.parts().values():
        for id_, name in zip(part.ids, part.names, strict=True):
            if id_ in known:
                yield name, known[id_]
        known = dict(zip(part.ids, part.names, strict=True)) | known
