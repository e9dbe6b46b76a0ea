"""CSV, TSV and Parquet files, and exports of Label Studio, as DataFrames."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tlkit.data.files.regular_files import regular
from tlkit.data.tables.label_studio import read_tasks
from tlkit.errors import DataError

READERS = {
    ".csv": pd.read_csv,
    ".tsv": functools.partial(pd.read_csv, sep="\t"),
    ".parquet": lambda path, dtype: pd.read_parquet(path),
    ".json": lambda path, dtype: read_tasks(path),
}
_DAMAGED = (ValueError, OSError, ImportError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError)


def read_table(path: Path, text: Sequence[str] = ()) -> pd.DataFrame:
    """The rows of a table, or of an export of Label Studio; columns of `text` are so though they look like numbers."""
    if not path.is_file():
        raise DataError(f"{path}: no such file; expected a CSV, TSV or Parquet table")
    read = READERS.get(path.suffix.lower())
    if read is None:
        raise DataError(f"{path}: expected one of {', '.join(READERS)}, found '{path.suffix}'")
    try:
        return read(regular(path), dtype=dict.fromkeys(text, str))
    except _DAMAGED as error:  # a damaged note of pandas in a Parquet file raises what it will
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise DataError(f"{path}: not a readable table ({lines[0]})") from error
