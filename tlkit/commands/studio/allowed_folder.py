"""The folder below which the studio may look: what is asked for is brought to its real place first."""

from __future__ import annotations

import io
import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from tlkit.data.assembly.class_folders import SUFFIXES
from tlkit.errors import DataError
from tlkit.kinds.image.pictures import DAMAGED, MAX_PIXELS, opened, reason_of

_MOST_FOLDERS = 500  # that are listed
_MOST_FILES = 5_000  # of one folder that are counted
_SAMPLES = 12  # pictures that are shown of a folder
_SIDE = 192  # pixels of a small picture


@dataclass(frozen=True)
class Counted:
    """What lies in a folder and below: so many files, of them so many pictures; `more` where nobody counted on."""

    files: int
    pictures: int
    more: bool


@dataclass(frozen=True)
class Subfolder:
    """A folder within the one that is looked at."""

    name: str
    path: str
    counted: Counted


@dataclass(frozen=True)
class FolderView:
    """A folder as it is shown: its paths are relative to the folder that the studio was started with."""

    path: str
    name: str
    above: list[tuple[str, str]]  # name and path of each folder on the way, the outermost first
    folders: list[Subfolder]
    counted: Counted
    samples: list[str]


class AllowedFolder:
    """A folder, and nothing outside it, also not by way of a link.

    Args:
        unlisted: folders within that hold no data, such as what tlkit itself writes.

    Example:
        >>> AllowedFolder(Path("data")).at("../secret")
        Traceback (most recent call last):
        tlkit.errors.DataError: ../secret: outside the folder that the studio was started with
    """

    def __init__(self, home: Path, unlisted: Sequence[Path] = ()) -> None:
        self.home, self._unlisted = home.resolve(), {each.resolve() for each in unlisted}

    def at(self, asked: str) -> Path:
        """The real place of a path within; a DataError where it is outside, or nothing is there."""
        try:
            found = (self.home / asked).resolve()
            inside, there = found.is_relative_to(self.home), found.exists()
        except (OSError, ValueError, RuntimeError) as error:  # too long, a zero byte, a circle of links
            raise DataError(f"{asked[:80]!r}: not a path") from error
        if not inside:
            raise DataError(f"{asked}: outside the folder that the studio was started with")
        if not there:
            raise DataError(f"{asked}: nothing there any more")
        return found

    def folder_at(self, asked: str) -> Path:
        """The same of a folder."""
        found = self.at(asked)
        if not found.is_dir():
            raise DataError(f"{asked}: expected a folder")
        return found

    def relative(self, path: Path) -> str:
        """The path as the page names it."""
        return "" if path == self.home else path.relative_to(self.home).as_posix()

    def relative_or_none(self, named: Path) -> str | None:
        """The same of a file that a command names from the working folder; None where it is none, or outside."""
        try:
            found = named.absolute().resolve()
            return self.relative(found) if found.is_file() and found.is_relative_to(self.home) else None
        except (OSError, ValueError, RuntimeError):
            return None

    def view(self, asked: str) -> FolderView:
        """A folder with its subfolders, counts and some of its pictures."""
        folder = self.folder_at(asked)
        try:
            inner = sorted(self._shown(folder), key=lambda each: each.name.lower())[:_MOST_FOLDERS]
        except OSError as error:
            raise DataError(f"{asked or self.home.name}: cannot be read ({error.strerror})") from error
        within = [folder, *folder.parents]
        way = [each for each in reversed(within) if each.is_relative_to(self.home)]
        return FolderView(
            self.relative(folder), folder.name, [(each.name, self.relative(each)) for each in way],
            [Subfolder(each.name, self.relative(each), _counted(each)) for each in inner], _counted(folder),
            [self.relative(each) for each in _samples(folder, inner)],
        )  # fmt: skip

    def thumbnail(self, asked: str) -> bytes:
        """A small JPEG of a picture."""
        path = self.at(asked)
        try:
            with opened(path) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise DataError(f"{asked}: {picture.width} x {picture.height} pixels, too large to be shown")
                picture.draft("RGB", (_SIDE, _SIDE))
                small = ImageOps.exif_transpose(picture)
                small.thumbnail((_SIDE, _SIDE))
                return _jpeg(small)
        except (OSError, *DAMAGED) as error:
            raise DataError(f"{asked}: cannot be shown ({reason_of(error)})") from error

    def _shown(self, folder: Path) -> Iterator[Path]:
        """Its subfolders that are not hidden, and not links to elsewhere."""
        for each in folder.iterdir():
            if each.name.startswith(".") or not each.is_dir():
                continue
            place = each.resolve()
            if place.is_relative_to(self.home) and place not in self._unlisted:
                yield each


def _jpeg(picture: Image.Image) -> bytes:
    drawn = Image.new("RGB", picture.size, "white")
    whole = picture.convert("RGBA")
    drawn.paste(whole, mask=whole)
    held = io.BytesIO()
    drawn.save(held, "JPEG", quality=80)
    return held.getvalue()


def _files(folder: Path) -> Iterator[Path]:
    """The files of a folder and below it in a fixed order, without what is hidden; no link to a folder is followed."""
    for home, inner, names in os.walk(folder):
        inner[:] = sorted(each for each in inner if not each.startswith("."))
        yield from (Path(home) / each for each in sorted(names) if not each.startswith("."))


def _counted(folder: Path) -> Counted:
    found = [_is_picture(each) for each in itertools.islice(_files(folder), _MOST_FILES + 1)]
    return Counted(min(len(found), _MOST_FILES), sum(found[:_MOST_FILES]), len(found) > _MOST_FILES)


def _samples(folder: Path, inner: list[Path]) -> list[Path]:
    """Some pictures, in turns of each subfolder."""
    homes = inner[:_SAMPLES] or [folder]
    each = -(-_SAMPLES // len(homes))
    found = [list(itertools.islice(_pictures(home), each)) for home in homes]
    turns = itertools.chain.from_iterable(itertools.zip_longest(*found))
    own = itertools.islice((path for path in folder.iterdir() if _is_picture(path)), _SAMPLES)
    return list(itertools.islice((path for path in itertools.chain(turns, own if inner else ()) if path), _SAMPLES))


def _pictures(folder: Path) -> Iterator[Path]:
    return (each for each in itertools.islice(_files(folder), _MOST_FILES) if _is_picture(each))


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES
