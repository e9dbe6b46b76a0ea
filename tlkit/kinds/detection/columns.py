"""Columns of a table with a header: which holds the classes, by its name or by what stands in it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tlkit.data.tables.frames import read_table
from tlkit.errors import DataError

TABLES = (".csv", ".tsv", ".parquet")
GROUP_COLUMNS = ("group", "patient", "patient_id", "subject", "photographer", "site", "owner")
SPLIT_COLUMNS = ("split", "part", "fold", "subset")
_LABEL_COLUMNS = ("label", "class", "target", "category", "species", "breed", "y")
_FEWEST = 3  # rows of a class


@dataclass(frozen=True)
class LabelledTable:
    """A table on disk, and its column of classes."""

    file: Path
    frame: pd.DataFrame
    label: str

    @property
    def inputs(self) -> list[str]:
        """All columns but the label."""
        return [each for each in map(str, self.frame.columns) if each != self.label]

    @property
    def numbers(self) -> list[str]:
        """The columns that hold numbers."""
        return [each for each in self.inputs if self.frame[each].dtype.kind in "iuf"]

    @property
    def why(self) -> dict[str, str]:
        """Why this column is taken for the label."""
        return {"label": f"guessed; columns: {', '.join(list(map(str, self.frame.columns))[:12])}"}


def labelled_table(files: Sequence[Path]) -> LabelledTable | None:
    """The only table among these files; None where there are several, or no column of classes."""
    tables = [each for each in files if each.suffix.lower() in TABLES]
    frame = frame_in(tables[0]) if len(tables) == 1 else None
    label = None if frame is None else label_column(frame, list(map(str, frame.columns)))
    return None if frame is None or label is None else LabelledTable(tables[0], frame, label)


def label_column(frame: pd.DataFrame, columns: Sequence[str]) -> str | None:
    """The column of the classes: by its name, else the one of words that come again."""
    named = named_column(columns, _LABEL_COLUMNS)
    if named is not None and frame[named].map(str).nunique() > 1:
        return named
    words = [each for each in columns if frame[each].dtype.kind not in "iufbM" and not each.startswith("Unnamed")]
    words = [each for each in words if each.lower() not in (*GROUP_COLUMNS, *SPLIT_COLUMNS)]
    counts = {
        each: frame[each].nunique() for each in words if frame[each].map(lambda cell: isinstance(cell, str)).all()
    }
    usable = [each for each, count in counts.items() if 2 <= count <= len(frame) / _FEWEST]
    return min(usable, key=lambda each: counts[each]) if usable else None


def frame_in(file: Path) -> pd.DataFrame | None:
    """The rows of a table, read once as long as it does not change; None where it cannot be read as one."""
    return _read(file, file.stat().st_mtime_ns)


@functools.lru_cache(maxsize=1)
def _read(file: Path, changed: int) -> pd.DataFrame | None:
    try:
        return read_table(file)
    except (DataError, UnicodeDecodeError):
        return None


def named_column(columns: Sequence[str], wanted: Sequence[str]) -> str | None:
    """The first column that has one of these names, whatever its case."""
    by_name = {each.lower().strip(): each for each in columns}
    return next((by_name[name] for name in wanted if name in by_name), None)
