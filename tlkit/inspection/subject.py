"""All examples of a data set side by side, with what the checks need to know of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from PIL import Image

from tlkit.data.facts import file_facts, near_copies_of
from tlkit.data.fingerprints import LEAST_SIDE, near_copies, picture_print
from tlkit.data.pictures import picture_array
from tlkit.data.splits import Examples, Info, Splits
from tlkit.errors import DataError
from tlkit.inspection.findings import Shown
from tlkit.inspection.likeness import near_vectors

_CHUNK = 256
_MOST_BYTES = 2 << 30  # of examples that are kept to be compared
OnExample = Callable[[int], None]


@dataclass
class Subject:
    """The examples of all parts in one row: train, then val, then test."""

    splits: Splits
    names: list[str]
    ids: np.ndarray
    parts: np.ndarray
    targets: np.ndarray
    facts: np.ndarray | None = None  # of picture files
    prints: np.ndarray | None = None  # of pictures in memory
    vectors: np.ndarray | None = None  # of everything else
    unreadable: dict[str, str] = field(default_factory=dict)

    @property
    def info(self) -> Info:
        return self.splits.info

    def __len__(self) -> int:
        return len(self.names)

    def class_of(self, place: int) -> str:
        """The class of an example, by name where it has one."""
        if self.info.task != "label":
            return ""
        return self.info.class_names[int(self.targets[place])]

    def shown(self, place: int, note: str = "") -> Shown:
        """An example as findings name it."""
        where = f"{self.parts[place]}, {self.class_of(place)}".rstrip(", ")
        return Shown(self.names[place], f"{where}: {note}" if note else where, int(place))

    @cached_property
    def near(self) -> np.ndarray:
        """Pairs (n, 2) of near-copies that are no exact ones."""
        if self.facts is not None:
            pairs = near_copies_of(self.facts)
        elif self.prints is not None:
            pairs = near_copies(self.prints)
        else:
            pairs = near_vectors(self.vectors) if self.vectors is not None else np.empty((0, 2), int)
        return pairs[self.ids[pairs[:, 0]] != self.ids[pairs[:, 1]]]

    def thumbnail(self, place: int, side: int) -> Image.Image | None:
        """The example as a picture, None where it cannot be shown as one."""
        part, inside = self._spot(place)
        item = part.items[inside]
        try:
            if self.facts is not None:
                with Image.open(item) as picture:
                    picture.draft("RGB", (2 * side, 2 * side))
                    return _fitted(Image.fromarray(picture_array(picture, _sides(picture, side))), side)
            return _fitted(_drawn(part.load([inside])[0]), side)
        except (DataError, OSError, ValueError, TypeError):
            return None

    def _spot(self, place: int) -> tuple[Examples, int]:
        for part in self.splits.parts().values():
            if place < len(part):
                return part, place
            place -= len(part)
        raise IndexError(place)


def subject_of(splits: Splits, *, on_example: OnExample = lambda done: None) -> Subject:
    """Read every example once, in parallel.

    Example:
        >>> len(subject_of(Splits.from_folder("data/cats")))  # doctest: +SKIP
        600
    """
    parts = splits.parts()
    subject = Subject(
        splits,
        names=[name for part in parts.values() for name in part.names],
        ids=np.array([id_ for part in parts.values() for id_ in part.ids], "U40"),
        parts=np.concatenate([np.full(len(part), name, "U5") for name, part in parts.items()]),
        targets=np.concatenate([part.targets for part in parts.values()]),
    )
    paths = [item for part in parts.values() for item in part.items] if _are_files(splits) else None
    if paths is not None:
        subject.facts = file_facts(paths, on_file=on_example)
        bad = np.flatnonzero(subject.facts["problem"] != b"")
        subject.unreadable = {subject.names[i]: subject.facts["problem"][i].decode("utf-8", "replace") for i in bad}
    elif splits.info.kind == "image" and min(splits.info.input_shape[:2]) >= LEAST_SIDE:
        subject.prints = _read(subject, _print, (32, 32), np.uint8, on_example)
    else:
        _read_vectors(subject, on_example)
    return subject


def _are_files(splits: Splits) -> bool:
    return splits.info.kind == "image" and all(
        isinstance(item, str) for part in splits.parts().values() for item in part.items[:1]
    )


def _read_vectors(subject: Subject, on_example: OnExample) -> None:
    shape, kind = subject.info.input_shape, np.dtype(subject.info.input_dtype)
    if kind.kind not in "biuf" or None in shape:
        return
    width = int(np.prod(shape))
    if len(subject) * width * kind.itemsize > _MOST_BYTES:
        return  # exact copies are found all the same
    subject.vectors = _read(subject, np.ravel, (width,), kind, on_example)


def _read(subject: Subject, change: Callable, shape: tuple[int, ...], dtype, on_example: OnExample) -> np.ndarray:
    """What `change` makes of each example; those that cannot be read are noted and left at zero."""
    out, done = np.zeros((len(subject), *shape), dtype), 0
    for part in subject.splits.parts().values():
        for start in range(0, len(part), _CHUNK):
            places = range(start, min(start + _CHUNK, len(part)))
            for value in _loaded(part, places, subject):
                if value is not None:
                    out[done] = change(value)
                done += 1
            on_example(done)
    return out


def _loaded(part: Examples, places: range, subject: Subject) -> list[np.ndarray | None]:
    try:
        return list(part.load(places))
    except (DataError, ValueError):
        return [_one(part, place, subject) for place in places]


def _one(part: Examples, place: int, subject: Subject) -> np.ndarray | None:
    try:
        return part.load([place])[0]
    except (DataError, ValueError) as error:
        subject.unreadable[part.names[place]] = str(error)
        return None


def _print(pixels: np.ndarray) -> np.ndarray:
    return picture_print(Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels))


def _sides(picture: Image.Image, side: int) -> tuple[int, int]:
    scale = min(1.0, 2 * side / max(picture.size))
    return max(1, round(picture.height * scale)), max(1, round(picture.width * scale))


def _fitted(picture: Image.Image | None, side: int) -> Image.Image | None:
    if picture is None:
        return None
    picture = picture.convert("RGB")
    picture.thumbnail((side, side))
    return picture


def _drawn(values: np.ndarray) -> Image.Image | None:
    """Pixels as they are, a signal as a line, voxels as their shadow."""
    if values.dtype == np.uint8 and values.ndim == 3 and values.shape[-1] in (1, 3):
        return Image.fromarray(values[..., 0] if values.shape[-1] == 1 else values)
    values = np.squeeze(values)
    if values.dtype.kind not in "biuf":
        return None
    if values.ndim >= 3:
        shadow = values.astype(np.float32).max(axis=tuple(range(values.ndim - 2)))
        return Image.fromarray((255 - 255 * _unit(shadow)).astype(np.uint8)).resize(
            (128, 128), Image.Resampling.NEAREST
        )
    return _line(values if values.ndim == 1 else values.T[0])


def _line(values: np.ndarray) -> Image.Image:
    from PIL import ImageDraw

    picture = Image.new("RGB", (160, 100), "white")
    heights = 92 - 84 * _unit(values.astype(np.float32))
    across = np.linspace(4, 156, len(values))
    ImageDraw.Draw(picture).line([*zip(across.tolist(), heights.tolist(), strict=True)], fill="#2b6cb0", width=1)
    return picture


def _unit(values: np.ndarray) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else np.zeros_like(values)
