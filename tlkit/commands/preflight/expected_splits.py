"""What a recipe's data will be like, told from no more of them than is quickly read."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tlkit import catalog
from tlkit.data.download.sampling import draw_sample
from tlkit.data.sources import will_be_filled
from tlkit.data.splits import Examples, Info, Splits
from tlkit.inspection.leak_guard import guarded
from tlkit.recipe.checking import source_arguments
from tlkit.recipe.schema import Data, Recipe
from tlkit.training.planning import default_size, load_data

_PICTURES = ("image_folder", "picture_table")
_MOST_READ = 64 << 20  # bytes below data.path that are read to learn shapes
_MOST_LISTED = 50_000  # files
_FEW = 120  # drawn to learn the classes and the shape of a sample


def expected_splits(recipe: Recipe) -> Splits | None:
    """Splits as a run will have them, or stand-ins of one example a part; None where nothing tells what they hold.

    Pictures are brought to a size, so that a list of them is enough; other data are read where they are not large.
    """
    data = recipe.data
    if data.source in _PICTURES:
        return _picture_splits(recipe)
    if will_be_filled(data):
        return drawn_splits(recipe) if data.sample else None
    if data.path is not None and _is_large(Path(data.path)):
        return None
    return guarded(load_data(recipe, data), allow_leaks=data.allow_leaks)


def drawn_splits(recipe: Recipe) -> Splits:
    """The splits of a few examples of the recipe's sample, drawn for the moment."""
    sample = str(recipe.data.sample)
    known = catalog.arguments(sample, catalog.SAMPLES, kind="sample") or {}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "drawn"
        draw_sample(sample, place, **({"count": _FEW} if "count" in known else {}))
        return load_data(recipe, recipe.data.model_copy(update={"path": str(place), "sample": None}))


def picture_info(recipe: Recipe, class_names: tuple[str, ...]) -> Info:
    """What is known of pictures that are brought to the recipe's size."""
    data = recipe.data
    size = data.image_size or default_size(recipe)
    sides = (size, size) if isinstance(size, int) else tuple(size) * (2 // len(size))
    return Info(data.task or "label", (*sides, data.channels or 3), class_names=class_names)


def _picture_splits(recipe: Recipe) -> Splits:
    from tlkit.data.side_columns.joining import refuse_no_rows
    from tlkit.kinds.image.image_folder import refuse_options

    data = recipe.data
    known = catalog.arguments(data.source, catalog.SOURCES, kind="source") or {}
    options = {**known, **source_arguments(data), "beside": data.beside}
    refuse_options(options["channels"], options["near_copies"], options["resize"])
    there = data.path is not None and not will_be_filled(data)
    if data.beside is not None and data.beside.table is None and data.source == "image_folder":
        refuse_no_rows([str(data.path)])
    look = _table_classes if data.source == "picture_table" else _folder_classes
    names = look(Path(str(data.path)), options) if there else ()
    return _stand_in(picture_info(recipe, names or ("one", "other")), data)


def _folder_classes(path: Path, options: Mapping[str, Any]) -> tuple[str, ...]:
    from tlkit.data.download.archives import is_archive
    from tlkit.kinds.image.image_folder import listed_pictures

    if is_archive(path) or _is_long(path):
        return ()
    wanted = {name: options[name] for name in ("task", "label", "group", "group_folder")}
    return tuple(sorted({str(each.label) for each in listed_pictures(path, **wanted)}))


def _table_classes(path: Path, options: Mapping[str, Any]) -> tuple[str, ...]:
    from tlkit.data.side_columns.encoding import refuse_missing
    from tlkit.data.tables.frames import read_table
    from tlkit.kinds.image.picture_tables import image_columns, refuse_gaps

    labels = [options["label"]] if isinstance(options["label"], str) else list(options["label"])
    group, split, time = (options[name] for name in ("group", "split", "time"))
    frame, beside = read_table(path, text=image_columns(options["image"])), options["beside"]
    refuse_gaps(frame, options["image"], labels, group, split, time, str(path))
    if beside is not None and beside.table is None:
        refuse_missing(frame, beside.columns, str(path))
    return ()


def _stand_in(info: Info, data: Data) -> Splits:
    columns = [] if data.beside is None else list(data.beside.columns)
    beside = np.zeros((1, len(columns)), np.float32) if columns else None
    one = Examples([None], np.zeros(1, np.int64), ["0"], ["example"], None, beside=beside)
    info = Info(**{**vars(info), "beside": {"columns": dict.fromkeys(columns)} if columns else {}})
    return Splits(one, one, one, info)


def _is_large(path: Path) -> bool:
    """Whether more bytes or files lie below a path than are quickly looked at."""
    total = 0
    for count, each in enumerate(_files(path), start=1):
        total += each.lstat().st_size
        if total > _MOST_READ or count > _MOST_LISTED:
            return True
    return False


def _files(path: Path) -> Iterator[Path]:
    """A file, or one after the other below a folder, none of which is listed whole."""
    folders = [path] if path.is_dir() else []
    if path.is_file():
        yield path
    while folders:
        with os.scandir(folders.pop()) as entries:
            for each in entries:
                if each.is_dir(follow_symlinks=False):
                    folders.append(Path(each))
                else:
                    yield Path(each)


def _is_long(path: Path) -> bool:
    return next(itertools.islice(_files(path), _MOST_LISTED, None), None) is not None
