"""Examples that must not be parted: those of one group, and copies of one another."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

import numpy as np

from tlkit.data.assembly.class_folders import PART_NAMES, LabelledFile
from tlkit.data.assembly.file_names import found_in_names, relative_names
from tlkit.data.duplicates.image_hash import clusters
from tlkit.data.files.array_files import read_arrays
from tlkit.data.tables.delimited import column, read_rows
from tlkit.errors import DataError

_PLACE = re.compile(r"(?P<file>.+?):(?:(?P<line>\d+)|\s*\w+?(?P<part>_train|_val|_test)?\[(?P<place>\d+)\])")


def keys_together(keys: Sequence[str], links: np.ndarray, weights: Sequence[int] | np.ndarray) -> list[str]:
    """The key by which each example is assigned to a part, one for all that belong together.

    Examples of equal keys and linked examples belong together; the heaviest example (of two copies of a picture the one
    with more pixels) speaks for all of them, so that a lesser copy that is added moves nothing.

    Example:
        >>> keys_together(["a", "b", "c"], np.array([[0, 2]]), [1, 1, 5])
        ['c', 'b', 'c']
    """
    first: dict[str, int] = {}
    alike = [(first.setdefault(key, index), index) for index, key in enumerate(keys)]
    heads = clusters(len(keys), np.concatenate([np.asarray(alike, int).reshape(-1, 2), links]))
    best: dict[int, tuple[int, str]] = {}
    for head, weight, key in zip(heads.tolist(), weights, keys, strict=True):
        best[head] = max(best.get(head, (-1, "")), (int(weight), key))
    return [best[head][1] for head in heads.tolist()]


def grouped_keys(ids: Sequence[str], groups: Sequence[str | None]) -> list[str]:
    """The key of each example: its content, or its group's, one for all groups that share a content.

    Example:
        >>> grouped_keys(["a", "b", "a", "c"], ["g", "g", "h", None])
        ['h', 'h', 'h', 'c']
    """
    keys = [group or id_ for group, id_ in zip(groups, ids, strict=True)]
    return keys_together(keys, equal(ids), [1] * len(keys)) if any(groups) else keys


def equal(ids: Sequence[str]) -> np.ndarray:
    """Pairs of indices with the same content."""
    first: dict[str, int] = {}
    return np.array([(first.setdefault(id_, index), index) for index, id_ in enumerate(ids)], int).reshape(-1, 2)


def groups_of(names: Sequence[str], folder: Path, group: str | None, level: int | None) -> list[str] | list[None]:
    """The group of each example: a column where they are rows of tables, else a pattern or a level in files' names.

    Example:
        >>> groups_of(["data/cats/anna_1.jpg", "data/dogs/anna_2.jpg"], Path("data"), r"/([a-z]+)_", None)
        ['group:anna', 'group:anna']
    """
    if group is None and level is None:
        return [None] * len(names)
    if group is not None and level is not None:
        raise DataError("data: expected group or group_folder, found both")
    if level is not None:
        return [f"group:{each}" for each in _folders(relative_names(names, folder), level)]
    cells = _cells_of(names, str(group))
    if cells is not None:
        return named_groups(cells, names, str(group))
    return [f"group:{each}" for each in found_in_names(relative_names(names, folder), str(group), "data.group")]


def named_groups(cells: Sequence[object], names: Sequence[str], column: str) -> list[str]:
    """The groups that a column says; each row has one.

    Example:
        >>> named_groups(["anna", "theo"], ["a.csv:2", "a.csv:3"], "speaker")
        ['group:anna', 'group:theo']
    """
    said = ["" if each is None or each != each else str(each).strip() for each in cells]
    empty = [name for name, each in zip(names, said, strict=True) if not each]
    if empty:
        raise DataError(f"data.group: column '{column}' is empty in {len(empty)} rows: {', '.join(empty[:5])}")
    return [f"group:{each}" for each in said]


def grouped_files(files: list[LabelledFile], folder: Path, group: str | None, level: int | None) -> list[LabelledFile]:
    """The files with the group that a pattern in their names, or a level of folders, gives them."""
    groups = groups_of([str(each.path) for each in files], folder, group, level)
    return [replace(each, group=found) for each, found in zip(files, groups, strict=True)]


def _cells_of(names: Sequence[str], wanted: str) -> list[str] | None:
    """What a column says of examples called `file:line`, an array of those called `file.npz:x[3]`; None for files."""
    matches = [_PLACE.fullmatch(each) for each in names]
    if not all(matches):
        return None
    readers = {file: _cells(Path(file), wanted) for file in dict.fromkeys(each["file"] for each in matches if each)}
    return [readers[each["file"]](each) for each in matches if each]


def _cells(file: Path, wanted: str) -> Callable[[re.Match[str]], str]:
    """What gives the cell of a row, or the value at a place of an array, of one file."""
    if file.is_dir() or file.suffix.lower() == ".npz":
        return functools.partial(_value, file, wanted, {})
    (_, head), *rows = read_rows(file)
    index = column(head, wanted, f"{file}: data.group")
    cells = {line: row[index] for line, row in rows if index < len(row)}
    return lambda match: cells.get(int(match["line"]), "")


def _value(file: Path, wanted: str, arrays: dict[str, np.ndarray], match: re.Match[str]) -> str:
    """What an array beside the inputs says; `arrays` keeps those that were read."""
    name = wanted + (match["part"] or "")
    if not arrays:
        arrays |= read_arrays(file) if file.is_file() else read_arrays(file / f"{wanted}.npy")
    if name not in arrays or len(arrays[name]) <= int(match["place"]):
        raise DataError(f"{file}: data.group: expected an array '{name}' with a value for each example")
    return str(arrays[name].reshape(-1)[int(match["place"])])


def _folders(names: Sequence[str], level: int) -> list[str]:
    """The path of each file's folder down to this level, the class folder being level 1, below train, val or test."""
    parents = [PurePath(name).parent.parts for name in names]
    if all(parts and parts[0].lower() in PART_NAMES for parts in parents):
        parents = [parts[1:] for parts in parents]
    lost = [name for name, parts in zip(names, parents, strict=True) if len(parts) < level]
    if lost or level < 1:
        raise DataError(
            f"data.group_folder: {level} asks for {level} folders above each file; {len(lost)} files have fewer"
            + (f", such as {lost[0]}" if lost else "")
        )
    return ["/".join(parts[:level]) for parts in parents]
