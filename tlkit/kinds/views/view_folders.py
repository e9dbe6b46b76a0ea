"""Objects seen from several sides: pictures that together make one example (views, height, width, channels)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tlkit.data.assembly.class_folders import part_folders
from tlkit.data.assembly.gathering import Gathered, Labelled, content_id, split, to_score
from tlkit.data.splits import Info, Splits
from tlkit.errors import DataError
from tlkit.kinds.image.image_folder import inspect_files
from tlkit.kinds.image.pictures import input_of as picture_input
from tlkit.kinds.image.pictures import read_picture, sides
from tlkit.kinds.kind import Inputs, Scored
from tlkit.kinds.views.view_sets import (
    ObjectViews,
    examples_of,
    turn_of_folder,
    turns_by_folder,
    turns_by_pattern,
    uneven,
)
from tlkit.model.metadata import Metadata
from tlkit.tasks.task import require_task

Arc = tuple[ObjectViews, str | None, list[Path]]  # an object, its part if that is given, and pictures of it in order


def views(
    path: str | Path,
    *,
    seed: int = 7,
    val: float = 0.15,
    test: float = 0.15,
    image_size: int | Sequence[int] = (128, 128),
    channels: int = 3,
    pattern: str | None = None,
    count: int | None = None,
    apart: int | None = None,
    split_by: str = "object",
    group: str | None = None,
    group_folder: int | None = None,
    task: str = "label",
    max_bad: float = 0.05,
    on_file: Callable[[int], None] | None = None,
) -> Splits:
    """Splits of objects seen from several sides: a folder a class, in it one an object, or names by `pattern`.

    An example is `count` views of an object (by default all), spread evenly or `apart` places from one to the next; no
    picture is in two examples. An object that lacks a view is set aside, and so is an example with a broken picture.

    Args:
        split_by: "object" keeps all examples of an object in one part; "turn" tests on the last share of every
            object's turn (`test: 0.5`: trained on one half, tested on the other) and validates on some of the rest.
        group: a pattern in file names; objects with the same find stay in one part.
        group_folder: a level of folders below the class (class = 1) that stays in one part.

    Example:
        >>> views("data/coil20", pattern="obj{object}__{view}.png", count=4, split_by="turn", test=0.5,
        ...     image_size=64).info.input_shape  # doctest: +SKIP
        (4, 64, 64, 3)
    """
    path, size = Path(path), sides(image_size)
    require_task(task, ["label"], where=path, what="objects come with one label each")
    if channels not in (1, 3):
        raise DataError(f"data.channels: pictures have 1 or 3 channels, found {channels}")
    turns = _turns(path, pattern)
    found = Gathered(bad=uneven(turns))
    even = [turn for turn in turns if turn.name not in found.bad]
    found.refuse_bad(max_bad, str(path), total=len(turns))
    arcs = _arcs(even, split_by, test, str(path))
    count = int(count or min(len(pictures) for _, _, pictures in arcs))
    _fill(found, arcs, count, apart, grouped=split_by == "object", on_file=on_file)
    reading = {"pattern": pattern, "apart": apart}
    info = Info("label", (count, *size, channels), kind="views", reading=reading)
    read = functools.partial(read_views, size=size, channels=channels)
    return split(
        found, lambda rows: info, read=read, where=str(path), seed=seed, val=val, test=test, max_bad=max_bad,
        group=group, group_folder=group_folder,
    )  # fmt: skip


def read_views(paths: tuple[str, ...], size: tuple[int, int], channels: int) -> np.ndarray:
    """The pictures of one example as one array (views, height, width, channels)."""
    return np.stack([read_picture(each, size, channels) for each in paths])


def inputs_at(path: Path, metadata: Metadata) -> Inputs:
    """Every example in a folder: of one object's views, of objects, or of files named by the training's pattern."""
    count, height, width, channels = metadata["input_shape"]
    if not path.is_dir():
        raise DataError(f"{path}: expected a folder with {count} views of an object, found a file")
    for turn in _new_turns(path, metadata["reading"].get("pattern")):
        chosen = list(examples_of(turn.ordered(), count, metadata["reading"].get("apart")))
        if not chosen:
            raise DataError(f"{turn.name}: expected {count} views, found {len(turn.pictures)}")
        for number, pictures in enumerate(chosen):
            yield (
                _name(turn, number, len(chosen)),
                functools.partial(read_views, tuple(map(str, pictures)), (height, width), channels),
            )


def labelled_views(path: Path, metadata: Metadata) -> Scored:
    """Every labelled example, to score a model with this metadata on, and what was set aside."""
    count, height, width, channels = metadata["input_shape"]
    turns = _turns(path, metadata["reading"].get("pattern"))
    found = Gathered(bad=uneven(turns))
    arcs: list[Arc] = [(turn, None, turn.ordered()) for turn in turns if turn.name not in found.bad]
    _fill(found, arcs, count, metadata["reading"].get("apart"), grouped=False, on_file=None)
    return to_score(found, functools.partial(read_views, size=(height, width), channels=channels))


def input_of(example: Any, metadata: Metadata) -> np.ndarray:
    """The input for several pictures of one object: paths, PIL pictures or arrays of pixels."""
    count, height, width, channels = metadata["input_shape"]
    pictures = list(example)
    if len(pictures) != count:
        raise DataError(f"views: expected {count} pictures of one object, found {len(pictures)}")
    one: Metadata = {**metadata, "input_shape": [height, width, channels]}
    return np.stack([picture_input(each, one) for each in pictures])


def _turns(path: Path, pattern: str | None) -> list[ObjectViews]:
    if not path.is_dir():
        what = "a file" if path.is_file() else "nothing there"
        raise DataError(f"{path}: expected a folder of objects seen from several sides, found {what}")
    found = []
    for folder, part in part_folders(path):
        found += turns_by_pattern(folder, pattern, part) if pattern else turns_by_folder(folder, part)
    if not found:
        raise DataError(f"{path}: expected one folder a class and in it one folder an object, found no pictures")
    return found


def _new_turns(path: Path, pattern: str | None) -> list[ObjectViews]:
    """Objects without known classes: by pattern where it fits, else each folder that holds pictures."""
    if pattern and not list(path.glob("*/")):
        return turns_by_pattern(path, pattern.rpartition("/")[2])
    homes = [path, *sorted(each for each in path.rglob("*") if each.is_dir())]
    turns = [turn for home in homes if (turn := turn_of_folder(home)) is not None]
    if not turns:
        raise DataError(f"{path}: no pictures in this folder")
    return turns


def _arcs(turns: list[ObjectViews], split_by: str, test: float, where: str) -> list[Arc]:
    """(object, part, pictures): the whole turn, or what of it is for training and what for testing."""
    if split_by not in ("object", "turn"):
        raise DataError(f"{where}: data.split_by: expected object or turn, found '{split_by}'")
    if split_by == "turn":
        arcs: list[Arc] = []
        for turn in turns:
            pictures = turn.ordered()
            kept = round(len(pictures) * (1 - test))
            arcs += [(turn, "train", pictures[:kept]), (turn, "test", pictures[kept:])]
        return arcs
    if len({turn.label for turn in turns}) == len(turns) and not any(turn.part for turn in turns):
        raise DataError(
            f"{where}: every class has one object only, so split_by: object leaves nothing to test on. "
            "Say split_by: turn, or put {label} into data.pattern"
        )
    return [(turn, turn.part, turn.ordered()) for turn in turns]


def _fill(
    found: Gathered,
    arcs: list[Arc],
    count: int,
    apart: int | None,
    *,
    grouped: bool,
    on_file: Callable[[int], None] | None,
) -> None:
    """Every example of every arc; those with a broken picture go to the bad ones, by its name."""
    pictures = [each for _, _, arc in arcs for each in arc]
    ids, bad = inspect_files(pictures, on_file)
    known = dict(zip(pictures, ids, strict=True))
    for turn, part, arc in arcs:
        chosen = list(examples_of(arc, count, apart))
        if not chosen:
            found.bad[turn.name] = f"expected {count} views{f', {apart} apart' if apart else ''}, found {len(arc)}"
        for number, paths in enumerate(chosen):
            name = _name(turn, number, len(chosen)) + (f" ({part})" if part and not turn.part else "")
            broken = [each for each in paths if str(each) in bad]
            if broken:
                found.bad[name] = f"{broken[0]}: {bad[str(broken[0])]}"
            else:
                items, id_ = tuple(map(str, paths)), content_id(*(known[each].encode() for each in paths))
                group = f"{turn.name}" if grouped else None
                found.rows.append(Labelled(items, turn.label, name, id_, part, group, told=str(turn.ordered()[0])))


def _name(turn: ObjectViews, number: int, count: int) -> str:
    return turn.name if count == 1 else f"{turn.name} from view {number}"
