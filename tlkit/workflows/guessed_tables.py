"""Guesses of data that are tables: of pictures, numbers, signals and sequences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tlkit.data.delimited import SUFFIXES as TEXT_TABLES
from tlkit.data.letters import FASTA_SUFFIXES
from tlkit.data.picture_tables import read_table
from tlkit.data.pictures import SUFFIXES
from tlkit.errors import DataError
from tlkit.workflows.guess import Guess

_TABLES = (".csv", ".tsv", ".parquet")
_PATH_COLUMNS = ("path", "file", "filename", "file_name", "image", "image_path", "filepath", "img")
_LABEL_COLUMNS = ("label", "class", "target", "category", "species", "breed", "y")
_GROUP_COLUMNS = ("group", "patient", "patient_id", "subject", "photographer", "site", "owner")
_SPLIT_COLUMNS = ("split", "part", "fold", "subset")
_TRIED = 20  # cells that are looked for as files
_FEWEST = 3  # rows of a class
_LONGEST = 200  # letters of a file's name
_FULL = 0.9  # of the cells name a file


def guess_signals(path: Path, files: Sequence[Path]) -> Guess | None:
    """A table with a signal a row."""
    tables = [each for each in files if each.suffix.lower() in (".tsv", ".csv", ".txt")]
    if not tables or len(tables) > 4 or not all(_is_numbers(each) for each in tables):
        return None
    why = {"source": "guessed: a row of numbers a signal", "label": "guessed: the class is the first column"}
    model = {"net": "resnet1d", "filters": [32, 64, 64]}
    return Guess({"source": "signals", "label": "first"}, why, model)


def _is_numbers(file: Path) -> bool:
    cells = re.split(r"[\t,; ]+", _first_lines(file, 1))
    return len(cells) > 16 and all(re.fullmatch(r"[-+]?[\d.]+(e[-+]?\d+)?", each, re.I) for each in cells)


def guess_sequences(path: Path, files: Sequence[Path]) -> Guess | None:
    """DNA in a table, with a header or without, or in FASTA files."""
    tables = [each for each in files if each.suffix.lower() in TEXT_TABLES | FASTA_SUFFIXES]
    wanted = [each for each in tables if re.search(r"[ACGTN]{30,}", re.sub(r"[,\t ]", "", _first_lines(each)), re.I)]
    if not wanted:
        return None
    data: dict[str, Any] = {"source": "dna", "duplicates": "drop"}
    why = {"source": "guessed: letters A, C, G, T", "duplicates": "copies are left out"}
    model = {"net": "resnet1d", "filters": [48, 64, 64], "head": {"pooling": "flatten"}}
    guess = Guess(data, why, model)
    if wanted[0].suffix.lower() in FASTA_SUFFIXES:
        data["path"] = str(wanted[0] if len(wanted) == 1 else path)
        guess.seen = f"FASTA records in {len(wanted)} files"
    else:
        data["path"] = str(wanted[0])
        _tell_columns(guess, wanted[0])
    return guess


def _tell_columns(guess: Guess, file: Path) -> None:
    """Which columns of a table hold letters, and which the class: the one of fewest values that come again."""
    from tlkit.data.delimited import read_rows
    from tlkit.data.sequence_tables import letters_in

    rows = read_rows(file)
    places = letters_in(rows, "sequence")
    head, body = (
        rows[0][1],
        [cells for _, cells in (rows[1:] if places.header else rows) if len(cells) == len(rows[0][1])],
    )
    counts = {place: Counter(cells[place] for cells in body) for place in range(len(head))}
    letters = set(places.sequence) if len(places.sequence) < len(head) else set()
    usable = {place: each for place, each in counts.items()
              if place not in letters and len(each) >= 2 and min(each.values()) >= _FEWEST}  # fmt: skip
    if not usable:
        return
    label = min(usable, key=lambda place: len(usable[place]))
    kept = [place for place in places.sequence if place != label]
    name = {0: "first", len(head) - 1: "last"}.get(label, label)
    guess.data["label"] = head[label] if places.header else name
    guess.why["label"] = f"guessed: {', '.join(sorted(usable[label])[:8])}"
    if len(kept) == 1 and not (places.header and head[kept[0]].lower() == "sequence"):
        guess.data["sequence"] = head[kept[0]] if places.header else kept[0]
        guess.why["sequence"] = "guessed: the column of letters" + "" if places.header else "the column, counted from 0"
    width = f"{len(kept)} columns of a letter each" if len(kept) > 1 else "a column of letters"
    header = f"columns {', '.join(head[:5])}{', …' if len(head) > 5 else ''}" if places.header else "no header"
    guess.seen = f"{len(body)} rows, {header}, {width}, {len(usable[label])} classes"


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
    why = {"source": "guessed: columns of numbers", "label": f"guessed; columns: {', '.join(columns[:12])}"}
    data = {"source": "table", "path": str(tables[0]), "label": label}
    return Guess(data, why, {"net": "mlp", "units": [32, 32]})


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
    from tlkit.workflows.layouts import some_files

    yield from some_files(file.parent)


def _first_lines(file: Path, lines: int = 2) -> str:
    """The first lines of a file as one."""
    try:
        with file.open(encoding="utf-8", errors="replace") as handle:
            return "".join(handle.readline(100_000) for _ in range(lines)).strip()
    except OSError:
        return ""


def _named(columns: Sequence[str], wanted: tuple[str, ...]) -> str | None:
    by_name = {each.lower().strip(): each for each in columns}
    return next((by_name[name] for name in wanted if name in by_name), None)
