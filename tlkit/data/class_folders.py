"""Files in class folders, or in train, val and test folders of such, listed with their labels."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tlkit.data.facts import printable
from tlkit.data.pictures import SUFFIXES
from tlkit.errors import DataError

PART_NAMES = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val",
               "test": "test", "testing": "test"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """One labelled file before it is read; `part` is set where the layout gives it, `group` where one is asked for."""

    path: Path
    label: object
    part: str | None = None
    group: str | None = None


def list_files(path: Path, suffixes: frozenset[str] = SUFFIXES, what: str = "pictures") -> list[Listed]:
    """Every picture below class folders, in a stable order, with the part where the layout names one.

    Other kinds of data give their own suffixes and say what such files are called.
    """
    if not path.is_dir():
        found = "a file" if path.is_file() else "nothing there"
        raise DataError(f"{path}: expected a folder with one folder per class, found {found}. Put {what} there")
    folders = _folders(path)
    named = {folder: PART_NAMES.get(folder.name.lower()) for folder in folders}
    if "train" in named.values() and all(named.values()):
        files = [each for folder, part in named.items() for each in _class_files(folder, part, suffixes, what)]
    else:
        files = _class_files(path, None, suffixes, what)
    classes = {str(each.label) for each in files}
    if len(classes) < 2:
        found = f"{len(classes)} folder ({', '.join(map(repr, sorted(classes)))})" if classes else f"no {what}"
        raise DataError(f"{path}: expected one folder per class, found {found}. Add the other classes")
    return files


def _folders(path: Path) -> list[Path]:
    return sorted(each for each in path.iterdir() if each.is_dir() and not each.name.startswith("."))


def _class_files(path: Path, part: str | None, suffixes: frozenset[str], what: str) -> list[Listed]:
    found = []
    for folder in _folders(path):
        files = [Listed(each, printable(folder.name), part) for each in files_below(folder, suffixes)]
        if not files:
            raise DataError(
                f"{folder}: expected {what} of the class '{folder.name}', found none. Add some or remove it"
            )
        found += files
    return found


def files_below(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    """Every file with one of these suffixes in a folder and those inside it, in a stable order."""
    inside = (Path(top) / name for top, _, names in os.walk(folder) for name in names)
    return sorted(each for each in inside if each.suffix.lower() in suffixes and not each.name.startswith("."))
