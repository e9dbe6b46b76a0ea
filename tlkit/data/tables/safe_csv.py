"""Tables that tlkit writes for people: a cell of text that a spreadsheet would run as a formula begins with a quote.

Names of files and classes are others' words. Numbers stay as they are, and what is read back here is what was written.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_STARTS = frozenset(
    "=+-@\t\r\n＝＋－＠'"
)  # the quote: so that a cell that has one already is told from those given one
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|nan)")


def write_table(file: IO[str], rows: Iterable[Iterable[object]]) -> None:
    """Write rows into an open CSV file.

    Example:
        >>> with Path("scores.csv").open("w", newline="", encoding="utf-8") as file:  # doctest: +SKIP
        ...     write_table(file, [["class", "score"], ["=cmd|' /C calc'!A0", -0.5]])
    """
    csv.writer(file).writerows(map(defused, row) for row in rows)


def write_frame(frame: pd.DataFrame, path: Path, **options: Any) -> None:
    """Write a data frame, its heads and its index too; options as pandas has them."""
    from pandas.api.types import is_numeric_dtype

    safe = frame.apply(lambda column: column if is_numeric_dtype(column) else column.map(defused))
    safe.rename(columns=defused, index=defused).to_csv(path, **options)


def defused(cell: Any) -> Any:
    """A cell as it is written.

    Example:
        >>> defused("@SUM(A1)"), defused("-5"), defused(-5)
        ("'@SUM(A1)", '-5', -5)
    """
    is_text = isinstance(cell, str) and cell[:1] in _STARTS
    return f"'{cell}" if is_text and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def restored(cell: str) -> str:
    """What a cell was before it was written.

    Example:
        >>> restored("'@SUM(A1)"), restored("'tis"), restored("-5")
        ('@SUM(A1)', "'tis", '-5')
    """
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell
