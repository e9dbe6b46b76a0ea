"""Tables of sequences: in which columns the letters stand, and in which the class, with a header or without."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tlkit.data.tables.delimited import column
from tlkit.errors import DataError

Rows = Sequence[tuple[int, list[str]]]
_LABELS = ("label", "class", "target")
_LETTERS = re.compile(r"[.\s-]*[ACGTUNRYSWKMBDHV][ACGTUNRYSWKMBDHV.\s-]*", re.IGNORECASE)
_WORDS = ("dna", "rna")  # that head a column, though of letters
_MOSTLY = 0.9  # of a column's cells are letters
_LOOKED_AT = 500  # rows


class SequenceColumns(NamedTuple):
    """The columns of the letters (one, or one for each letter) and of the class; whether the first row is a header."""

    sequence: tuple[int, ...]
    label: int | None
    header: bool


def places_in(file: Path, rows: Rows, sequence: str | int, label: str | int | None) -> SequenceColumns:
    """The columns that are asked for by name or number, and where none are, those that hold letters, and a class.

    Example:
        >>> rows = [(1, ["+", "S10", "tactagcaat"]), (2, ["-", "S11", "gcaatacgct"])]
        >>> places_in(Path("promoters.data"), rows, "sequence", None)
        SequenceColumns(sequence=(2,), label=0, header=False)
    """
    head = rows[0][1]
    letters = _letter_columns(rows[1:] or rows, len(head))
    header = any(_named(head, each) for each in (sequence, label, *_LABELS) if isinstance(each, str))
    asked = _place(file, head, sequence if sequence != "sequence" or _named(head, sequence) else None)
    index = _place(file, head, label) if label is not None else _default_label(head, letters)
    found = (asked,) if asked is not None else _sequence(rows, [each for each in letters if each != index])
    header = header or _is_header(rows, found)
    unnamed = header and label is None and not any(_named(head, each) for each in _LABELS)
    if not found or index in found or len(head) < 2 or unnamed:
        raise DataError(
            f"{file}: expected a header with the columns 'sequence' and 'label' (data.sequence, data.label: a name or "
            f"a number from 0), or rows of letters with the class first or last, found '{', '.join(head[:5])[:60]}'"
        )
    return SequenceColumns(found, index, header)


def letters_in(rows: Rows, sequence: str) -> SequenceColumns:
    """The columns of the letters alone, for rows that need no class."""
    head = [each.lower() for each in rows[0][1]]
    if sequence.lower() in head:
        return SequenceColumns((head.index(sequence.lower()),), None, True)
    found = _sequence(rows, _letter_columns(rows[1:] or rows, len(head))) or (0,)
    return SequenceColumns(found, None, _is_header(rows, found))


def _letter_columns(rows: Rows, width: int) -> list[int]:
    """The columns whose cells are nearly all letters of DNA."""
    cells = [row for _, row in rows[:_LOOKED_AT] if len(row) == width]
    shares = [sum(bool(_LETTERS.fullmatch(row[index])) for row in cells) for index in range(width)]
    return [index for index, count in enumerate(shares) if cells and count >= _MOSTLY * len(cells)]


def _sequence(rows: Rows, columns: Sequence[int]) -> tuple[int, ...]:
    """The column of the longest words, or all where each holds one letter."""
    lengths = {
        index: max((len(row[index]) for _, row in rows[1 : _LOOKED_AT + 1] or rows if index < len(row)), default=0)
        for index in columns
    }
    longest = max(lengths.values(), default=0)
    return tuple(columns) if longest == 1 else tuple(index for index in columns if lengths[index] == longest)[:1]


def _default_label(head: Sequence[str], letters: Sequence[int]) -> int:
    """The column called label, class or target, else the last, or the first where the last holds letters alone."""
    named = next((index for index, each in enumerate(head) if each.lower() in _LABELS), None)
    if named is not None:
        return named
    last = len(head) - 1
    return 0 if last in letters and 0 not in letters else last


def _place(file: Path, head: Sequence[str], wanted: str | int | None) -> int | None:
    """Which column is meant, counted from 0."""
    if wanted is None:
        return None
    if not _named(head, wanted):
        index = {"first": 0, "last": -1}.get(str(wanted), wanted)
        if isinstance(index, int):
            if not -len(head) <= index < len(head):
                raise DataError(f"{file}: no column {index}; its rows have {len(head)}, counted from 0")
            return index % len(head)
    return column(list(head), str(wanted), str(file))


def _named(head: Sequence[str], wanted: str | int) -> bool:
    return str(wanted).lower() in [each.lower() for each in head]


def _is_header(rows: Rows, indices: Sequence[int]) -> bool:
    """Whether the first row names columns: no letters of DNA stand where the others have them."""
    head = rows[0][1]
    first = [head[index] for index in indices if index < len(head)]
    return len(rows) > 1 and all(each.lower() in _WORDS or not _LETTERS.fullmatch(each) for each in first)
