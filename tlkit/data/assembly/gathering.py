"""Labelled examples of any kind, gathered one by one, as splits: bad ones set aside, copies dropped on request."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from tlkit.data.assembly.excluded import first_reasons, refuse_many_bad
from tlkit.data.assembly.groups import grouped_keys, groups_of
from tlkit.data.assembly.parts import assemble
from tlkit.data.duplicates.likeness import kept_together, near_vectors
from tlkit.data.splits import Examples, Info, Items, Read, Splits
from tlkit.errors import DataError


@dataclass(frozen=True)
class Labelled:
    """One example before it is put into a part; `part` is set where the layout gives it, `group` where it is split by.

    `item` is what the source's `read` takes, or the input itself; `id` is a hash of the content; `told` is what a
    pattern for the group looks in, where that is not the name.
    """

    item: Any
    label: str
    name: str
    id: str
    part: str | None = None
    group: str | None = None
    told: str | None = None


@dataclass
class Gathered:
    """What a source found: examples, and by name what is wrong with those that cannot be used."""

    rows: list[Labelled] = field(default_factory=list)
    bad: dict[str, str] = field(default_factory=dict)

    def extend(self, other: Gathered) -> None:
        """Take in what was found elsewhere."""
        self.rows += other.rows
        self.bad |= other.bad

    def refuse_bad(self, max_bad: float, where: str, total: int | None = None) -> None:
        """A `DataError` where a larger share than `max_bad` of all (or `total`) cannot be used, or none is left."""
        total = len(self.rows) + len(self.bad) if total is None else total
        refuse_many_bad(self.bad, total, max_bad, where, "examples")
        if not self.rows and len(self.bad) == total:
            shown = f": {first_reasons(self.bad)}" if self.bad else ""
            raise DataError(f"{where}: expected labelled examples, found none{shown}")


def split(
    found: Gathered,
    info: Callable[[list[Labelled]], Info],
    *,
    read: Read = None,
    where: str,
    seed: int,
    val: float,
    test: float,
    max_bad: float,
    duplicates: str = "keep",
    near: Callable[[np.ndarray], np.ndarray] = near_vectors,
    near_copies: str = "together",
    group: str | None = None,
    group_folder: int | None = None,
) -> Splits:
    """Splits of what was found; `info` is asked for once the examples that stay are known.

    Near-copies among inputs in memory, told by `near`, fall into one part, unless they may be `apart`. `duplicates:
    drop` leaves one of equal examples (in test before validation before training), and none where labels differ.

    Example:
        >>> splits = split(found, describe, where="genes.csv", seed=7, val=0.15, test=0.15,
        ...     max_bad=0.05)  # doctest: +SKIP
    """
    found.refuse_bad(max_bad, where)
    rows = _without_copies(_grouped(found.rows, Path(where), group, group_folder), duplicates, where)
    class_names = _class_names(rows, where)
    indices = {name: index for index, name in enumerate(class_names)}
    told, items = info(rows), _items([each.item for each in rows], read)
    keys = _keys(rows, items, near, near_copies)
    whole = Examples(
        items,
        np.array([indices[each.label] for each in rows], np.int64),
        [each.id for each in rows],
        [each.name for each in rows],
        read,
        keys,
    )
    dropped = {"data.duplicates_dropped": str(len(found.rows) - len(rows))} if duplicates == "drop" else {}
    told = replace(told, class_names=class_names, set_aside=found.bad, tags={**told.tags, **dropped})
    return assemble(
        whole, told, given=[each.part for each in rows], strata=[each.label for each in rows],
        val=val, test=test, seed=seed, where=where,
    )  # fmt: skip


def to_score(found: Gathered, read: Read = None) -> tuple[Examples, dict[str, str]]:
    """Everything found as examples to score a model on, labels as they stand in the data, and what was set aside."""
    rows = found.rows
    labels = np.array([each.label for each in rows], object)
    items = _items([each.item for each in rows], read) if rows else []
    return Examples(items, labels, [each.id for each in rows], [each.name for each in rows], read), found.bad


def content_id(*contents: bytes) -> str:
    """The hash that stands for an example of these bytes."""
    digest = hashlib.blake2b(digest_size=16)
    for each in contents:
        digest.update(len(each).to_bytes(8, "big") + each)
    return digest.hexdigest()


def files_in(path: Path, suffixes: Iterable[str]) -> list[Path]:
    """Every file with one of these endings below a folder, by name, hidden ones left out."""
    endings = set(suffixes)
    found = (each for each in path.rglob("*") if each.suffix.lower() in endings and each.is_file())
    return sorted(each for each in found if not any(part.startswith(".") for part in each.relative_to(path).parts))


def _items(items: list[Any], read: Read) -> Items:
    """Inputs of one shape as one array; what is still to be read, and strings, as they are."""
    if read is not None:
        return items
    return np.array(items, object) if isinstance(items[0], str) else np.stack(items)


def _grouped(rows: list[Labelled], path: Path, group: str | None, level: int | None) -> list[Labelled]:
    if group is None and level is None:
        return rows
    names = [each.told or each.name for each in rows]
    groups = groups_of(names, path if path.is_dir() else path.parent, group, level)
    return [replace(each, group=found) for each, found in zip(rows, groups, strict=True)]


def _without_copies(rows: list[Labelled], duplicates: str, where: str) -> list[Labelled]:
    if duplicates not in ("keep", "drop"):
        raise DataError(f"{where}: data.duplicates: expected keep or drop, found '{duplicates}'")
    if duplicates == "keep":
        return rows
    labels: dict[str, set[str]] = defaultdict(set)
    for each in rows:
        labels[each.id].add(each.label)
    first: dict[str, Labelled] = {}
    for each in sorted(rows, key=lambda row: ("test", "val", "train", None).index(row.part)):
        first.setdefault(each.id, each)
    kept = {name for name, each in ((row.name, row) for row in first.values()) if len(labels[each.id]) == 1}
    return [each for each in rows if each.name in kept]


def _class_names(rows: list[Labelled], where: str) -> tuple[str, ...]:
    names = {each.label for each in rows}
    if len(names) < 2:
        raise DataError(f"{where}: expected at least two classes, found {len(names)} ({', '.join(map(repr, names))})")
    numbers = all(each.isdecimal() for each in names)
    return tuple(sorted(names, key=lambda name: (int(name) if numbers else 0, name)))


def _keys(rows: list[Labelled], items: Items, near: Callable[[np.ndarray], np.ndarray], near_copies: str) -> list[str]:
    """What is assigned as one: a group, and of inputs in memory what is nearly the same."""
    keys = grouped_keys([each.id for each in rows], [each.group for each in rows])
    if not isinstance(items, np.ndarray):
        return keys
    loose = [index for index, each in enumerate(rows) if each.part in (None, "train")]
    return kept_together(keys, items, near, loose, near_copies=near_copies)
