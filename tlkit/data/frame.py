"""A table of picture paths and labels (pandas DataFrame) as splits."""

from __future__ import annotations

from pathlib import Path

from tlkit.data.image_folder import Listed, picture_splits
from tlkit.data.splits import Splits
from tlkit.errors import DataError, nearest


def from_frame(
    frame,
    *,
    image="path",
    label="label",
    group=None,
    split=None,
    root=".",
    task=None,
    seed=7,
    val=0.15,
    test=0.15,
    image_size=(224, 224),
    channels=3,
    max_bad=0.05,
    on_file=None,
) -> Splits:
    """Splits of a DataFrame with a column of paths and one of labels (several columns of 0 and 1: several labels).

    One `group` (a column: a photographer, a patient) never straddles two parts; `split` names a column with
    train, val or test. A column of lists gives several labels, a float column a number to predict.

    Example:
        >>> Splits.from_frame(table, image="path", label="breed", group="photographer")  # doctest: +SKIP
    """
    labels = [label] if isinstance(label, str) else list(label)
    for column in [image, *labels, *(each for each in (group, split) if each)]:
        if column not in frame.columns:
            raise DataError(f"table: no column '{column}'. {nearest(column, map(str, frame.columns))} "
                            f"Columns: {', '.join(map(str, frame.columns))}")  # fmt: skip
    if not len(frame):
        raise DataError("table: expected rows, found none")
    needed = [image, *labels, *([group] if group else [])]
    missing = frame[needed].isna().any(axis=1)
    if missing.any():
        rows, what = ", ".join(map(str, frame.index[missing][:20])), "a path, a label or a group"
        raise DataError(f"table: {int(missing.sum())} rows lack {what}: rows {rows}. Fill or drop them")
    values = _labels(frame, labels)
    task = task or _task(frame, labels)
    files = _listed(frame, values, image=image, group=group, split=split, root=Path(root))
    class_names = _class_names(values, labels, task)
    return picture_splits(
        files, class_names, where="table", seed=seed, val=val, test=test,
        image_size=image_size, channels=channels, task=task, max_bad=max_bad, on_file=on_file,
    )  # fmt: skip


def _labels(frame, labels) -> list:
    if len(labels) == 1:
        return frame[labels[0]].tolist()
    table = frame[labels].to_numpy()
    return [[name for name, flag in zip(labels, row, strict=True) if flag] for row in table]


def _task(frame, labels) -> str:
    if len(labels) > 1 or isinstance(frame[labels[0]].iloc[0], list | tuple | set):
        return "labels"
    return "number" if frame[labels[0]].dtype.kind == "f" else "label"


def _listed(frame, values, *, image, group, split, root) -> list[Listed]:
    paths = [root / str(each) for each in frame[image]]
    lost = [str(each) for each in paths if not each.is_file()]
    if lost:
        shown = ", ".join(lost[:20])
        raise DataError(
            f"table: {len(lost)} of {len(paths)} files are missing: {shown}{' ...' if len(lost) > 20 else ''}"
        )
    groups = [f"group:{each}" for each in frame[group]] if group else [None] * len(paths)
    parts = [_part(each) for each in frame[split]] if split else [None] * len(paths)
    return [Listed(*each) for each in zip(paths, values, parts, groups, strict=True)]


def _part(name: object) -> str:
    if name not in ("train", "val", "test"):
        raise DataError(f"table: the split column says {name!r}; expected train, val or test")
    return str(name)


def _class_names(values, labels, task: str) -> tuple[str, ...]:
    if task == "number":
        return ()
    if task == "labels":
        return tuple(labels) if len(labels) > 1 else tuple(sorted({str(name) for row in values for name in row}))
    names = tuple(sorted({str(each) for each in values}))
    if len(names) < 2:
        raise DataError(f"table: expected at least two classes, found {len(names)} ({', '.join(names)})")
    return names
