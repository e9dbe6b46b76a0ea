"""Files in class folders, or in train, val and test folders of such, listed with their labels."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tlkit.data.assembly.file_names import found_in_names, relative_names
from tlkit.errors import DataError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff"})


PART_NAMES = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val",
               "test": "test", "testing": "test"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """One labelled file before it is read; `part` is set where the layout gives it, `group` where one is asked for."""

    path: Path
    label: object
    part: str | None = None
    group: str | None = None


def list_files(
    path: Path, suffixes: frozenset[str] = SUFFIXES, what: str = "pictures", label: str | None = None
) -> list[LabelledFile]:
    """Every picture below class folders, in a stable order, with the part where the layout names one.

    Other kinds of data give their own suffixes and say what such files are called. A pattern for the `label` finds the
    class in the files' names, below the folder, instead.
    """
    if not path.is_dir():
        found = "a file" if path.is_file() else "nothing there"
        raise DataError(f"{path}: expected a folder with one folder per class, found {found}. Put {what} there")
    if label is not None:
        return _files_by_name(path, suffixes, what, label)
    files = [each for folder, part in part_folders(path) for each in _class_files(folder, part, suffixes, what)]
    classes = {str(each.label) for each in files}
    if len(classes) < 2:
        found = f"{len(classes)} folder ({', '.join(map(repr, sorted(classes)))})" if classes else f"no {what}"
        raise DataError(f"{path}: expected one folder per class, found {found}. Add the other classes")
    return files


def part_folders(path: Path) -> list[tuple[Path, str | None]]:
    """The folders train, val and test with the parts they stand for; the folder itself where there is none."""
    named = {each: PART_NAMES.get(each.name.lower()) for each in folders_in(path)}
    return list(named.items()) if "train" in named.values() and all(named.values()) else [(path, None)]


def folders_in(path: Path) -> list[Path]:
    """The folders in a folder, by name, hidden ones left out."""
    return sorted(each for each in path.iterdir() if each.is_dir() and not each.name.startswith("."))


def _files_by_name(path: Path, suffixes: frozenset[str], what: str, pattern: str) -> list[LabelledFile]:
    found = [(each, part) for folder, part in part_folders(path) for each in files_below(folder, suffixes)]
    if not found:
        raise DataError(f"{path}: expected {what} with the class in their names (data.label), found none")
    labels = found_in_names(relative_names([each for each, _ in found], path), pattern, "data.label")
    if len(set(labels)) < 2:
        raise DataError(f"{path}: expected several classes by data.label: '{pattern}', found only {labels[0]!r}")
    return [LabelledFile(file, printable(label), part) for (file, part), label in zip(found, labels, strict=True)]


def _class_files(path: Path, part: str | None, suffixes: frozenset[str], what: str) -> list[LabelledFile]:
    found = []
    for folder in folders_in(path):
        files = [LabelledFile(each, printable(folder.name), part) for each in files_below(folder, suffixes)]
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


def printable(path: str | Path) -> str:
    """A path as text that can be written anywhere; bytes that are no UTF-8 as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
