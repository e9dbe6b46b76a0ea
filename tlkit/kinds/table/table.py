"""Number columns of a CSV, TSV or Parquet file, or of a DataFrame, as inputs."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tlkit.data.assembly.class_folders import PART_NAMES
from tlkit.data.assembly.excluded import refuse_many_bad
from tlkit.data.assembly.groups import grouped_keys, named_groups
from tlkit.data.assembly.parts import assemble
from tlkit.data.side_columns.layout import divisors
from tlkit.data.single_precision import in_float32
from tlkit.data.splits import Examples, Info, Splits
from tlkit.data.tables.sheets import Sheet, read_sheet
from tlkit.errors import DataError, nearest
from tlkit.kinds.detection.columns import labelled_table
from tlkit.kinds.detection.guess import Guess
from tlkit.kinds.kind import Inputs, Scored
from tlkit.model.metadata import Metadata
from tlkit.tasks.task import Task, require_task, task_of


def table(
    path: str | Path | pd.DataFrame,
    *,
    label: str | Sequence[str] = "label",
    columns: str | Sequence[str] | None = None,
    split: str | None = None,
    group: str | None = None,
    task: str = "label",
    seed: int = 7,
    val: float = 0.15,
    test: float = 0.15,
    max_bad: float = 0.05,
) -> Splits:
    """Splits of a table with a header: `columns` are the inputs, all that hold numbers where none are named.

    Several columns as `label` are several numbers to predict (`task: number`).
    A row that lacks a number or a label is set aside. `split` names a column with train, val or test; rows that are
    equal in the column `group` stay in one part. The model itself brings each column to mean 0 and deviation 1, as they
    are in the training rows.

    Example:
        >>> table(pd.DataFrame({"size": range(20), "label": ["small", "large"] * 10})).info.input_shape
        (1,)
    """
    asked = require_task(task, ["label", "number"], where=path, what="a table has one label or a number")
    sheet, labels_in = read_sheet(path), _label_columns(label)
    split, group = (None if each is None else str(each) for each in (split, group))
    columns = _columns(sheet, [columns] if isinstance(columns, str) else columns, labels_in, split, group)
    values, labels, bad = sound_rows(sheet, columns, labels_in, asked)
    refuse_many_bad(bad, len(sheet.names) + len(sheet.bad), max_bad, sheet.where, "rows")
    kept = [index for index, name in enumerate(sheet.names) if name not in bad]
    names = [sheet.names[index] for index in kept]
    class_names = labels_in if len(labels_in) > 1 else asked.class_names(labels, where=sheet.where)
    ids = _ids(values)
    given = [_part(sheet, sheet.frame[split].iloc[index]) for index in kept] if split else [None] * len(kept)
    groups = named_groups(sheet.frame[group].iloc[kept], names, group) if group else [None] * len(ids)
    keys = grouped_keys(ids, groups)
    strata = asked.strata(list(map(str, labels)))
    whole = Examples(values, asked.targets(labels, class_names), ids, names, None, keys)
    info = Info(
        task, (len(columns),), "float32", "table", class_names, bad,
        tags={"data.columns": ", ".join(columns)},
        reading={"columns": columns, "label": labels_in[0] if len(labels_in) == 1 else list(labels_in)},
    )  # fmt: skip
    splits = assemble(whole, info, given=given, strata=strata, val=val, test=test, seed=seed, where=sheet.where)
    return replace(splits, info=replace(info, preparation=_normalised(splits.train)))


def rows_at(path: Path, metadata: Metadata) -> Inputs:
    """Every row of a table, as a model with this metadata takes it; a label column may be there or not."""
    sheet = read_sheet(path)
    columns = _columns(sheet, metadata["reading"]["columns"], ())
    values, _, bad = sound_rows(sheet, columns, (), task_of(metadata["task"]))
    sound = iter(values)
    for name in [*sheet.names, *sheet.bad]:
        yield name, functools.partial(_told, name, bad[name]) if name in bad else functools.partial(_same, next(sound))


def labelled_rows(path: Path, metadata: Metadata) -> Scored:
    """Every labelled row of a table, to score a model with this metadata on, and what was set aside."""
    sheet = read_sheet(path)
    labels_in = _label_columns(metadata["reading"]["label"])
    columns = _columns(sheet, metadata["reading"]["columns"], labels_in)
    values, labels, bad = sound_rows(sheet, columns, labels_in, task_of(metadata["task"]))
    names = [name for name in sheet.names if name not in bad]
    return Examples(values, np.array(labels, object), _ids(values), names, None), bad


def _normalised(train: Examples) -> dict[str, object]:
    """The preparation that brings these rows to mean 0 and deviation 1."""
    values = np.asarray(train.items, np.float64)
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    return {"name": "normalised", "mean": mean.tolist(), "deviation": divisors(mean, deviation).tolist()}


def _ids(values: np.ndarray) -> list[str]:
    return [hashlib.blake2b(row.tobytes(), digest_size=16).hexdigest() for row in values]


def _label_columns(label: Any) -> tuple[str, ...]:
    return tuple(map(str, label)) if isinstance(label, list | tuple) else (str(label),)


def sound_rows(
    sheet: Sheet, columns: Sequence[str], label: Sequence[str], task: Task
) -> tuple[np.ndarray, list[Any], dict[str, str]]:
    """Numbers (rows, columns) and labels of the rows that have all of them, and what is wrong with the others."""
    numbers = in_float32(sheet.frame[list(columns)].apply(pd.to_numeric, errors="coerce").to_numpy(np.float64))
    targets, lacking = task.read(_cells(sheet, label, task))
    bad = dict(sheet.bad)
    for index in np.flatnonzero(lacking | ~np.isfinite(numbers).all(axis=1)).tolist():
        wrong = np.flatnonzero(~np.isfinite(numbers[index]))
        column = columns[wrong[0]] if len(wrong) else _lacking_label(sheet, label, index, task)
        bad[sheet.names[index]] = _lack(
            column, sheet.frame[column].iloc[index], "a finite number" if len(wrong) else task.wanted
        )
    kept = [index for index, name in enumerate(sheet.names) if name not in bad]
    return numbers[kept], [targets[index] for index in kept], bad


def _cells(sheet: Sheet, label: Sequence[str], task: Task) -> list[Any]:
    """What is to be read as labels; where there are none, any will do."""
    if len(label) > 1:
        return task.combined({each: sheet.frame[each].tolist() for each in label}, where=sheet.where)
    return sheet.frame[label[0]].tolist() if label else [0] * len(sheet.frame)


def _lacking_label(sheet: Sheet, label: Sequence[str], index: int, task: Task) -> str:
    """The first column of the label whose cell is none."""
    return next(each for each in label if task.read([sheet.frame[each].iloc[index]])[1][0])


def _columns(sheet: Sheet, wanted: Sequence[str] | None, label: Sequence[str], *others: str | None) -> list[str]:
    """The columns that are inputs; all that are asked for, and the `others`, must be there."""
    there = [str(each) for each in sheet.frame.columns]
    for name in [*label, *(each for each in others if each), *map(str, wanted or [])]:
        if name not in there:
            known = nearest(name, there) or f"Columns: {', '.join(there[:10])}{', …' if len(there) > 10 else ''}"
            raise DataError(f"{sheet.where}: no column '{name}'. {known}")
    found = [str(each) for each in wanted or ()] or [
        each for each in there if each not in (*label, *others) and _named(each) and _mostly_numbers(sheet.frame[each])
    ]
    if both := [each for each in label if each in found]:
        raise DataError(f"{sheet.where}: '{both[0]}' is what is learned (data.label), and cannot be an input too "
                        "(data.columns)")  # fmt: skip
    if not found:
        raise DataError(f"{sheet.where}: expected columns of numbers, found none among {', '.join(there)}")
    return found


def _named(column: str) -> bool:
    """Whether a column has a name of its own; one without is the index that pandas writes in front of a table."""
    return bool(column.strip()) and not column.startswith("Unnamed: ")


def _mostly_numbers(column: pd.Series) -> bool:
    if column.dtype.kind in "mM":  # moments and spans of time are numbers only by their count of nanoseconds
        return False
    return bool(pd.to_numeric(column, errors="coerce").notna().mean() > 0.5)


def _part(sheet: Sheet, name: object) -> str:
    part = PART_NAMES.get(str(name).strip().lower())
    if part is None:
        raise DataError(f"{sheet.where}: the split column says {name!r}; expected train, val or test")
    return part


def _lack(column: str, value: Any, wanted: str) -> str:
    found = "nothing" if value is None or value == "" or value != value else repr(str(value)[:20])
    return f"column '{column}': expected {wanted}, found {found}"


def _told(name: str, problem: str) -> np.ndarray:
    raise DataError(f"{name}: {problem}")


def _same(values: np.ndarray) -> np.ndarray:
    return values


def guess_table(path: Path, files: Sequence[Path]) -> Guess | None:
    """A table of numbers with a column of classes."""
    table = labelled_table(files)
    if table is None:
        return None
    data = {"source": "table", "path": str(table.file), "label": table.label}
    why = {**table.why, "source": "guessed: columns of numbers"}
    return Guess(data, why, {"net": "mlp", "units": [32, 32]})
