"""Guesses of data that are tables with a header: of pictures, texts and numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from tlkit.data.assembly.class_folders import SUFFIXES
from tlkit.data.tables.frames import read_table
from tlkit.errors import DataError
from tlkit.inspection.detection.guess import TEXTS, Guess

_TABLES = (".csv", ".tsv", ".parquet")
_PATH_COLUMNS = ("path", "file", "filename", "file_name", "image", "image_path", "filepath", "img")
_LABEL_COLUMNS = ("label", "class", "target", "category", "species", "breed", "y")
_GROUP_COLUMNS = ("group", "patient", "patient_id", "subject", "photographer", "site", "owner")
_SPLIT_COLUMNS = ("split", "part", "fold", "subset")
_TRIED = 20  # cells that are looked for as files
_FEWEST = 3  # rows of a class
_LONGEST = 200  # letters of a file's name
_A_TEXT = 3  # words
_FULL = 0.9  # of the cells name a file


def guess_picture_table(path: Path, files: Sequence[Path]) -> Guess | None:
    """A table whose cells are pictures, or name the files of pictures: by path, name, or name without its ending."""
    tables = [each for each in files if each.suffix.lower() in _TABLES]
    around = files if path.is_dir() else [each for each in _beside(path) if each.suffix.lower() in SUFFIXES]
    pictures = [each for each in around if each.suffix.lower() in SUFFIXES]
    found = (guess for table in tables for guess in _picture_guesses(table, pictures))
    return next(found, None)


def _picture_guesses(table: Path, pictures: Sequence[Path]) -> Iterator[Guess]:
    frame = _frame(table)
    if frame is None or not (pictures or _named([str(each) for each in frame.columns], _PATH_COLUMNS)):
        return
    columns = [str(each) for each in frame.columns]
    cells = read_table(table, text=columns).head(_TRIED)  # an id 007 as it is written
    forms = {column: form for column in columns if (form := _form(cells[column], column, table.parent, pictures))}
    by_name = _named(columns, _PATH_COLUMNS)
    image = by_name if by_name and (by_name in forms or _are_pictures(cells[by_name])) else next(iter(forms), None)
    label = _label_column(frame, [each for each in columns if each != image])
    if image is None or label is None:
        return
    data = {"source": "picture_table", "path": str(table), "image": forms.get(image, image), "label": label}
    why = {"image": "guessed: the pictures", "label": f"guessed; columns: {', '.join(columns[:12])}"}
    for key, names in (("group", _GROUP_COLUMNS), ("split", _SPLIT_COLUMNS)):
        column = _named(columns, names)
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
            named = [home / f"{start}{each}{ending}" for each in tried if len(each) < _LONGEST]
            there = sum(each.suffix.lower() in SUFFIXES and each.is_file() for each in named)
            if tried and there >= _FULL * len(tried):
                return f"{start}{{{column}}}{ending}" if start or ending else column
    return None


def guess_table(path: Path, files: Sequence[Path]) -> Guess | None:
    """A table of numbers with a column of classes, or of texts with one."""
    tables = [each for each in files if each.suffix.lower() in _TABLES]
    frame = _frame(tables[0]) if len(tables) == 1 else None
    if frame is None:
        return None
    columns = [str(each) for each in frame.columns]
    label = _label_column(frame, columns)
    if label is None:
        return None
    why = {"label": f"guessed; columns: {', '.join(columns[:12])}"}
    numbers = [each for each in columns if each != label and frame[each].dtype.kind in "iuf"]
    words = [each for each in columns if each != label and _num_words(frame[each]) >= _A_TEXT]
    if words and len(numbers) < 2 and tables[0].suffix.lower() != ".parquet":
        data = {"source": "text", "path": str(tables[0]), "column": words[0], "label": label}
        return Guess(data, why | {"column": "guessed: the texts"}, {"net": "cnn1d"}, dict(TEXTS))
    why["source"] = "guessed: columns of numbers"
    data = {"source": "table", "path": str(tables[0]), "label": label}
    return Guess(data, why, {"net": "mlp", "units": [32, 32]})


def _num_words(cells: pd.Series) -> float:
    """How many words a cell has, as a rule; 0 where cells are no texts."""
    texts = [each for each in cells if isinstance(each, str)]
    return sum(len(each.split()) for each in texts) / len(texts) if 2 * len(texts) > len(cells) else 0


def _label_column(frame: pd.DataFrame, columns: Sequence[str]) -> str | None:
    """The column of the classes: by its name, else the one of words that come again."""
    named = _named(columns, _LABEL_COLUMNS)
    if named is not None and frame[named].map(str).nunique() > 1:
        return named
    words = [each for each in columns if frame[each].dtype.kind not in "iufbM" and not each.startswith("Unnamed")]
    words = [each for each in words if each.lower() not in (*_GROUP_COLUMNS, *_SPLIT_COLUMNS)]
    counts = {
        each: frame[each].nunique() for each in words if frame[each].map(lambda cell: isinstance(cell, str)).all()
    }
    usable = [each for each, count in counts.items() if 2 <= count <= len(frame) / _FEWEST]
    return min(usable, key=lambda each: counts[each]) if usable else None


def _frame(file: Path) -> pd.DataFrame | None:
    """The rows of a table; None where it cannot be read as one."""
    try:
        return read_table(file)
    except (DataError, UnicodeDecodeError):
        return None


def _beside(file: Path) -> Iterator[Path]:
    """Files in the folder of a table and in those inside it."""
    from tlkit.inspection.detection.layouts import some_files

    yield from some_files(file.parent)


def _named(columns: Sequence[str], wanted: tuple[str, ...]) -> str | None:
    by_name = {each.lower().strip(): each for each in columns}
    return next((by_name[name] for name in wanted if name in by_name), None)
