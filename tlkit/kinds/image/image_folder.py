"""A folder of pictures: one folder a class, or train/val/test folders of such."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from tlkit.data.download.archives import is_archive, unpacked
from tlkit.data.assembly.class_folders import Listed, list_files
from tlkit.kinds.image.image_index import file_facts, printable, problems
from tlkit.data.assembly.groups import grouped_files
from tlkit.kinds.image.picture_groups import (
    files_to_compare,
    given_parts,
    ids_of,
    kept_together,
    shares_to_assign,
)
from tlkit.kinds.image.pictures import read_picture
from tlkit.data.splits import Examples, Info, Splits
from tlkit.data.assembly.assignment import assign
from tlkit.errors import DataError


def image_folder(
    path,
    *,
    seed=7,
    val=0.15,
    test=0.15,
    image_size=(224, 224),
    channels=3,
    task="label",
    max_bad=0.05,
    label=None,
    group=None,
    group_folder=None,
    near_copies="together",
    on_file=None,
) -> Splits:
    """Splits of a folder of pictures, by class folders; train/val/test folders are kept where they are given.

    Args:
        label: a pattern (regular expression) that finds the class in file names, where folders do not tell it.
        group: a pattern (regular expression) in file names; files with the same find stay in one part.
        group_folder: a level of folders below the class (class = 1) that stays in one part.
        near_copies: "together" keeps re-encoded, resized and mirrored copies in one part; "apart" does not look.

    Example:
        >>> image_folder("data/cats", val=0.1, test=0.2).info.class_names  # doctest: +SKIP
        ('cats', 'dogs')
    """
    path = Path(path)
    if is_archive(path):
        path = unpacked(path)
    files = listed_pictures(path, task=task, label=label, group=group, group_folder=group_folder)
    class_names = tuple(sorted({str(each.label) for each in files}))
    splits = picture_splits(
        files, class_names, where=str(path), seed=seed, val=val, test=test,
        image_size=image_size, channels=channels, task="label", max_bad=max_bad, on_file=on_file,
        near_copies=near_copies,
    )  # fmt: skip
    return replace(splits, info=replace(splits.info, reading={"label": label})) if label else splits


def listed_pictures(
    path: Path, *, task: str, label: str | None, group: str | None, group_folder: int | None
) -> list[Listed]:
    """Every picture of a folder with its label, and with the group that it is to stay with."""
    if task != "label":
        raise DataError(
            f"{path}: folders give one label a picture (task: label); for task: {task} use a table of labels"
        )
    return grouped_files(list_files(path, label=label), path, group, group_folder)


def refuse_options(channels: int, near_copies: str) -> None:
    """What no source of pictures knows."""
    if channels not in (1, 3):
        raise DataError(f"data.channels: pictures have 1 or 3 channels, found {channels}")
    if near_copies not in ("together", "apart"):
        raise DataError(f"data.near_copies: expected together or apart, found {near_copies!r}")


def picture_splits(
    files: list[Listed],
    class_names,
    *,
    where,
    seed,
    val,
    test,
    image_size,
    channels,
    task,
    max_bad,
    on_file,
    near_copies="together",
) -> Splits:
    """Splits of labelled picture files: broken ones set aside, copies and groups kept together, the rest assigned."""
    refuse_options(channels, near_copies)
    paths = [each.path for each in files]
    assigned = shares_to_assign(files, val=val, test=test)
    compared = files_to_compare(files, assigned, near_copies)
    seen = file_facts(paths, on_file=on_file)
    bad = problems(paths, seen)
    refuse_many_bad(bad, len(files), max_bad, where)
    sound = seen["problem"] == b""
    files = [each for each, keep in zip(files, sound, strict=True) if keep]
    seen, compared = seen[sound], compared[sound]
    _refuse_empty_classes(files, class_names, task, where, bad)
    files, ids = kept_together(files, seen, compared), ids_of(seen)
    keys = [str(each.group) for each in files]
    parts = parts_of(files, keys, task, val=val, test=test, seed=seed, where=where)
    size = (image_size, image_size) if isinstance(image_size, int) else tuple(image_size) * (2 // len(image_size))
    whole = Examples(
        items=[str(each.path) for each in files],
        targets=encode_targets([each.label for each in files], class_names, task),
        ids=ids,
        names=[printable(each.path) for each in files],
        read=functools.partial(read_picture, size=size, channels=channels),
        keys=keys,
    )
    info = Info(
        task, (*size, channels), class_names=tuple(class_names), set_aside=bad, tags=given_parts(files, assigned)
    )
    return Splits(*(whole.take(np.flatnonzero(parts == part)) for part in ("train", "val", "test")), info)


def labelled_pictures(path: Path, facts: Mapping[str, Any]) -> tuple[Examples, dict[str, str]]:
    """Every labelled picture in class folders, to score a model with these facts on, and what was set aside."""
    files = list_files(path, label=facts.get("reading", {}).get("label"))
    ids, bad = inspect_files([each.path for each in files], None)
    sound = [(each, id_) for each, id_ in zip(files, ids, strict=True) if printable(each.path) not in bad]
    height, width, channels = facts["input_shape"]
    names = [str(each.path) for each, _ in sound]
    labels = np.array([str(each.label) for each, _ in sound], object)
    read = functools.partial(read_picture, size=(height, width), channels=channels)
    return Examples(names, labels, [id_ for _, id_ in sound], names, read), bad


def inspect_files(paths: list[Path], on_file: Callable[[int], None] | None) -> tuple[list[str], dict[str, str]]:
    """The content hash of each file, and by name what is wrong with those that cannot be used."""
    seen = file_facts(paths, on_file=on_file)
    return ids_of(seen), problems(paths, seen)


def refuse_many_bad(bad: dict[str, str], count: int, share: float, where: str, what: str = "pictures") -> None:
    """Stop where more than this share cannot be used, the first of them by name with the reason."""
    if len(bad) > share * count:
        raise DataError(
            f"{where}: {len(bad)} of {count} {what} cannot be used, more than {share:.0%} (data.max_bad): {_first(bad)}"
        )


def _first(bad: dict[str, str], most: int = 5) -> str:
    shown = "; ".join(f"{name}: {why}" for name, why in islice(bad.items(), most))
    return shown + (f" and {len(bad) - most:,} more" if len(bad) > most else "")


def _refuse_empty_classes(files: list[Listed], class_names, task: str, where: str, bad: dict[str, str]) -> None:
    left = {str(each.label) for each in files} if task == "label" else set(class_names)
    for name in set(class_names) - left:
        raise DataError(f"{where}: class '{name}' has no readable picture left; set aside: {_first(bad)}")


def parts_of(files: list[Listed], keys, task, *, val, test, seed, where) -> np.ndarray:
    """The part of each file: as the layout gives it, and by its key where that leaves one out."""
    given = np.array([each.part or "" for each in files])
    classes = [str(each.label) for each in files] if task == "label" else None
    if not given.any():
        return assign(keys, classes, val=val, test=test, seed=seed, where=where)
    parts = given.astype("<U5")
    missing = {"val": val, "test": test} | dict.fromkeys(set(given.tolist()) & {"val", "test"}, 0.0)
    inside = np.flatnonzero(given == "train")
    if not len(inside):
        raise DataError(f"{where}: expected training examples, found none; all are given for {_listed(given)}")
    chosen = [classes[i] for i in inside] if classes else None
    parts[inside] = assign([keys[i] for i in inside], chosen, **missing, seed=seed, where=f"{where}/train")
    return parts


def _listed(given: np.ndarray) -> str:
    return ", ".join(sorted(set(given.tolist()) - {""}))


def encode_targets(labels: Iterable[object], class_names, task: str) -> np.ndarray:
    """Labels as the model learns them: class numbers, rows of 0 and 1, or float values."""
    if task == "number":
        return np.asarray(list(labels), np.float32)
    places = {name: index for index, name in enumerate(class_names)}
    if task == "label":
        return np.asarray([places[str(label)] for label in labels], np.int64)
    rows = list(labels)
    targets = np.zeros((len(rows), len(places)), np.float32)
    for row, names in enumerate(rows):
        targets[row, [places[str(name)] for name in names]] = 1.0  # type: ignore[attr-defined]
    return targets
