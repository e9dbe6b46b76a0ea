"""What exported files are asked: test examples, or inputs that are drawn, in files that processes share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tlkit.data.side_columns.layout import width_of
from tlkit.data.splits import Examples
from tlkit.exporting.bundle import prepared
from tlkit.model.metadata import Metadata

_COUNT, _SEED, _LENGTH = 8, 7, 64  # of the inputs that are drawn; the last where any length may be
_BATCH = 64


@dataclass(frozen=True)
class Evidence:
    """Inputs as the exported graph takes them, a file of arrays each, and the truth where it is known."""

    files: Sequence[Path]
    targets: np.ndarray | None
    words: str

    @property
    def inputs(self) -> list[np.ndarray]:
        """The arrays, read as they are needed."""
        return [np.load(each, mmap_mode="r") for each in self.files]

    @property
    def is_test(self) -> bool:
        """Whether these are labelled examples."""
        return self.targets is not None

    def some(self, count: int) -> np.ndarray:
        """Places of a few, spread over all, so that every class has its share."""
        there = len(self.inputs[0])
        return np.unique(np.linspace(0, there - 1, min(count, there)).astype(int))


def of_examples(examples: Examples, metadata: Metadata, folder: Path, words: str) -> Evidence:
    """All examples, read one batch after another."""
    folder.mkdir()
    files: list[np.ndarray] = []
    for start in range(0, len(examples), _BATCH):
        indices = range(start, min(start + _BATCH, len(examples)))
        fed = examples.fed(indices)
        batch = prepared(fed if isinstance(fed, tuple) else (fed,), metadata)
        files = files or [_file(folder, i, each, len(examples)) for i, each in enumerate(batch)]
        for file, rows in zip(files, batch, strict=True):
            file[start : start + len(rows)] = rows
    return Evidence(_closed(files, folder), examples.targets, words)


def calibrating(strata: Sequence[object] | None, count: int, most: int) -> list[int]:
    """Places of at most so many of `count` examples, taken in turn from each stratum, spread over it.

    Example:
        >>> calibrating(["a", "a", "a", "b"], 4, 2)
        [0, 3]
    """
    places: dict[object, list[int]] = {}
    for index in range(count):
        places.setdefault(str(strata[index]) if strata is not None else "", []).append(index)
    share = -(-most // len(places))
    spread = [[each[i] for i in np.unique(np.linspace(0, len(each) - 1, min(share, len(each))).astype(int))]
              for each in places.values()]  # fmt: skip
    turns = [each[turn] for turn in range(share) for each in spread if turn < len(each)]
    return sorted(turns[:most])


def drawn(metadata: Metadata, folder: Path) -> Evidence:
    """A few inputs of the model's shapes and types, by a seed."""
    folder.mkdir()
    rng, beside = np.random.default_rng(_SEED), metadata.get("beside")
    arrays = [_drawn(rng, metadata)] + (
        [rng.normal(size=(_COUNT, width_of(beside["columns"]))).astype("float32")] if beside else []
    )
    for index, each in enumerate(arrays):
        np.save(folder / f"{index}.npy", each)
    return Evidence([folder / f"{index}.npy" for index in range(len(arrays))], None, "drawn inputs")


def _drawn(rng: np.random.Generator, metadata: Metadata) -> np.ndarray:
    if metadata["input_dtype"] == "string":
        said = metadata["preparation"]
        return rng.integers(0, len(said["vocabulary"]) + 2, (_COUNT, said["length"])).astype(np.int32)
    shape = (_COUNT, *(side or _LENGTH for side in metadata["input_shape"]))
    whole = np.dtype(metadata["input_dtype"]).kind in "iu"
    return (rng.integers(0, 256, shape) if whole else rng.normal(size=shape)).astype(metadata["input_dtype"])


def _file(folder: Path, index: int, like: np.ndarray, count: int) -> np.ndarray:
    return np.lib.format.open_memmap(folder / f"{index}.npy", "w+", like.dtype, (count, *like.shape[1:]))


def _closed(files: Sequence[np.ndarray], folder: Path) -> list[Path]:
    for each in files:
        each.flush()  # type: ignore[attr-defined]
    return [folder / f"{index}.npy" for index in range(len(files))]
