"""Tables of pictures, on disk or as a DataFrame: with paths or the pictures' bytes, one label column or several."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tlkit.data.assembly.assignment import assign_by_time
from tlkit.data.assembly.class_folders import LabelledFile, printable
from tlkit.data.side_columns.encoding import rows_by_name, with_columns
from tlkit.data.splits import Splits
from tlkit.data.tables.frames import read_table
from tlkit.errors import DataError, nearest
from tlkit.kinds.image.image_folder import picture_splits
from tlkit.paths import cache_root
from tlkit.tasks.task import task_of

_COLUMN = re.compile(r"{([^{}]+)}")
_FEW_VALUES = 100  # different ones up to which whole numbers may be classes


def picture_table(
    table: str | Path | pd.DataFrame,
    where: str = "table",
    *,
    image: str = "path",
    label: str | Sequence[str] = "label",
    group: str | None = None,
    split: str | None = None,
    time: str | None = None,
    root: str | Path | None = None,
    task: str | None = None,
    seed: int = 7,
    val: float = 0.15,
    test: float = 0.15,
    image_size: int | Sequence[int] = (224, 224),
    channels: int = 3,
    max_bad: float = 0.05,
    near_copies: str = "together",
    resize: str = "squeeze",
    beside: str | Sequence[str] | None = None,
    on_file: Callable[[int], None] | None = None,
) -> Splits:
    """Splits of a DataFrame, or a CSV, TSV or Parquet file, with a column of pictures and one of labels.

    Several label columns of 0 and 1 are several labels, several of other numbers are numbers to predict; so are a float
    column and one of lists of floats, while other lists are several labels.

    Args:
        where: what a DataFrame is called in messages.
        image: a column of paths or of pictures' bytes, or a form of paths such as `train/{id}.jpg` where it holds ids.
        group: a column (a photographer, a patient) whose values never straddle two parts.
        split: a column that says train, val or test.
        time: a column by which the latest rows are for the test, and those before them for validation.
        root: the folder that the paths are relative to; by default the file's, or the current one.
        beside: columns that the model sees beside each picture: numbers, booleans, or words that come again.

    Example:
        >>> picture_table("leaves/table.csv", image="file", label="species", group="tree")  # doctest: +SKIP
        >>> Splits.from_frame(frame, image="path", label="breed", group="photographer")  # doctest: +SKIP
    """
    frame, home = table, Path()
    if not isinstance(frame, pd.DataFrame):
        path = Path(frame)
        frame, where, home = read_table(path, text=image_columns(image)), str(path), path.parent
    labels = [label] if isinstance(label, str) else list(label)
    refuse_gaps(frame, image, labels, group, split, time, where)
    task = task or _task(frame, labels, where)
    values = _labels(frame, labels, task, where)
    frame, values = _whole_labels(frame, labels, task, values, where)
    parts = _by_time(frame[time], val, test) if time else _given_parts(frame, split, where)
    files = _listed(
        frame, values, parts, image=image, group=group, root=Path(home if root is None else root), where=where
    )
    class_names = tuple(labels) if len(labels) > 1 else task_of(task).class_names(values, where=where, order=sorted)
    splits = picture_splits(
        files, class_names, where=where, seed=seed, val=val, test=test,
        image_size=image_size, channels=channels, task=task, max_bad=max_bad, on_file=on_file,
        near_copies=near_copies, resize=resize, reading={"table": {"image": image, "label": labels}},
    )  # fmt: skip
    if not beside:
        return splits
    wanted = [beside] if isinstance(beside, str) else list(beside)
    rows = rows_by_name(frame, [printable(each.path) for each in files], wanted, where)
    return with_columns(splits, rows, max_bad=max_bad, name=image_columns(image)[0])


def files_in_frame(
    frame: pd.DataFrame, *, image: str, labels: list[str], task: str, root: Path, where: str
) -> list[LabelledFile]:
    """The pictures of a DataFrame and their labels, of a task that is known."""
    refuse_gaps(frame, image, labels, None, None, None, where)
    frame, values = _whole_labels(frame, labels, task, _labels(frame, labels, task, where), where)
    return _listed(frame, values, [None] * len(frame), image=image, group=None, root=root, where=where)


def named_files(frame: pd.DataFrame, *, image: str, root: Path, where: str) -> list[Path]:
    """The pictures that the rows of a DataFrame name, whatever else stands there."""
    refuse_gaps(frame, image, [], None, None, None, where)
    return _paths(_image_cells(frame, image), root, where)


def image_columns(image: str) -> list[str]:
    """The columns that make up a path.

    Example:
        >>> image_columns("path"), image_columns("{breed}/{id}.jpg")
        (['path'], ['breed', 'id'])
    """
    return _COLUMN.findall(image) or [image]


def refuse_gaps(
    frame: pd.DataFrame,
    image: str,
    labels: list[str],
    group: str | None,
    split: str | None,
    time: str | None,
    where: str,
) -> None:
    """Every column that is named must be there, and filled in each row."""
    for column in [*image_columns(image), *labels, *(each for each in (group, split, time) if each)]:
        if column not in frame.columns:
            raise DataError(f"{where}: no column '{column}'. {nearest(column, map(str, frame.columns))} "
                            f"Columns: {', '.join(map(str, frame.columns))}")  # fmt: skip
    if not len(frame):
        raise DataError(f"{where}: expected rows, found none")
    if time and (split or group):
        raise DataError(f"{where}: expected time alone, found {'split' if split else 'group'} as well")
    needed = [*image_columns(image), *labels, *(each for each in (group, time) if each)]
    missing = frame[needed].isna().any(axis=1)
    if missing.any():
        rows, what = ", ".join(map(str, frame.index[missing][:20])), "a path, a label or a group"
        raise DataError(f"{where}: {int(missing.sum())} rows lack {what}: rows {rows}. Fill or drop them")


def _labels(frame: pd.DataFrame, labels: list[str], task: str, where: str) -> list[Any]:
    if len(labels) == 1:
        return list(frame[labels[0]])
    asked = task_of(task)
    read, lacking = asked.read(asked.combined({each: frame[each].tolist() for each in labels}, where=where))
    if lacking.any():
        rows = ", ".join(map(str, frame.index[lacking][:20]))
        raise DataError(f"{where}: expected {asked.wanted} in each of {', '.join(labels)}; not so in rows {rows}")
    return read


def _task(frame: pd.DataFrame, labels: list[str], where: str) -> str:
    if len(labels) > 1:
        numbers = all(pd.api.types.is_numeric_dtype(frame[each]) for each in labels)
        return "number" if numbers and not frame[labels].isin((0, 1)).all(axis=None) else "labels"
    first = frame[labels[0]].iloc[0]
    if isinstance(first, list | tuple | set):
        return "number" if any(isinstance(each, float) for each in first) else "labels"
    column = frame[labels[0]]
    if column.dtype.kind != "f":
        return "label"
    values = column.unique()
    if len(values) <= _FEW_VALUES and 2 * len(values) <= len(column) and (values % 1 == 0).all():
        shown = ", ".join(map(str, sorted(values.tolist())[:5]))
        raise DataError(
            f"{where}: label column '{labels[0]}' holds whole numbers only ({shown}), written as fractions. Say "
            "whether they are classes (data.task: label) or are to be predicted (data.task: number)"
        )
    return "number"


def _whole_labels(
    frame: pd.DataFrame, labels: list[str], task: str, values: list[Any], where: str
) -> tuple[pd.DataFrame, list[Any]]:
    """Classes that were read as 0.0, 1.0, 2.0 because a row was empty once are whole numbers again."""
    classes = task_of(task).strata(values) is not None
    if classes and len(labels) == 1 and frame[labels[0]].dtype.kind == "f":
        if not all(float(each).is_integer() for each in values):
            raise DataError(f"{where}: label column '{labels[0]}' holds fractions; for task: label expected classes")
        return frame, [int(each) for each in values]
    return frame, values


def _listed(
    frame: pd.DataFrame,
    values: list[Any],
    parts: Sequence[str | None],
    *,
    image: str,
    group: str | None,
    root: Path,
    where: str,
) -> list[LabelledFile]:
    groups = [f"group:{each}" for each in frame[group]] if group else [None] * len(frame)
    paths = _paths(_image_cells(frame, image), root, where)
    return [LabelledFile(*each) for each in zip(paths, values, parts, groups, strict=True)]


def _image_cells(frame: pd.DataFrame, image: str) -> list[Any]:
    """What stands in the column of pictures, or the paths that a form makes of several."""
    if not _COLUMN.search(image):
        return list(frame[image])
    rows = frame[image_columns(image)].astype(str).to_dict("records")
    return [_path_of(row, image) for row in rows]


def _path_of(row: Mapping[Any, str], form: str) -> str:
    return _COLUMN.sub(lambda match: row[match.group(1)], form)


def _paths(cells: list[Any], root: Path, where: str) -> list[Path]:
    if not isinstance(cells[0], str | Path):
        name = hashlib.blake2b(where.encode(), digest_size=8).hexdigest()
        return _written_pictures(cells, _written() / name, where)
    return [root / str(each) for each in cells]


def _written() -> Path:
    return cache_root() / "pictures"


def is_written(file: Path) -> bool:
    """Whether a file was made of the bytes in a table."""
    return file.is_relative_to(_written())


def _written_pictures(values: Iterable[Any], folder: Path, where: str) -> list[Path]:
    """Files with the bytes of a column; of a dictionary, as Hugging Face keeps pictures, its `bytes` or its `path`."""
    paths = []
    for row, value in enumerate(values):
        data = value.get("bytes") if isinstance(value, dict) else value
        if data is None and isinstance(value, dict) and os.path.isfile(value.get("path") or ""):
            paths.append(Path(value["path"]))
            continue
        if not isinstance(data, bytes | bytearray | memoryview):
            raise DataError(f"{where}: row {row}: expected the bytes of a picture, found {type(data).__name__}")
        digest = hashlib.blake2b(data, digest_size=8).hexdigest()
        path = folder / f"row{row}-{digest}{_suffix(bytes(data[:4]))}"
        if not path.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        paths.append(path)
    return paths


def _suffix(start: bytes) -> str:
    return {b"\x89PNG": ".png", b"GIF8": ".gif", b"RIFF": ".webp"}.get(start, ".bmp" if start[:2] == b"BM" else ".jpg")


def _by_time(times: pd.Series, val: float, test: float) -> list[str]:
    return list(map(str, assign_by_time(times.tolist(), val=val, test=test)))


def _given_parts(frame: pd.DataFrame, split: str | None, where: str) -> list[Any]:
    if not split:
        return [None] * len(frame)
    wrong = [name for name in frame[split].unique() if name not in ("train", "val", "test")]
    if wrong:
        raise DataError(f"{where}: the split column says {wrong[0]!r}; expected train, val or test")
    return list(frame[split])
