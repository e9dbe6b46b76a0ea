"""Table columns beside each example's input: numbers as they are, words as a column for each, NaN where unknown."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tlkit.data.assembly.excluded import refuse_many_bad
from tlkit.data.side_columns.layout import Kinds
from tlkit.data.splits import Splits
from tlkit.errors import DataError, nearest

_MOST_WORDS = 50  # of a category


@dataclass(frozen=True)
class NamedRows:
    """Rows of a table for examples by their names; a name may be given by its last parts alone (`cats/1.jpg`)."""

    frame: pd.DataFrame
    indices: Mapping[str, int]
    where: str

    def of(self, names: Sequence[str]) -> tuple[pd.DataFrame, dict[str, str]]:
        """A row for each name, empty where there is none, and the names that have none."""
        found = [self._place(each) for each in names]
        owners: dict[int, str] = {}
        for name, index in zip(names, found, strict=True):
            if index is not None and owners.setdefault(index, name) != name:
                raise DataError(f"{self.where}: one row fits both {owners[index]} and {name}. Say more of their paths")
        lost = {name: f"no row in {self.where}" for name, index in zip(names, found, strict=True) if index is None}
        return self.frame.reindex([-1 if each is None else each for each in found]), lost

    def _place(self, name: str) -> int | None:
        if name in self.indices:
            return self.indices[name]
        path = Path(os.path.abspath(name))
        ends = [str(Path(*path.parts[start:])) for start in range(len(path.parts))]
        return next((self.indices[each] for each in [*ends, path.stem] if each in self.indices), None)


def rows_by_name(frame: pd.DataFrame, names: Sequence[str], columns: Sequence[str], where: str) -> NamedRows:
    """The wanted columns of a table under the name of each row, of which none may stand there twice."""
    refuse_missing(frame, columns, where)
    twice = pd.Index(names).duplicated()
    if twice.any():
        raise DataError(f"{where}: {names[int(twice.argmax())]} has two rows. Leave one")
    kept = frame[list(columns)].reset_index(drop=True)
    return NamedRows(kept.mask(kept.eq("")), {name: index for index, name in enumerate(names)}, where)


def with_columns(splits: Splits, rows: NamedRows, *, max_bad: float, name: str | None = None) -> Splits:
    """The splits with a table's columns beside every example; what has no row, or a wrong cell, is set aside.

    Words are counted on the training part. `name` is the column that names examples, for tables that are to come.

    Example:
        >>> with_columns(splits, rows_by_name(frame, frame["file"], ["age"], "patients.csv"),
        ...     max_bad=0.05).train.beside.shape  # doctest: +SKIP
        (424, 1)
    """
    names = [each for part in splits.parts().values() for each in part.names]
    frame, lost = rows.of(names)
    kinds = {each: _words(column, rows.where) for each, column in frame.iloc[: len(splits.train)].items()}
    values, wrong = encoded(frame, kinds, names, rows.where)
    bad = {**wrong, **lost}
    refuse_many_bad(bad, len(names) + len(splits.info.set_aside), max_bad, rows.where, "examples")
    missing = frame.isna().sum() - len(lost)
    unknown = ", ".join(f"{each} ({count} examples)" for each, count in missing[missing > 0].items())
    tags = {**splits.info.tags, "data.beside": ", ".join(map(str, kinds))}
    tags |= {"data.beside_missing": unknown} if unknown else {}
    info = replace(splits.info, tags=tags, beside={"columns": kinds, "name": name})
    ends = np.cumsum([len(part) for part in splits.parts().values()])[:-1]
    pairs = zip(splits.parts().items(), np.split(values, ends), strict=True)
    parts = {part: replace(examples, beside=each) for (part, examples), each in pairs}
    return replace(splits, **parts, info=info).without(bad)


def encoded(frame: pd.DataFrame, kinds: Kinds, names: Sequence[str], where: str) -> tuple[np.ndarray, dict[str, str]]:
    """A row of numbers for each name, and what is wrong with rows that do not hold what was promised."""
    refuse_missing(frame, list(kinds), where)
    blocks, bad = [], {}
    for each, words in kinds.items():
        block, wrong = _numbers(frame[each]) if words is None else _one_hot(frame[each], words)
        blocks.append(block)
        wanted = "a number" if words is None else " or ".join(map(repr, words))
        for index in np.flatnonzero(wrong).tolist():
            bad[names[index]] = f"{where}: column '{each}': expected {wanted}, found {frame[each].iloc[index]!r}"
    return np.concatenate(blocks, axis=1).astype(np.float32), bad


def refuse_missing(frame: pd.DataFrame, columns: Sequence[str], where: str) -> None:
    """Every column must be there."""
    there = [str(each) for each in frame.columns]
    for each in columns:
        if each not in there:
            raise DataError(f"{where}: no column '{each}'. {nearest(each, there)} Columns: {', '.join(there)}")


def _words(column: pd.Series, where: str) -> list[str] | None:
    """The different words of a column in training, in order; None where it holds numbers."""
    told = column.dropna()
    if told.empty:
        raise DataError(f"{where}: column '{column.name}' says nothing of any training example")
    category = isinstance(column.dtype, pd.CategoricalDtype)
    if not category and np.isfinite(_numbers(told)[0]).mean() > 0.5:
        return None
    words = sorted({str(each).strip() for each in told})
    if len(words) > min(_MOST_WORDS, max(2, len(told) // 2)):
        raise DataError(
            f"{where}: column '{column.name}' holds {len(words)} different words in {len(told)} training rows; "
            f"expected numbers, or a category of at most {_MOST_WORDS} words that come again"
        )
    return words


def _numbers(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """(rows, 1) of numbers, and where there is something else."""
    found = pd.to_numeric(column.astype(object).map(_unboxed), errors="coerce").to_numpy(np.float64)
    return np.where(np.isfinite(found), found, np.nan)[:, None], column.notna().to_numpy() & ~np.isfinite(found)


def _unboxed(cell: Any) -> Any:
    return float(cell) if isinstance(cell, bool | np.bool_) else cell


def _one_hot(column: pd.Series, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """(rows, words) of 0 and 1, NaN where nothing is said, and where there is another word."""
    said = column.astype(object).map(lambda cell: cell if pd.isna(cell) else str(cell).strip())
    block = np.array([[float(cell == word) for word in words] for cell in said], np.float64).reshape(-1, len(words))
    missing = said.isna().to_numpy()
    wrong = ~missing & (block.sum(1) == 0)
    block[missing] = np.nan
    return block, wrong
