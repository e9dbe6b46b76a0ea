"""Tables of signals: a row of a CSV or TSV for each, or a whole file that is one."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tlkit.data.single_precision import LARGEST
from tlkit.data.tables.delimited import column, lines_of
from tlkit.errors import DataError


class Signal(NamedTuple):
    """One signal (time, channels) with its label as it stands in the data, or what is wrong with it."""

    name: str
    values: np.ndarray
    label: Any = None
    part: str | None = None
    problem: str = ""

    @property
    def id(self) -> str:
        return hashlib.blake2b(np.ascontiguousarray(self.values).tobytes(), digest_size=16).hexdigest()


class RowLayout(NamedTuple):
    """How the rows of a table are read: which field is the label, how many fields there are, how many channels.

    Columns `apart` from the signal are named in the header.
    """

    label: str | int | None
    fields: int | None = None
    channels: int = 1
    apart: tuple[str, ...] = ()


def table_rows(path: Path, layout: RowLayout, part: str | None = None) -> tuple[list[Signal], RowLayout]:
    """Every row of a CSV or TSV as a signal, and the layout with its number of fields.

    A first row without numbers is a header. Fields that are empty at a row's end make a shorter signal; anything else
    that is no finite number, and another number of fields than most rows have, is that row's problem.
    """
    rows = list(lines_of(path))
    if not rows:
        raise DataError(f"{path}: empty file; expected a row for each signal")
    header = rows.pop(0)[1] if _is_header(rows[0][1]) else None
    if not rows:
        raise DataError(f"{path}: a header and no rows below it")
    fields = layout.fields or len(header or ()) or Counter(len(row) for _, row in rows).most_common(1)[0][0]
    index = _label_place(path, layout.label, header, fields)
    apart = {index, *_places(path, layout.apart, header)} - {None}
    layout = layout._replace(fields=fields)
    return [_row(f"{path}:{line}", row, layout, index, apart, part) for line, row in rows], layout


def time_table(path: Path) -> np.ndarray:
    """A CSV or TSV that is one signal: a row for each moment, a column for each channel."""
    rows = list(lines_of(path))
    if rows and _is_header(rows[0][1]):
        rows.pop(0)
    if not rows:
        raise DataError(f"{path}: empty file; expected a row for each moment")
    width = len(rows[0][1])
    for line, row in rows:
        if len(row) != width:
            raise DataError(f"{path}:{line}: {len(row)} fields, expected {width} as in the first row")
        if problem := _number_problem(row):
            raise DataError(f"{path}:{line}: {problem}")
    return np.array([row for _, row in rows], np.float64).astype(np.float32)


def _is_header(row: list[str]) -> bool:
    """Whether a first row names columns: by words, or by counting them beside the label's name."""
    numbers = [number for field in row if (number := _as_number(field)) is not None]
    counted = len(numbers) > 2 and numbers == [numbers[0] + step for step in range(len(numbers))]
    return not numbers or (counted and len(numbers) < len(row) and numbers[0] in (0, 1))


def _as_number(field: str) -> float | None:
    try:
        return float(field)
    except ValueError:
        return None


def _label_place(path: Path, label: str | int | None, header: list[str] | None, fields: int) -> int | None:
    """Which field is the label, counted from 0."""
    if label is None:
        return None
    names = [each.strip().lower() for each in header or ()]
    if str(label).lower() in names:
        return names.index(str(label).lower())
    index = {"first": 0, "last": fields - 1}.get(str(label), label)
    if not isinstance(index, int) or not -fields <= index < fields:
        known = f"columns: {', '.join(header[:8])}" if header else f"its rows have {fields} fields and no header"
        raise DataError(f"{path}: data.label: no column {label!r}; say first, last, a number or a name ({known})")
    return index % fields


def _places(path: Path, wanted: Sequence[str], header: list[str] | None) -> list[int]:
    """Where the columns that are no part of the signal stand."""
    if wanted and header is None:
        raise DataError(f"{path}: expected a header that names {', '.join(wanted)}, found none")
    return [column([each.strip() for each in header or ()], each, str(path)) for each in wanted]


def _row(
    name: str, row: list[str], layout: RowLayout, index: int | None, apart: Collection[int | None], part: str | None
) -> Signal:
    nothing = np.empty((0, layout.channels), np.float32)
    if len(row) != layout.fields:
        return Signal(name, nothing, None, part, f"{len(row)} fields, expected {layout.fields}")
    label = row[index] if index is not None else None
    fields = [field for each, field in enumerate(row) if each not in apart]
    if label is not None and not label.strip():
        return Signal(name, nothing, None, part, "no label")
    return _signal(name, fields, layout.channels, label, part)


def _signal(name: str, fields: list[str], channels: int, label: Any, part: str | None) -> Signal:
    nothing = np.empty((0, channels), np.float32)
    if len(fields) % channels:
        return Signal(name, nothing, label, part, f"{len(fields)} values cannot be shared among {channels} channels")
    width = len(fields) // channels
    blocks = [fields[start : start + width] for start in range(0, len(fields), width or 1)]
    length = max((_filled(block) for block in blocks), default=0)
    for block in blocks:
        if problem := _number_problem(block[:length]):
            return Signal(name, nothing, label, part, problem)
    if not length:
        return Signal(name, nothing, label, part, "no values")
    values = np.array([block[:length] for block in blocks], np.float64).astype(np.float32).T
    return Signal(name, np.ascontiguousarray(values), label, part)


def _filled(block: list[str]) -> int:
    """How many fields are left when the empty ones at the end are not counted."""
    count = len(block)
    while count and block[count - 1].strip().lower() in ("", "nan"):
        count -= 1
    return count


def _number_problem(fields: list[str]) -> str:
    for index, field in enumerate(fields, start=1):
        number = _as_number(field)
        if number is None:
            point = " with a decimal point" if _as_number(field.replace(",", ".")) is not None else ""
            return f"value {index} is {field.strip()[:20]!r}, expected a number{point}"
        if not abs(number) <= LARGEST:
            kind = "a number that float32 can hold" if math.isfinite(number) else "a finite number"
            return f"value {index} is {field.strip()}, expected {kind}"
    return ""
