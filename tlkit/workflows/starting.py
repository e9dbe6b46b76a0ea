"""A first recipe for data that lies there: what it seems to be, with every guess marked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from tlkit import catalog
from tlkit.data.archives import is_archive
from tlkit.data.pictures import SUFFIXES
from tlkit.errors import DataError

_LOOKED_AT = 20_000  # files, in folders however large
_TABLES = (".csv", ".tsv", ".parquet")
_PATH_COLUMNS = ("path", "file", "filename", "file_name", "image", "image_path", "filepath", "img")
_LABEL_COLUMNS = ("label", "class", "target", "category", "species", "breed", "y")
_GROUP_COLUMNS = ("group", "patient", "patient_id", "subject", "photographer", "site", "owner")
_SPLIT_COLUMNS = ("split", "part", "fold", "subset")


_SHARES = [
    "  val: 0.15             # share for validation, where the data gives none",
    "  test: 0.15            # share for the test, where the data gives none",
]


@dataclass
class Guess:
    """A data section with a word on each field that was guessed, and what suits it."""

    data: dict[str, Any]
    why: dict[str, str] = field(default_factory=dict)
    model: dict[str, Any] = field(default_factory=lambda: {"net": "efficientnet-lite0"})
    train: dict[str, Any] = field(default_factory=lambda: {"epochs": 20, "batch_size": 64, "learning_rate": 0.003})


def start_recipe(path: Path) -> str:
    """The text of a recipe for the data at `path`.

    Example:
        >>> print(start_recipe(Path("data/flowers")))  # doctest: +SKIP
    """
    if not path.exists():
        raise DataError(f"{path}: nothing there. Name a folder, a table or an archive")
    guess = next(_guesses(path), None)
    if guess is None:
        raise DataError(
            f"{path}: not recognised. Expected one folder of pictures a class, a table with paths and labels, or an "
            f"archive; sources: {', '.join(catalog.SOURCES)} (docs/data.md shows how to write one)"
        )
    return _text(path, guess)


def write_recipe(path: Path, out: Path) -> None:
    """Write a recipe for the data at `path`; a file that stands there is left alone."""
    text = start_recipe(path)
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise DataError(f"{out}: stands there already; name another file with --out") from error
    except OSError as error:
        raise DataError(f"{out}: cannot be written ({error.strerror})") from error


def _guesses(path: Path) -> Iterator[Guess]:
    if is_archive(path):
        yield Guess({"source": "image_folder"}, {"source": "guessed: an archive with one folder a class"})
        return
    files = _some_files(path)
    for look in (_as_idx, _as_voxels, _as_signals, _as_dna, _as_table, _as_class_folders, _as_views):
        guess = look(path, files)
        if guess is not None and guess.data["source"] in catalog.SOURCES:
            yield guess


def _some_files(path: Path) -> list[Path]:
    """The files below a folder, listed no further than needed to tell what they are."""
    if path.is_file():
        return [path]
    return [each for each in islice(path.rglob("*"), _LOOKED_AT) if each.is_file() and not each.name.startswith(".")]


def _as_idx(path: Path, files: list[Path]) -> Guess | None:
    if not any("idx3-ubyte" in each.name for each in files):
        return None
    return Guess(
        {"source": "idx"}, {"source": "guessed from *idx3-ubyte*"}, {"net": "resnet20"},
        {"epochs": 5, "batch_size": 128, "learning_rate": 0.003},
    )  # fmt: skip


def _as_voxels(path: Path, files: list[Path]) -> Guess | None:
    solids = any(each.suffix.lower() == ".off" for each in files)
    if not solids and not any(each.suffix == ".npz" and _is_grids(each) for each in files):
        return None
    data = {"source": "voxels", "duplicates": "drop"}
    why = {"source": "guessed: grids of voxels", "duplicates": "copies are left out, in train those of the test"}
    return Guess(data, why, {"net": "voxnet"}, {"epochs": 20, "batch_size": 32, "learning_rate": 0.002})


def _is_grids(file: Path) -> bool:
    import numpy as np

    try:
        with np.load(file, allow_pickle=False) as arrays:
            return any(arrays[name].ndim in (4, 5) for name in arrays.files[:1])
    except (OSError, ValueError):
        return False


def _as_signals(path: Path, files: list[Path]) -> Guess | None:
    tables = [each for each in files if each.suffix.lower() in (".tsv", ".csv", ".txt")]
    if not tables or len(tables) > 4 or not all(_is_numbers(each) for each in tables):
        return None
    why = {"source": "guessed: a row of numbers a signal", "label": "guessed: the class is the first column"}
    model = {"net": "resnet1d", "filters": [32, 64, 64]}
    return Guess({"source": "signals", "label": "first"}, why, model)


def _is_numbers(file: Path) -> bool:
    cells = re.split(r"[\t,; ]+", _first_line(file))
    return len(cells) > 16 and all(re.fullmatch(r"[-+]?[\d.]+(e[-+]?\d+)?", each, re.I) for each in cells)


def _as_dna(path: Path, files: list[Path]) -> Guess | None:
    tables = [each for each in files if each.suffix.lower() in (".dat", ".csv", ".tsv", ".fa", ".fasta")]
    starts = {each: re.sub(r"[,\t ]", "", _first_line(each, lines=2)) for each in tables}
    wanted = [each for each, start in starts.items() if re.search(r"[ACGTN]{30,}", start, re.I)]
    if not wanted:
        return None
    data = {"source": "dna", "duplicates": "drop"}
    why = {"source": "guessed: letters A, C, G, T", "duplicates": "copies are left out"}
    guess = Guess(data, why, {"net": "resnet1d", "filters": [48, 64, 64], "head": {"pooling": "flatten"}})
    guess.data["path"] = str(wanted[0])
    return guess


def _first_line(file: Path, lines: int = 1) -> str:
    try:
        with file.open(encoding="utf-8", errors="replace") as handle:
            return "".join(handle.readline(100_000) for _ in range(lines)).strip()
    except OSError:
        return ""


def _as_table(path: Path, files: list[Path]) -> Guess | None:
    tables = [each for each in files if each.suffix.lower() in _TABLES]
    if len(tables) != 1:
        return None
    columns = _columns(tables[0])
    image, label = _named(columns, _PATH_COLUMNS), _named(columns, _LABEL_COLUMNS)
    if image is None or label is None:
        return None
    data = {"source": "picture_table", "path": str(tables[0]), "image": image, "label": label}
    why = {"image": "guessed: the column of pictures", "label": f"guessed; columns: {', '.join(columns)}"}
    for key, names in (("group", _GROUP_COLUMNS), ("split", _SPLIT_COLUMNS)):
        column = _named(columns, names)
        if column is not None:
            data[key], why[key] = column, "guessed from the column's name"
    return Guess(data, why)


def _columns(file: Path) -> list[str]:
    from tlkit.data.picture_tables import read_table

    if file.suffix.lower() == ".parquet":
        return [str(each) for each in read_table(file).columns]
    return re.split(r"[\t,;]", _first_line(file).replace('"', ""))


def _named(columns: list[str], wanted: tuple[str, ...]) -> str | None:
    by_name = {each.lower().strip(): each for each in columns}
    return next((by_name[name] for name in wanted if name in by_name), None)


def _as_class_folders(path: Path, files: list[Path]) -> Guess | None:
    below = [each.relative_to(path).parts for each in files if path.is_dir() and each.suffix.lower() in SUFFIXES]
    if len({parts[0] for parts in below if len(parts) > 1}) < 2:
        return None
    why = {"source": "guessed: one folder a class"}
    return Guess({"source": "image_folder"}, why)


def _as_views(path: Path, files: list[Path]) -> Guess | None:
    """Pictures in one folder whose names say of what they are a view."""
    matches = [re.fullmatch(r"(.+?)_+\d+", each.stem) for each in files if each.suffix.lower() in SUFFIXES]
    objects = Counter(match.group(1) for match in matches if match)
    if len(objects) < 2 or sum(objects.values()) < 0.9 * len(matches):
        return None
    data = {"source": "views", "count": 4, "split_by": "angle"}
    why = {"source": f"guessed: {len(objects)} objects by file name", "split_by": "guessed: neighbouring views leak"}
    return Guess(data, why, {"net": "multiview", "backbone": "efficientnet-lite0"})


def _text(path: Path, guess: Guess) -> str:
    data = {"source": guess.data["source"], "path": str(path), **guess.data}
    name = re.sub(r"\W+", "_", path.name.split(".")[0]).strip("_") or "mine"
    shares = [] if "split" in data else _SHARES
    return "\n".join(
        [
            f"# Written by `tlkit init {path}`. What was guessed is marked: look at it, then",
            "#   tlkit check RECIPE --data    reads every example and says what is wrong with it",
            "#   tlkit run RECIPE             trains and evaluates",
            f"name: {name}",
            "seed: 7",
            "",
            "data:",
            *_fields(data, guess.why),
            *shares,
            "",
            "model:",
            *_fields(guess.model, {}),
            "",
            "train:",
            *_fields(guess.train, {}),
            "",
        ]
    )


def _fields(values: dict[str, Any], why: dict[str, str]) -> Iterator[str]:
    for key, value in values.items():
        written = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1000).removesuffix("...\n")
        line = f"  {key}: {written.strip()}"
        yield f"{line:<23} # {why[key]}" if key in why else line
