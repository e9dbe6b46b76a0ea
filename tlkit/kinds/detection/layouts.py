"""How labelled files lie there: class folders, however deep, or classes in their names; parts or none."""

from __future__ import annotations

import os
import re
from collections import Counter, deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from tlkit.data.assembly.class_folders import PART_NAMES, printable
from tlkit.kinds.detection.guess import Guess
from tlkit.kinds.detection.name_patterns import NamePattern, name_patterns

_LOOKED_AT = 20_000  # files
_IN_A_FOLDER = 2_000  # entries of a folder, however large it is
_PART = re.compile(r"(train|training|test|testing|val|valid|validation)[-_ ]?\w{0,3}", re.IGNORECASE)
_INNERMOST = r"([^/]+)/[^/]+$"  # the folder right above a file


@dataclass(frozen=True)
class FileLayout:
    """Where labelled files lie and what tells their class; no `label` means one folder a class.

    `parts` counts the files of each part that the folders give; `others` are further patterns that fit.
    """

    home: Path
    seen: str
    files: Sequence[Path]
    label: str | None = None
    parts: Counter[str] = field(default_factory=Counter)
    others: Sequence[NamePattern] = ()


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


def find_layout(path: Path, files: Sequence[Path], suffixes: Collection[str], what: str) -> FileLayout | None:
    """The layout of the files with these endings at or below a folder; None where nothing tells classes."""
    found = [each for each in files if each.suffix.lower() in suffixes]
    return _layout(path, found, what) if path.is_dir() and found else None


def _layout(home: Path, files: Sequence[Path], what: str) -> FileLayout | None:
    below = {each: each.relative_to(home).parts for each in files}
    folders = Counter(parts[0] for parts in below.values() if len(parts) > 1)
    flat = [each for each, parts in below.items() if len(parts) == 1]
    if not folders:
        return _by_name(home, flat, what, Counter())
    parts = Counter({PART_NAMES[each.lower()]: count for each, count in folders.items() if each.lower() in PART_NAMES})
    if "train" in parts and len(parts) == len(folders):
        return _in_parts(home, files, what, parts)
    if all(_PART.fullmatch(each) for each in folders):  # such as train and test1
        first = next((each for each in sorted(folders) if each.lower().startswith("train")), sorted(folders)[0])
        return _inside(home / first, files, what)
    if len(folders) == 1:
        return _inside(home / next(iter(folders)), files, what)
    return _by_folder(home, [each for each in files if len(below[each]) > 1], what)


def _inside(folder: Path, files: Sequence[Path], what: str) -> FileLayout | None:
    return _layout(folder, [each for each in files if folder in each.parents], what)


def _in_parts(home: Path, files: Sequence[Path], what: str, parts: Counter[str]) -> FileLayout | None:
    train = next(each for each in home.iterdir() if PART_NAMES.get(each.name.lower()) == "train")
    inside = [each for each in files if train in each.parents]
    classes = sorted({each.relative_to(train).parts[0] for each in inside if len(each.relative_to(train).parts) > 1})
    if len(classes) > 1:
        return FileLayout(home, f"{_many(files)} {what}, {_listed(classes)} by folder", files, parts=parts)
    return _by_name(home, files, what, parts)


def _by_name(home: Path, files: Sequence[Path], what: str, parts: Counter[str]) -> FileLayout | None:
    patterns = name_patterns([each.relative_to(home).as_posix() for each in files])
    if not patterns:
        return None
    seen = printable(f"{_many(files)} {what}, classes ({patterns[0].told()}) from their names")
    return FileLayout(home, seen, files, patterns[0].expression, parts, patterns[1:])


def _by_folder(home: Path, files: Sequence[Path], what: str) -> FileLayout:
    """Class folders; where several folders hold the same ones (day1/cat, day2/cat), the inner ones."""
    outer = sorted({each.relative_to(home).parts[0] for each in files})
    inner = [{each.parent.name for each in files if home / folder in each.parents} for folder in outer]
    same = set.intersection(*inner)
    if len(same) > 1 and all(2 * len(same) > len(each) for each in inner):
        classes = sorted(set.union(*inner))
        seen = f"{_many(files)} {what}, {_listed(classes)} by the folder above each, in {len(outer)} folders"
        return FileLayout(home, seen, files, _INNERMOST)
    return FileLayout(home, f"{_many(files)} {what}, {_listed(outer)} by folder", files)


def _listed(classes: Sequence[str]) -> str:
    more = ", …" if len(classes) > 6 else ""
    return f"{len(classes)} classes ({', '.join(classes[:6])}{more})"


def _many(files: Sequence[Path]) -> str:
    """How many files, or at least how many where a folder was not listed to its end."""
    longest = max(Counter(each.parent for each in files).values())
    return f"{len(files)}{' or more' if longest >= _IN_A_FOLDER else ''}"


def labelled_guess(layout: FileLayout, guess: Guess) -> Guess:
    """The guess with what the layout tells: where the files lie, and what gives their classes."""
    guess.data["path"] = str(layout.home)
    guess.seen, guess.parts = layout.seen, layout.parts
    if layout.label is not None:
        guess.data["label"] = layout.label
        guess.why["label"] = "guessed: what the brackets find in a path is the class"
        guess.seen += printable("".join(f"; by {each.expression} {each.told()}" for each in layout.others[:2]))
    return guess


def first_lines(file: Path, lines: int = 2) -> str:
    """The first lines of a file as one."""
    try:
        with file.open(encoding="utf-8", errors="replace") as handle:
            return "".join(handle.readline(100_000) for _ in range(lines)).strip()
    except OSError:
        return ""
