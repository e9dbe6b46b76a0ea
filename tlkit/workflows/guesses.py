"""What data that lies there seems to be: source, net and fields of a recipe, each with a word on why."""

from __future__ import annotations

import os
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from tlkit import catalog
from tlkit.data.archives import is_archive
from tlkit.data.pictures import SUFFIXES

_LOOKED_AT = 20_000  # files
_IN_A_FOLDER = 2_000  # entries of a folder, however large it is
_TABLES = (".csv", ".tsv", ".parquet")
_PATH_COLUMNS = ("path", "file", "filename", "file_name", "image", "image_path", "filepath", "img")
_LABEL_COLUMNS = ("label", "class", "target", "category", "species", "breed", "y")
_GROUP_COLUMNS = ("group", "patient", "patient_id", "subject", "photographer", "site", "owner")
_FEW_EXAMPLES = {"epochs": 20, "batch_size": 16, "learning_rate": 0.003}
_SPLIT_COLUMNS = ("split", "part", "fold", "subset")


@dataclass
class Guess:
    """A data section with a word on each field that was guessed, and what suits it."""

    data: dict[str, Any]
    why: dict[str, str] = field(default_factory=dict)
    model: dict[str, Any] = field(default_factory=lambda: {"net": "efficientnet-lite0"})
    train: dict[str, Any] = field(default_factory=lambda: {"epochs": 20, "batch_size": 64, "learning_rate": 0.003})


def guesses(path: Path) -> Iterator[Guess]:
    """All that the data at `path` may be, the likeliest first."""
    if is_archive(path):
        yield Guess({"source": "image_folder"}, {"source": "guessed: an archive with one folder a class"})
        return
    files = some_files(path)
    for look in (_as_idx, _as_voxels, _as_signals, _as_dna, _as_table, _as_class_folders, _as_sounds, _as_views):
        guess = look(path, files)
        if guess is not None and guess.data["source"] in catalog.SOURCES:
            yield guess


def some_files(path: Path) -> list[Path]:
    """The files below a folder, listed no further than needed to tell what they are."""
    if path.is_file():
        return [path]
    return list(islice(_walked(path), _LOOKED_AT))


def _walked(path: Path) -> Iterator[Path]:
    """Files folder by folder, those of a folder before those inside it; hidden ones and linked folders are left out."""
    folders = deque([path])
    while folders:
        try:
            with os.scandir(folders.popleft()) as entries:
                found = [each for each in islice(entries, _IN_A_FOLDER) if not each.name.startswith(".")]
        except OSError:
            continue
        found.sort(key=lambda each: each.name)
        folders += [Path(each.path) for each in found if each.is_dir(follow_symlinks=False)]
        yield from (Path(each.path) for each in found if each.is_file())


def _as_idx(path: Path, files: list[Path]) -> Guess | None:
    if not any("idx3-ubyte" in each.name for each in files):
        return None
    training = {"epochs": 5, "batch_size": 128, "learning_rate": 0.003}
    return Guess({"source": "idx"}, {"source": "guessed from *idx3-ubyte*"}, {"net": "resnet20"}, training)


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
    if label is None:
        return None
    if image is None:
        why = {"source": "guessed: columns of numbers", "label": f"guessed; columns: {', '.join(columns)}"}
        return Guess(
            {"source": "table", "path": str(tables[0]), "label": label}, why, {"net": "mlp", "units": [32, 32]}
        )
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
    return Guess({"source": "image_folder"}, {"source": "guessed: one folder a class"})


def _as_sounds(path: Path, files: list[Path]) -> Guess | None:
    homes = {each.parent for each in files if each.suffix.lower() == ".wav"}
    if len(homes) < 2:
        return None
    why = {"source": "guessed: one folder of WAV files a class; as signals, not spectrograms: `source: signals`"}
    model = {"net": "cnn", "filters": [16, 32, 64], "padding": "same", "pooling": {"kind": "max", "size": 2}}
    return Guess({"source": "sounds"}, why, model, dict(_FEW_EXAMPLES))


def _as_views(path: Path, files: list[Path]) -> Guess | None:
    """Pictures in one folder whose names say of what they are a view."""
    pictures = [each for each in files if each.suffix.lower() in SUFFIXES]
    matches = [match for each in pictures if (match := re.fullmatch(r"(.+?)([_-]+)\d+(\.\w+)", each.name))]
    objects = {match.group(1) for match in matches}
    forms = Counter(f"{{object}}{match.group(2)}{{view}}{match.group(3)}" for match in matches)
    form, count = forms.most_common(1)[0] if forms else ("", 0)
    if len(objects) < 2 or count < 0.9 * len(pictures):
        return None
    data = {"source": "views", "pattern": form, "count": 4, "split_by": "turn", "test": 0.5}
    why = {
        "source": "guessed: objects seen from several sides",
        "pattern": f"guessed: {len(objects)} objects by file name, each a class",
        "count": "guessed: views that make one example",
        "split_by": "guessed: trained on one half of each turn, tested on the other, since neighbouring views leak",
    }
    return Guess(data, why, {"net": "multiview", "backbone": "efficientnet-lite0"}, dict(_FEW_EXAMPLES))
