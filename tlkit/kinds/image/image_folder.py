"""A folder of pictures: one folder a class, or train/val/test folders of such."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tlkit.data.assembly.class_folders import LabelledFile, list_files, printable
from tlkit.data.assembly.excluded import first_reasons, refuse_many_bad
from tlkit.data.assembly.groups import grouped_files
from tlkit.data.assembly.parts import assemble
from tlkit.data.download.archives import is_archive, unpacked
from tlkit.data.splits import Examples, Info, Splits
from tlkit.errors import DataError
from tlkit.kinds.image.image_index import file_facts, problems
from tlkit.kinds.image.picture_groups import (
    files_to_compare,
    given_parts,
    ids_of,
    kept_together,
    shares_to_assign,
)
from tlkit.kinds.image.pictures import RESIZES, read_picture, sides
from tlkit.tasks.task import require_task, task_of


def image_folder(
    path: str | Path,
    *,
    seed: int = 7,
    val: float = 0.15,
    test: float = 0.15,
    image_size: int | Sequence[int] = (224, 224),
    channels: int = 3,
    task: str = "label",
    max_bad: float = 0.05,
    label: str | None = None,
    group: str | None = None,
    group_folder: int | None = None,
    near_copies: str = "together",
    resize: str = "squeeze",
    on_file: Callable[[int], None] | None = None,
) -> Splits:
    """Splits of a folder of pictures, by class folders; train/val/test folders are kept where they are given.

    Args:
        label: a pattern (regular expression) that finds the class in file names, where folders do not tell it.
        group: a pattern (regular expression) in file names; files with the same find stay in one part.
        group_folder: a level of folders below the class (class = 1) that stays in one part.
        near_copies: "together" keeps re-encoded, resized and mirrored copies in one part; "apart" does not look.
        resize: "squeeze" takes all of a picture, "crop" the largest part around its middle that has the size's shape,
            "centre" 7/8 of the sides of that.

    Example:
        >>> image_folder("data/cats", val=0.1, test=0.2).info.class_names  # doctest: +SKIP
        ('cats', 'dogs')
    """
    path = Path(path)
    if is_archive(path):
        path = unpacked(path)
    files = listed_pictures(path, task=task, label=label, group=group, group_folder=group_folder)
    class_names = tuple(sorted({str(each.label) for each in files}))
    return picture_splits(
        files, class_names, where=str(path), seed=seed, val=val, test=test,
        image_size=image_size, channels=channels, task="label", max_bad=max_bad, on_file=on_file,
        near_copies=near_copies, resize=resize, reading={"label": label} if label else {},
    )  # fmt: skip


def listed_pictures(
    path: Path, *, task: str, label: str | None, group: str | None, group_folder: int | None
) -> list[LabelledFile]:
    """Every picture of a folder with its label, and with the group that it is to stay with."""
    require_task(task, ["label"], where=path, what="folders give one label a picture, and tables any")
    return grouped_files(list_files(path, label=label), path, group, group_folder)


def refuse_options(channels: int, near_copies: str, resize: str = "squeeze") -> None:
    """What no source of pictures knows."""
    if channels not in (1, 3):
        raise DataError(f"data.channels: pictures have 1 or 3 channels, found {channels}")
    if near_copies not in ("together", "apart"):
        raise DataError(f"data.near_copies: expected together or apart, found {near_copies!r}")
    if resize not in RESIZES:
        raise DataError(f"data.resize: expected {', '.join(RESIZES)}, found {resize!r}")


def picture_splits(
    files: list[LabelledFile],
    class_names: Sequence[str],
    *,
    where: str,
    seed: int,
    val: float,
    test: float,
    image_size: int | Sequence[int],
    channels: int,
    task: str,
    max_bad: float,
    on_file: Callable[[int], None] | None,
    near_copies: str = "together",
    resize: str = "squeeze",
    reading: Mapping[str, Any] | None = None,
) -> Splits:
    """Splits of labelled picture files: broken ones set aside, copies and groups kept together, the rest assigned."""
    refuse_options(channels, near_copies, resize)
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
    strata = task_of(task).strata([str(each.label) for each in files])
    size = sides(image_size)
    whole = Examples(
        items=[str(each.path) for each in files],
        targets=task_of(task).targets([each.label for each in files], class_names),
        ids=ids,
        names=[printable(each.path) for each in files],
        read=functools.partial(read_picture, size=size, channels=channels, resize=resize),
        keys=keys,
    )
    info = Info(
        task, (*size, channels), class_names=tuple(class_names), set_aside=bad, tags=given_parts(files, assigned),
        reading={**(reading or {}), **({"resize": resize} if resize != "squeeze" else {})},
    )  # fmt: skip
    given = [each.part for each in files]
    return assemble(whole, info, given=given, strata=strata, val=val, test=test, seed=seed, where=where)


def inspect_files(paths: list[Path], on_file: Callable[[int], None] | None) -> tuple[list[str], dict[str, str]]:
    """The content hash of each file, and by name what is wrong with those that cannot be used."""
    seen = file_facts(paths, on_file=on_file)
    return ids_of(seen), problems(paths, seen)


def _refuse_empty_classes(
    files: list[LabelledFile], class_names: Sequence[str], task: str, where: str, bad: dict[str, str]
) -> None:
    strata = task_of(task).strata([str(each.label) for each in files])
    left = set(class_names if strata is None else strata)
    for name in set(class_names) - left:
        raise DataError(f"{where}: class '{name}' has no readable picture left; set aside: {first_reasons(bad)}")
