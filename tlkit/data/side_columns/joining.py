"""Where columns beside an input come from: a table that names the examples, or the rows that they were read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tlkit.data.side_columns.encoding import NamedRows, encoded, refuse_missing, rows_by_name, with_columns
from tlkit.data.splits import Splits
from tlkit.data.tables import delimited
from tlkit.data.tables.frames import read_table
from tlkit.errors import DataError


def joined_columns(
    splits: Splits, columns: Sequence[str], *, table: str | None = None, name: str = "name", max_bad: float = 0.05
) -> Splits:
    """The splits with columns beside the input: of a table whose column `name` names examples, or of their own rows.

    Example:
        >>> joined_columns(splits, ["age"], table="patients.csv").train.beside.shape  # doctest: +SKIP
        (424, 1)
    """
    names = [each for part in splits.parts().values() for each in part.names]
    if table is None:
        refuse_no_rows(names)
    rows = _table_rows(Path(table), name, columns) if table is not None else _own_rows(names, columns)
    return with_columns(splits, rows, max_bad=max_bad, name=None if table is None else name)


def refuse_no_rows(names: Sequence[str]) -> None:
    """A bare list of columns is of rows that the examples themselves were read from."""
    if not _own_files(names):
        raise DataError(
            "data.beside: a list of columns is for examples that are rows of a text table; for others say "
            "{table: patients.csv, name: file, columns: [age]}, name being the column that names the examples"
        )


def columns_beside(
    names: Sequence[str], metadata: Mapping[str, Any], given: Any
) -> tuple[np.ndarray | None, dict[str, str]]:
    """What a model with this metadata takes beside examples of these names, and what is wrong with some of them.

    `given` is a table's path, or a row for each example in their order; None where the examples' own rows hold it.
    """
    wanted = metadata.get("beside")
    if not wanted:
        if given is not None:
            raise DataError("this model takes nothing beside its input, but columns were given")
        return None, {}
    kinds, name = wanted["columns"], wanted["name"]
    if given is None and (name is not None or not _own_files(names)):
        raise DataError(
            f"this model takes {', '.join(kinds)} beside each example. Give a table of them: --beside TABLE, "
            "or beside=FRAME from Python"
        )
    if given is not None and not isinstance(given, str | Path):
        frame = pd.DataFrame(given)
        if len(frame) != len(names):
            raise DataError(f"beside: expected a row for each of {len(names)} examples, found {len(frame)}")
        return encoded(frame.mask(frame.eq("")), kinds, names, "beside")
    rows = _own_rows(names, list(kinds)) if given is None else _table_rows(Path(given), name or "name", list(kinds))
    frame, lost = rows.of(names)
    values, bad = encoded(frame, kinds, names, rows.where)
    return values, {**bad, **lost}


def table_problem(table: str, name: str, columns: Sequence[str]) -> str | None:
    """What is wrong with a table at first sight."""
    try:
        refuse_missing(read_table(Path(table)), [name, *columns], table)
    except DataError as error:
        return str(error)
    return None


def _table_rows(path: Path, name: str, columns: Sequence[str]) -> NamedRows:
    frame = read_table(path)
    refuse_missing(frame, [name, *columns], str(path))
    frame = frame[frame[name].notna()]
    return rows_by_name(frame, [str(each).strip() for each in frame[name]], columns, str(path))


def _own_rows(names: Sequence[str], columns: Sequence[str]) -> NamedRows:
    """The rows of a table that examples called `file:line` were read from."""
    files = _own_files(names)
    frames, lines = zip(*(_lines(Path(each), columns) for each in files), strict=True)
    return rows_by_name(pd.concat(frames), [name for each in lines for name in each], columns, ", ".join(files))


def _own_files(names: Sequence[str]) -> list[str]:
    """The text tables that all these examples are rows of; none where some are not."""
    files = list(dict.fromkeys(each.rpartition(":")[0] for each in names))
    tables = [each for each in files if Path(each).suffix.lower() in delimited.SUFFIXES and Path(each).is_file()]
    return tables if len(tables) == len(files) else []


def _lines(file: Path, columns: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    (_, head), *rows = delimited.read_rows(file)
    rows = [(line, cells) for line, cells in rows if len(cells) == len(head)]
    frame = pd.DataFrame([cells for _, cells in rows], columns=head)
    refuse_missing(frame, columns, str(file))
    return frame[list(columns)], [f"{file}:{line}" for line, _ in rows]
