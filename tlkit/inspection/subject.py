"""All examples of a data set side by side, with what the checks need to know of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from tlkit.data.duplicates.image_hash import LEAST_SIDE
from tlkit.data.splits import Examples, Info, Splits
from tlkit.errors import DataError
from tlkit.inspection.findings import FindingExample
from tlkit.inspection.series import SimilarPairs, alike_pictures
from tlkit.kinds.image.pictures import opened, picture_array
from tlkit.kinds.kind import Kind, kind_of
from tlkit.tasks.task import task_of


class ViewHashes(NamedTuple):
    """The prints of examples that are several pictures each, with the example that each belongs to."""

    prints: np.ndarray
    owners: np.ndarray


@dataclass
class InspectedData:
    """The examples of all parts in one row: train, then val, then test."""

    splits: Splits
    names: list[str]
    ids: np.ndarray
    parts: np.ndarray
    targets: np.ndarray
    picture_files: np.ndarray | None = None  # a row of the image index for each
    prints: np.ndarray | None = None  # of pictures in memory
    views: ViewHashes | None = None
    vectors: np.ndarray | None = None  # of everything else
    unreadable: dict[str, str] = field(default_factory=dict)

    @property
    def info(self) -> Info:
        return self.splits.info

    @property
    def kind(self) -> Kind:
        return kind_of(self.info.kind)

    def __len__(self) -> int:
        return len(self.names)

    def class_of(self, index: int) -> str:
        """The class of an example, by name where it has one."""
        return "" if self.classes is None else self.info.class_names[int(self.classes[index])]

    @property
    def classes(self) -> np.ndarray | None:
        """The class of each example, where each has just one."""
        single = task_of(self.info.task).strata([]) is not None
        return self.targets.astype(int) if single else None

    def shown(self, index: int, note: str = "") -> FindingExample:
        """An example as findings name it."""
        where = f"{self.parts[index]}, {self.class_of(index)}".rstrip(", ")
        return FindingExample(self.names[index], f"{where}: {note}" if note else where, int(index))

    @property
    def near(self) -> np.ndarray:
        """Pairs (n, 2) of near-copies that are no exact ones."""
        return self.alike.copies

    @cached_property
    def alike(self) -> SimilarPairs:
        """Pairs of examples that are near-copies, and neighbours in a series of pictures."""
        pictures = self._pictures()
        if pictures is None:
            pairs = self.kind.near(self.vectors) if self.vectors is not None else np.empty((0, 2), int)
            return SimilarPairs(pairs[self._differ(pairs)], np.empty((0, 2), int), np.empty(0))
        classes = np.zeros(len(self)) if self.classes is None else self.classes
        found = alike_pictures(pictures.prints, classes[pictures.owners])
        copies, neighbours = pictures.owners[found.copies], pictures.owners[found.neighbours]
        differ = self._differ(neighbours)
        copies = np.unique(np.sort(copies[self._differ(copies)], axis=1), axis=0)
        return SimilarPairs(copies, neighbours[differ], found.nearness[differ])

    def _pictures(self) -> ViewHashes | None:
        if self.picture_files is not None:
            large = np.minimum(self.picture_files["width"], self.picture_files["height"]) >= LEAST_SIDE
            told = np.flatnonzero(self.picture_files["decoded"] & large)
            return ViewHashes(self.picture_files["print"][told], told)
        return ViewHashes(self.prints, np.arange(len(self))) if self.prints is not None else self.views

    def _differ(self, pairs: np.ndarray) -> np.ndarray:
        return self.ids[pairs[:, 0]] != self.ids[pairs[:, 1]]

    def thumbnail(self, index: int, side: int) -> Image.Image | None:
        """The example as a picture, None where it cannot be shown as one."""
        part, inside = self._spot(index)
        try:
            if self.picture_files is not None:
                return _thumbnail_of_file(part.items[inside], side)
            drawn = self.kind.draw(np.asarray(part.load([inside])[0]))
            return None if drawn is None else _fitted(drawn, side)
        except (DataError, OSError, ValueError, TypeError):
            return None

    def _spot(self, index: int) -> tuple[Examples, int]:
        for part in self.splits.parts().values():
            if index < len(part):
                return part, index
            index -= len(part)
        raise IndexError(index)


def _thumbnail_of_file(path: str | Path, side: int) -> Image.Image:
    """The picture in a file, decoded no larger than is needed."""
    with opened(path) as picture:
        picture.draft("RGB", (2 * side, 2 * side))
        return _fitted(Image.fromarray(picture_array(picture, _sides(picture, side))), side)


def _sides(picture: Image.Image, side: int) -> tuple[int, int]:
    scale = min(1.0, 2 * side / max(picture.size))
    return max(1, round(picture.height * scale)), max(1, round(picture.width * scale))


def _fitted(picture: Image.Image, side: int) -> Image.Image:
    """A picture in colours, brought to at most this side."""
    picture = picture.convert("RGB")
    picture.thumbnail((side, side))
    return picture
