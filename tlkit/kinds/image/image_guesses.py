"""Guesses of data that are pictures: an archive, IDX, a table that names them, files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from tlkit.data.assembly.class_folders import SUFFIXES
from tlkit.data.download.archives import is_archive
from tlkit.data.tables.frames import read_table
from tlkit.kinds.detection.columns import GROUP_COLUMNS, SPLIT_COLUMNS, TABLES, frame_in, label_column, named_column
from tlkit.kinds.detection.guess import Guess
from tlkit.kinds.detection.layouts import find_layout, labelled_guess, some_files

_PATH_COLUMNS = ("path", "file", "filename", "file_name", "image", "image_path", "filepath", "img")
_TRIED = 20  # cells that are looked for as files
_FULL = 0.9  # of the cells name a file


def guess_archive(path: Path, files: Sequence[Path]) -> Guess | None:
    """An archive, which is not opened."""
    why = {"source": "guessed: an archive with one folder a class"}
    return Guess({"source": "image_folder"}, why) if is_archive(path) else None


def guess_idx(path: Path, files: Sequence[Path]) -> Guess | None:
    """IDX files, MNIST's format."""
    if not any("idx3-ubyte" in each.name for each in files):
        return None
    training = {"epochs": 5, "batch_size": 128, "learning_rate": 0.003}
    return Guess({"source": "idx"}, {"source": "guessed from *idx3-ubyte*"}, {"net": "resnet20"}, training)


def guess_picture_table(path: Path, files: Sequence[Path]) -> Guess | None:
    """A table whose cells are pictures, or name the files of pictures: by path, name, or name without its ending."""
    tables = [each for each in files if each.suffix.lower() in TABLES]
    around = files if path.is_dir() else [each for each in some_files(path.parent) if each.suffix.lower() in SUFFIXES]
    pictures = [each for each in around if each.suffix.lower() in SUFFIXES]
    found = (guess for table in tables for guess in _picture_guesses(table, pictures))
    return next(found, None)


def _picture_guesses(table: Path, pictures: Sequence[Path]) -> Iterator[Guess]:
    frame = frame_in(table)
    if frame is None or not (pictures or named_column([str(each) for each in frame.columns], _PATH_COLUMNS)):
        return
    columns = [str(each) for each in frame.columns]
    cells = read_table(table, text=columns).head(_TRIED)  # an id 007 as it is written
    forms = {column: form for column in columns if (form := _form(cells[column], column, table.parent, pictures))}
    by_name = named_column(columns, _PATH_COLUMNS)
    image = by_name if by_name and (by_name in forms or _are_pictures(cells[by_name])) else next(iter(forms), None)
    label = label_column(frame, [each for each in columns if each != image])
    if image is None or label is None:
        return
    data = {"source": "picture_table", "path": str(table), "image": forms.get(image, image), "label": label}
    why = {"image": "guessed: the pictures", "label": f"guessed; columns: {', '.join(columns[:12])}"}
    for key, names in (("group", GROUP_COLUMNS), ("split", SPLIT_COLUMNS)):
        column = named_column(columns, names)
        if column is not None:
            data[key], why[key] = column, "guessed from the column's name"
    few = f"{len(frame)} rows, {frame[label].map(str).nunique()} values in {label}"
    yield Guess(data, why, seen=f"pictures named in the column {image} of {table.name}, {few}")


def _are_pictures(cells: pd.Series) -> bool:
    """Whether cells hold pictures or end as their files do, wherever these lie."""
    return all(not isinstance(each, str) or Path(each).suffix.lower() in SUFFIXES for each in cells.dropna())


def _form(cells: pd.Series, column: str, home: Path, pictures: Sequence[Path]) -> str | None:
    """The column, or the form of a path with it, by which its cells name files; None where they do not."""
    tried = [str(each) for each in cells.dropna()]
    folders = list(dict.fromkeys(["", *(each.parent.relative_to(home).as_posix() for each in pictures
                                        if home in each.parents)]))  # fmt: skip
    endings = ["", *Counter(each.suffix for each in pictures)]
    for folder in folders:
        for ending in endings:
            start = f"{folder}/" if folder not in ("", ".") else ""
            named = [home / f"{start}{each}{ending}" for each in tried]
            there = sum(each.suffix.lower() in SUFFIXES and os.path.isfile(each) for each in named)
            if tried and there >= _FULL * len(tried):
                return f"{start}{{{column}}}{ending}" if start or ending else column
    return None


def guess_pictures(path: Path, files: Sequence[Path]) -> Guess | None:
    """Pictures in class folders, or with the class in their names."""
    layout = find_layout(path, files, SUFFIXES, "pictures")
    return None if layout is None else labelled_guess(layout, Guess({"source": "image_folder"}, {"source": "guessed"}))
