"""Rows of a delimited text file (CSV, TSV and their like), each with the number of its line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tlkit.data.files.regular_files import read_bytes
from tlkit.errors import DataError, nearest

TABLES = frozenset({".csv", ".tsv", ".txt"})


SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".dat", ".data"})
_DELIMITERS = ",\t;|"
_LONGEST = 1 << 24  # letters of one cell


def read_text(path: Path) -> str:
    """A file's text, UTF-8 with or without its mark; a `DataError` names the line that is something else."""
    try:
        data = read_bytes(path)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}:{line}: expected UTF-8 text, found the byte 0x{data[error.start]:02x}. Save the file as UTF-8"
        ) from error


def read_rows(path: Path) -> list[tuple[int, list[str]]]:
    """(line, cells) of every row that is not empty, cells without the blanks around them."""
    text = read_text(path)
    if not text.strip():
        raise DataError(f"{path}: expected rows, found an empty file")
    reader = _reader(io.StringIO(text, newline=""), delimiter=_delimiter(path, text), skipinitialspace=True)
    rows, last = [], 0
    try:
        for row in reader:
            rows.append((last + 1, [cell.strip() for cell in row]))
            last = reader.line_num
    except csv.Error as error:
        raise DataError(f"{path}:{reader.line_num}: cannot be read as a table ({error})") from error
    filled = [(line, row) for line, row in rows if any(row)]
    if not filled:
        raise DataError(f"{path}: expected rows, found none with anything in them")
    return filled


def column(names: list[str], wanted: str, where: str) -> int:
    """The place of a column by its name, whatever its case."""
    folded = [each.lower() for each in names]
    if wanted.lower() not in folded:
        hint = nearest(wanted, names) or f"Columns: {', '.join(names[:10])}."
        raise DataError(f"{where}: no column '{wanted}'. {hint}")
    return folded.index(wanted.lower())


def _delimiter(path: Path, text: str) -> str:
    if path.suffix.lower() == ".tsv":
        return "\t"
    first = re.sub(r"\t+", "\t", text.lstrip().splitlines()[0])  # tabs that set a column straight count once
    return max(_DELIMITERS, key=first.count)


def lines_of(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number and fields of every row that is not blank."""
    lines = list(io.StringIO(read_text(path), newline=None))
    first = next((line for line in lines if line.strip()), "")
    mark = next((each for each in "\t;," if each in first), None)
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, _fields(f"{path}:{number}", line, mark)


def _reader(lines: Iterable[str], **form: Any) -> Any:
    csv.field_size_limit(_LONGEST)
    return csv.reader(lines, **form)


def _fields(where: str, line: str, mark: str | None) -> list[str]:
    try:
        return next(_reader([line], delimiter=mark)) if mark else line.split()
    except csv.Error as error:
        raise DataError(f"{where}: cannot be read as a row of a table ({error})") from error
