"""Which picture files are to stay together when they are split; each file is a `Listed` with path, part and group."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tlkit.data.facts import near_copies_of
from tlkit.data.grouping import groups_by_folder, groups_by_pattern, keys_together, relative_names
from tlkit.errors import DataError


def grouped_files(files: list[Any], path: Path, pattern: str | None, level: int | None) -> list[Any]:
    """The files with the group that a pattern in their names, or a level of folders, gives them."""
    if pattern is None and level is None:
        return files
    if pattern is not None and level is not None:
        raise DataError("data: expected group or group_folder, found both")
    names = relative_names([each.path for each in files], path)
    if pattern is None and any(each.part for each in files):
        names = [name.partition("/")[2] for name in names]  # the class folder is the first below train, val, test
    groups = groups_by_folder(names, level) if pattern is None else groups_by_pattern(names, pattern)
    return [replace(each, group=group) for each, group in zip(files, groups, strict=True)]


def shares_to_assign(files: list[Any], *, val: float, test: float) -> dict[str, float]:
    """The parts that are taken out of train, with their shares; 0 for those that the layout gives."""
    given = {each.part for each in files}
    return {"val": 0.0 if "val" in given else val, "test": 0.0 if "test" in given else test}


def files_to_compare(files: list[Any], assigned: dict[str, float], near_copies: str) -> np.ndarray:
    """Which pictures are to be looked at for copies: those that are yet to be assigned."""
    looks = near_copies == "together" and any(assigned.values())
    return np.array([looks and each.part in (None, "train") for each in files])


def given_parts(files: list[Any], assigned: dict[str, float]) -> dict[str, str]:
    """A tag that names the parts which the layout gives."""
    given = [part for part, share in assigned.items() if not share]
    return {"data.given": ", ".join(given)} if given and any(each.part for each in files) else {}


def ids_of(seen: np.ndarray) -> list[str]:
    """The content hashes of files."""
    return [each.decode() for each in seen["id"].tolist()]


def kept_together(files: list[Any], seen: np.ndarray, compared: np.ndarray) -> list[Any]:
    """The files with groups that hold copies and near-copies as well, and alone a file's own content."""
    keys = [each.group or id_ for each, id_ in zip(files, ids_of(seen), strict=True)]
    places = np.flatnonzero(compared)
    links = places[near_copies_of(seen[places])]
    together = keys_together(keys, links, seen["width"].astype(int) * seen["height"])
    return [replace(each, group=key) for each, key in zip(files, together, strict=True)]
