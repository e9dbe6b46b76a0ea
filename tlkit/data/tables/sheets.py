"""A table as it was written: CSV, TSV or Parquet, or a DataFrame from Python."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from tlkit.data.assembly.class_folders import files_below
from tlkit.data.download.sampling import MARK
from tlkit.data.tables.delimited import TABLES, lines_of
from tlkit.data.tables.frames import read_table
from tlkit.errors import DataError

_SUFFIXES = TABLES | {".parquet"}


class Sheet(NamedTuple):
    """A table with a name for each row, and what is wrong with rows that could not be read."""

    frame: pd.DataFrame
    names: list[str]
    bad: dict[str, str]
    where: str


def read_sheet(source: Any) -> Sheet:
    """A DataFrame as it is, or a file by its suffix; rows with another number of fields than the header are bad."""
    if isinstance(source, pd.DataFrame):
        source = source.set_axis([str(each) for each in source.columns], axis=1)
        _refuse_equal_names(list(source.columns), "table")
        return Sheet(source, [f"table:{each}" for each in source.index], {}, "table")
    path = Path(source)
    inside = [each for each in files_below(path, _SUFFIXES) if each.name != MARK] if path.is_dir() else []
    path = inside[0] if len(inside) == 1 else path
    if not path.is_file():
        raise DataError(f"{path}: expected a table in a .csv, .tsv or .parquet file, found "
                        f"{f'a folder with {len(inside)}' if path.is_dir() else 'nothing there'}")  # fmt: skip
    if path.suffix.lower() not in _SUFFIXES:
        raise DataError(f"{path}: expected a table in a .csv, .tsv or .parquet file, found one in '{path.suffix}'")
    return _text_sheet(path) if path.suffix.lower() in TABLES else _parquet_sheet(path)


def _text_sheet(path: Path) -> Sheet:
    lines = list(lines_of(path))
    if not lines:
        raise DataError(f"{path}: empty file; expected a header and rows")
    header, rows = [each.strip() for each in lines[0][1]], lines[1:]
    if not rows:
        raise DataError(f"{path}: a header and no rows below it")
    _refuse_equal_names(header, str(path))
    bad = {
        f"{path}:{line}": f"{len(row)} fields, expected {len(header)}" for line, row in rows if len(row) != len(header)
    }
    sound = [(f"{path}:{line}", row) for line, row in rows if len(row) == len(header)]
    frame = pd.DataFrame([[each.strip() for each in row] for _, row in sound], columns=header)
    return Sheet(frame, [name for name, _ in sound], bad, str(path))


def _parquet_sheet(path: Path) -> Sheet:
    frame = read_table(path)
    return Sheet(frame, [f"{path}:{index + 1}" for index in range(len(frame))], {}, str(path))


def _refuse_equal_names(names: Sequence[str], where: str) -> None:
    if len(set(names)) < len(names):
        raise DataError(f"{where}: expected columns of different names, found {', '.join(names)}")
