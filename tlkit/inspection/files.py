"""Files that cannot be read or are not what they seem, and what lies in the folder besides."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from tlkit.data.assembly.class_folders import SUFFIXES, printable
from tlkit.inspection.findings import Finding, FindingExample, Level, count_of
from tlkit.inspection.subject import InspectedData

_OWN = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".bmp": "BMP", ".gif": "GIF", ".webp": "WEBP",
        ".tif": "TIFF", ".tiff": "TIFF"}  # fmt: skip
_USUAL_MODES = (b"RGB", b"L")
_TINY, _HUGE, _NARROW = 16, 25_000_000, 5.0
_MANY = 5  # times that one file comes from which on it is no mere copy
_NEAR_GREY, _PLAIN, _PLAIN_DATA, _BLACK, _WHITE = 3, 0.8, 0.05, 24, 247
_FAR = 3  # times as high and wide as the pictures
_MOST = 100  # names of each oddity that are gathered
_QUIET = {"README.md", ".gitignore", ".gitkeep", "DRAWN.txt"}


def find_unreadable(subject: InspectedData, *, max_bad: float) -> Iterator[Finding]:
    """Examples that were set aside or could not be read, all by name."""
    bad: Mapping[str, str] = {**subject.info.set_aside, **subject.unreadable}
    if not bad:
        return
    total = len(subject) + len(subject.info.set_aside)
    level: Level = "error" if len(bad) > max_bad * total else "warning"
    indices = {name: index for index, name in enumerate(subject.names)}
    rows = [[FindingExample(name, why.removeprefix(f"{name}: "), indices.get(name))] for name, why in bad.items()]
    limit = f", more than data.max_bad ({max_bad:.0%}) allows" if level == "error" else ""
    yield Finding(level, "unreadable", f"{count_of(len(bad), 'file')} of {total:,} cannot be read{limit}", rows)


def find_odd_pictures(subject: InspectedData) -> Iterator[Finding]:
    """Pictures of another type than their name says, of odd mode, size or shape."""
    rows = subject.picture_files
    if rows is None:
        return
    sound = (rows["problem"] == b"") & rows["decoded"]
    suffixes = np.array([_OWN.get(Path(name).suffix.lower(), "") for name in subject.names], "S8")
    other = sound & (suffixes != rows["format"]) & (suffixes != b"")
    yield from _some(subject, other, "type", "of another type than their name says", rows["format"])
    yield from _some(subject, sound & ~np.isin(rows["mode"], _USUAL_MODES), "mode", "of an odd mode", rows["mode"])
    sides = np.stack([rows["width"], rows["height"]], axis=1).astype(np.int64)
    sizes = np.array([f"{width} x {height}" for width, height in sides.tolist()])
    tiny = sound & (sides.min(axis=1) < _TINY)
    yield from _some(subject, tiny, "tiny", f"under {_TINY} pixels high or wide", sizes)
    huge = sound & (sides.prod(axis=1) > _HUGE)
    yield from _some(subject, huge, "huge", f"of more than {_HUGE // 10**6} million pixels", sizes)
    narrow = sound & ~tiny & (sides.max(axis=1) > _NARROW * np.maximum(sides.min(axis=1), 1))
    yield from _some(subject, narrow, "shape", f"more than {_NARROW:.0f} times as long as wide", sizes)


def find_placeholders(subject: InspectedData) -> Iterator[Finding]:
    """Pictures that stand for a missing one: the same file many times under other names, or a few letters on grey."""
    rows = subject.picture_files
    if rows is None or not len(rows):
        return
    _, group, counts = np.unique(subject.ids, return_inverse=True, return_counts=True)
    repeated = counts[group] >= _MANY
    prints = rows["print"].reshape(len(rows), -1).astype(np.int16)
    grey = np.median(prints, axis=1)
    plain = (np.abs(prints - grey[:, None]) <= _NEAR_GREY).mean(axis=1) >= _PLAIN
    empty = plain & (grey > _BLACK) & (grey < _WHITE) & (rows["problem"] == b"") & rows["decoded"]
    empty = empty & (empty.mean() < _PLAIN_DATA)  # data may be of plain pictures
    where = np.flatnonzero(repeated | empty).tolist()
    if where:
        notes = np.where(repeated, [f"{count} times" for count in counts[group]], "nearly all one grey")
        shown = [[subject.shown(index, str(notes[index]))] for index in where]
        text = f"{count_of(len(where), 'picture')} may stand for missing ones ('image not found'): leave them out"
        yield Finding("warning", "placeholder", text, shown)


def find_small_pictures(subject: InspectedData) -> Iterator[Finding]:
    """A note where the model's input is far larger than most pictures."""
    rows, shape = subject.picture_files, subject.info.input_shape
    sound = rows is not None and rows["decoded"] & (rows["problem"] == b"")
    if rows is None or not np.any(sound):
        return
    width, height = (int(np.median(rows[side][sound])) for side in ("width", "height"))
    if _FAR * width <= shape[1] and _FAR * height <= shape[0]:
        text = f"most are about {width} x {height} pixels, the model's input is {shape[1]} x {shape[0]}: see image_size"
        yield Finding("note", "small pictures", text)


