"""Signals over time: rows of CSV or TSV files, arrays in .npy and .npz, folders of WAV and other recordings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tlkit.data.assembly.excluded import refuse_many_bad
from tlkit.data.assembly.groups import grouped_keys, groups_of
from tlkit.data.assembly.parts import assemble
from tlkit.data.duplicates.likeness import kept_together, near_vectors
from tlkit.data.splits import Examples, Info, Splits
from tlkit.data.tables.delimited import TABLES
from tlkit.errors import DataError
from tlkit.kinds.signal.recordings import RecordingFormat, gather_recordings
from tlkit.kinds.signal.row_files import is_folder_of_classes, read_rows, row_files
from tlkit.kinds.signal.signal_files import RECORDINGS, fitted
from tlkit.kinds.signal.signal_rows import RowLayout, Signal
from tlkit.tasks.task import Task, require_task, task_of

_FEW = 4  # a class with fewer different training rows than this is not asked for a validation row


def signals(
    path: str | Path,
    *,
    test_path: str | Path | None = None,
    label: str | int | None = "first",
    channels: int | None = None,
    length: int | None = None,
    sample_rate: int | None = None,
    standardise: bool = True,
    task: str = "label",
    near_copies: str = "together",
    leave_out: str | Sequence[str] | None = None,
    beside: str | Sequence[str] | None = None,
    group: str | None = None,
    group_folder: int | None = None,
    seed: int = 7,
    val: float = 0.15,
    test: float = 0.15,
    max_bad: float = 0.05,
    on_file: Callable[[int], None] | None = None,
) -> Splits:
    """Splits of a table with a row for each signal, of arrays, or of class folders with a file for each signal.

    Signals are brought to one `length`, that of the longest where none is given: longer ones lose their end, shorter
    ones get zeros there. `standardise` lets the model take each channel's mean away and divide by its deviation.
    `…_TRAIN.tsv` with `…_TEST.tsv` beside it, or a `test_path`, keeps that test part; validation comes out of training.
    There a class with fewer than 4 different rows stays in training as a whole. The columns to `leave_out` and those
    `beside` are no part of the signal; a recipe's `data.beside` shows the latter to the model.

    Args:
        label: first, last, a number or a name: the column of the class; for files a pattern (with brackets) that finds
            it in their names, where folders do not tell it.
        group: a column (an array of a .npz), for files a pattern in their names: equal ones stay in one part.
        group_folder: a level of folders below the class (class = 1) that stays in one part.

    Example:
        >>> signals("data/ecg5000").info.input_shape  # doctest: +SKIP
        (140, 1)
    """
    path = Path(path)
    shares: dict[str, Any] = {"val": val, "test": test, "seed": seed}
    require_task(task, ["label", "number"], where=path, what="signals have one label or a number")
    by_name = str(label) if path.is_dir() and "(" in str(label) else None
    if test_path is None and (by_name or is_folder_of_classes(path)):
        form = RecordingFormat(length, channels, sample_rate)
        return _from_folder(
            path, form, shares, label=by_name, group=group, group_folder=group_folder, standardise=standardise,
            max_bad=max_bad, on_file=on_file,
        )  # fmt: skip
    files = row_files(path, test_path)
    apart = [*_several(leave_out), *(beside or ())]
    apart += [group] if group and files[0][0].suffix.lower() in TABLES else []
    rows, layout = read_rows(files, RowLayout(label, None, channels or 1, tuple(apart)))
    return _from_rows(
        path, rows, layout, group=group, group_folder=group_folder, length=length, standardise=standardise, task=task,
        max_bad=max_bad, near_copies=near_copies, **shares,
    )  # fmt: skip


def few_kept(labels: Sequence[str], parts: Sequence[str | None], ids: Sequence[str]) -> set[str]:
    """Classes so rare in a given training part that taking validation rows out would halve them."""
    different: dict[str, set[str]] = {}
    for label, part, id_ in zip(labels, parts, ids, strict=True):
        if part == "train":
            different.setdefault(label, set()).add(id_)
    return {label for label, ids in different.items() if len(ids) < _FEW}


def _from_rows(
    path: Path,
    rows: list[Signal],
    layout: RowLayout,
    *,
    group: str | None,
    group_folder: int | None,
    length: int | None,
    standardise: bool,
    task: str,
    max_bad: float,
    near_copies: str,
    **shares: Any,
) -> Splits:
    asked = task_of(task)
    rows = [_checked(each, asked) for each in rows]
    bad = {each.name: each.problem for each in rows if each.problem}
    refuse_many_bad(bad, len(rows), max_bad, str(path), "rows")
    rows = [each for each in rows if not each.problem]
    channels = {each.values.shape[1] for each in rows}
    if len(channels) > 1:
        raise DataError(f"{path}: expected one number of channels, found {', '.join(map(str, sorted(channels)))}")
    class_names = asked.class_names([each.label for each in rows], where=path)
    length = length or max(len(each.values) for each in rows)
    items = np.stack([fitted(each.values, length) for each in rows])
    loose = [index for index, each in enumerate(rows) if each.part in (None, "train")]
    given, strata = [each.part for each in rows], asked.strata([str(each.label) for each in rows])
    keys = grouped_keys([each.id for each in rows], groups_of([each.name for each in rows], path, group, group_folder))
    keys = kept_together(keys, items, near_vectors, loose, near_copies=near_copies)
    kept = set() if strata is None else few_kept(strata, given, keys)
    whole = Examples(
        items=items,
        targets=asked.targets([each.label for each in rows], class_names),
        ids=[each.id for each in rows],
        names=[each.name for each in rows],
        read=None,
        keys=keys,
    )
    tags = {"data.kept_in_train": ", ".join(sorted(kept))} if kept else {}
    reading: dict[str, Any] = {"layout": "rows", "label": layout.label, "fields": layout.fields}
    reading |= {"apart": list(layout.apart)} if layout.apart else {}
    info = _info(task, (length, *channels), class_names, bad, standardise, reading, tags)
    settled = [index for index in loose if given[index] and strata is not None and strata[index] in kept]
    return assemble(whole, info, given=given, strata=strata, settled=settled, where=path, **shares)


def _several(names: Sequence[str] | str | None) -> Sequence[str]:
    """Column names, of which one may stand without a list."""
    return [names] if isinstance(names, str) else names or ()


def _checked(row: Signal, task: Task) -> Signal:
    """A row with its label as the task needs it."""
    if row.problem:
        return row
    (label,), (lacking,) = task.read([row.label])
    return row._replace(label=label, problem=task.fault(row.label) if lacking else "")


def _from_folder(
    path: Path,
    form: RecordingFormat,
    shares: Mapping[str, Any],
    *,
    label: str | None,
    standardise: bool,
    **options: Any,
) -> Splits:
    found = gather_recordings(path, suffixes=RECORDINGS, what="recordings", form=form, label=label, **options)
    reading = {"layout": "files", "sample_rate": found.form.rate} | ({"label": label} if label else {})
    info = _info("label", found.shape, found.class_names, found.set_aside, standardise, reading, found.tags())
    return found.assembled(info, **shares)


def _info(
    task: str,
    shape: tuple[int, ...],
    class_names: Sequence[str],
    bad: Mapping[str, str],
    standardise: bool,
    reading: Mapping[str, Any],
    tags: Mapping[str, str],
) -> Info:
    preparation = {"name": "standardise"} if standardise else {}
    return Info(
        task, shape, "float32", "signal", tuple(class_names), bad, tags, preparation=preparation, reading=reading
    )
