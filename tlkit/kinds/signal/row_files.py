"""Which files hold rows of signals, and of which part: by their names, or as told."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tlkit.data.assembly.class_folders import files_below
from tlkit.data.files.array_files import read_arrays
from tlkit.data.tables.delimited import TABLES
from tlkit.errors import DataError
from tlkit.kinds.signal.signal_arrays import ARRAYS, array_rows
from tlkit.kinds.signal.signal_rows import RowLayout, Signal, table_rows

_FILES = TABLES | ARRAYS
_PART = re.compile(r"(?:^|[_\-. ])(train|val|valid|test)$", re.IGNORECASE)


def is_folder_of_classes(path: Path) -> bool:
    """Whether recordings lie in folders below this one, rather than rows in files of it."""
    return path.is_dir() and not any(holds_rows(each) for each in path.iterdir() if each.is_file())


def holds_rows(file: Path) -> bool:
    """Whether a file in a folder is meant to hold rows: of .txt files only those whose name says their part."""
    suffix = file.suffix.lower()
    return suffix in _FILES and (suffix != ".txt" or bool(_PART.search(file.stem)))


def row_files(path: Path, test_path: str | Path | None = None, *, alone: bool = False) -> list[tuple[Path, str | None]]:
    """The files that hold rows, each with its part where the names or a `test_path` give one."""
    if not path.exists():
        raise DataError(f"{path}: no such file or folder; expected rows in a .csv, .tsv, .npy or .npz file")
    files = [path] if path.is_file() else [each for each in files_below(path, _FILES) if holds_rows(each)]
    if path.is_file() and not alone:
        files = [path, *_siblings(path)] if test_path is None else [path]
    given = {each: match.group(1).lower() for each in files if (match := _PART.search(each.stem))}
    parts = {each: {"valid": "val"}.get(given[each], given[each]) if each in given else None for each in files}
    if test_path is not None:
        if not os.path.isfile(test_path):
            raise DataError(f"{test_path}: no such file; data.test_path is the file with the test rows")
        return [*((each, "train") for each in files), (Path(test_path), "test")]
    tables = [each for each in files if each.suffix.lower() != ".npy"]
    if "train" in parts.values() and all(parts[each] for each in tables):
        return list(parts.items())
    if len(tables) > 1 or not files:
        named = ", ".join(each.name for each in tables[:5]) or "none"
        raise DataError(f"{path}: expected one file of rows, or files that end in _TRAIN and _TEST, found {named}")
    return [(each, None) for each in files]


def read_rows(files: Sequence[tuple[Path, str | None]], layout: RowLayout) -> tuple[list[Signal], RowLayout]:
    """All rows of these files; .npy files are one set of arrays by their names."""
    rows: list[Signal] = []
    arrays: dict[str, np.ndarray] = {}
    for file, part in files:
        if file.suffix.lower() == ".npy":
            arrays |= read_arrays(file)
        elif file.suffix.lower() == ".npz":
            found = array_rows(file, read_arrays(file))
            rows += [each if each.part else each._replace(part=part) for each in found]
        else:
            found, layout = table_rows(file, layout, part)
            rows += found
    if arrays:
        rows += array_rows(files[0][0].parent, arrays)
    return rows, layout


def _siblings(path: Path) -> list[Path]:
    """Files of the other parts beside a training file; the y.npy of an X.npy."""
    beside = [each for each in sorted(path.parent.iterdir()) if each.suffix == path.suffix and each != path]
    if path.suffix.lower() == ".npy":
        return beside
    start = _PART.sub("", path.stem)
    if not _PART.search(path.stem) or not re.search("train$", path.stem, re.IGNORECASE):
        return []
    return [each for each in beside if _PART.search(each.stem) and _PART.sub("", each.stem) == start]