def _some(subject: InspectedData, mask: np.ndarray, topic: str, what: str, notes: np.ndarray) -> Iterator[Finding]:
    indices = np.flatnonzero(mask).tolist()
    if indices:
        rows = [[subject.shown(index, _text(notes[index]))] for index in indices]
        level: Level = "note" if topic == "mode" else "warning"
        yield Finding(level, topic, f"{count_of(len(indices), 'picture')} {what}", rows)


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def find_oddities(path: Path) -> Iterator[Finding]:
    """What a folder holds besides pictures: hidden, ignored, linked away, badly named or empty."""
    if not path.is_dir():
        return
    found: dict[str, list[str]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    for kind, name in _walked(path):
        counts[kind] += 1
        if len(found[kind]) < _MOST:
            found[kind].append(printable(name))
    for kind, (level, text) in _KINDS.items():
        if counts[kind]:
            yield Finding(
                level, "folder", f"{text}: {counts[kind]:,}", [[FindingExample(name)] for name in found[kind]]
            )


_KINDS: dict[str, tuple[Level, str]] = {
    "outside": ("warning", "links that lead out of the folder"),
    "broken": ("warning", "links that lead nowhere or in a circle"),
    "linked": ("note", "linked folders, which are passed over"),
    "empty": ("warning", "folders without a picture, which are passed over"),
    "name": ("warning", "names that are not UTF-8"),
    "hidden": ("note", "hidden files or folders, which are passed over"),
    "other": ("note", "files that are no pictures by their name, which are passed over"),
}


def _walked(path: Path) -> Iterator[tuple[str, str]]:
    home = os.path.realpath(path)
    for top, folders, files in os.walk(path):
        hidden = [each for each in folders if each.startswith(".")]
        folders[:] = [each for each in folders if each not in hidden]
        yield from (("hidden", os.path.join(top, each)) for each in hidden)
        yield from (found for each in [*folders, *files] for found in _of_entry(home, top, each, each in folders))
        if not folders and not any(_is_picture(each) for each in files):
            yield "empty", top


def _of_entry(home: str, top: str, name: str, folder: bool) -> Iterator[tuple[str, str]]:
    path = os.path.join(top, name)
    if os.path.islink(path):
        target = os.path.realpath(path)
        if not os.path.exists(path):
            yield "broken", path
        elif not target.startswith(home + os.sep):
            yield "outside", path
        elif folder:
            yield "linked", path
    if any("\udc80" <= letter <= "\udcff" for letter in name):
        yield "name", path
    if not folder and name not in _QUIET:
        if name.startswith("."):
            yield "hidden", path
        elif not _is_picture(name):
            yield "other", path


def _is_picture(name: str) -> bool:
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES
