"""Every example of a data set read once, for the checks to look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tlkit.data.duplicates.image_hash import LEAST_SIDE, SIDE
from tlkit.data.duplicates.likeness import print_of
from tlkit.data.splits import Examples, Splits
from tlkit.errors import DataError
from tlkit.inspection.subject import InspectedData, ViewHashes
from tlkit.kinds.image.image_index import file_facts

_CHUNK = 256
_MOST_BYTES = 2 << 30  # of examples that are kept to be compared
OnExample = Callable[[int], None]


def subject_of(splits: Splits, *, on_example: OnExample = lambda done: None) -> InspectedData:
    """Read every example once, in parallel.

    Example:
        >>> len(subject_of(Splits.from_folder("data/cats")))  # doctest: +SKIP
        600
    """
    parts = splits.parts()
    subject = InspectedData(
        splits,
        names=[name for part in parts.values() for name in part.names],
        ids=np.array([id_ for part in parts.values() for id_ in part.ids], "U40"),
        parts=np.concatenate([np.full(len(part), name, "U5") for name, part in parts.items()]),
        targets=np.concatenate([part.targets for part in parts.values()]),
    )
    files = [subject.kind.picture_files(item) for part in parts.values() for item in part.items]
    if all(len(each) == 1 for each in files):
        subject.picture_files = file_facts([path for (path,) in files], on_file=on_example)
        bad = np.flatnonzero(subject.picture_files["problem"] != b"")
        subject.unreadable = {
            subject.names[i]: subject.picture_files["problem"][i].decode("utf-8", "replace") for i in bad
        }
        return subject
    if any(files):
        subject.views = _views(subject, files)
    if subject.kind.is_picture and min(splits.info.input_shape[:2]) >= LEAST_SIDE:
        subject.prints = _read(subject, print_of, (SIDE, SIDE), np.uint8, on_example)
    else:
        _read_vectors(subject, on_example)
    return subject


def _views(subject: InspectedData, files: list[tuple[str, ...]]) -> ViewHashes:
    """The prints of all pictures of examples that are several files each; small ones are not compared."""
    owners = np.repeat(np.arange(len(files)), [len(each) for each in files])
    rows = file_facts([path for each in files for path in each])
    for index in np.flatnonzero(rows["problem"] != b"").tolist():
        subject.unreadable[subject.names[owners[index]]] = rows["problem"][index].decode("utf-8", "replace")
    told = np.minimum(rows["width"], rows["height"]) >= LEAST_SIDE
    return ViewHashes(rows["print"][told], owners[told])


def _read_vectors(subject: InspectedData, on_example: OnExample) -> None:
    shape, text = subject.info.input_shape, subject.info.input_dtype == "string"
    kind = np.dtype(object if text else subject.info.input_dtype)
    if kind.kind not in "biuf" or None in shape:
        return
    width = int(np.prod(shape))
    if len(subject) * width * kind.itemsize > _MOST_BYTES:
        return  # exact copies are found all the same
    subject.vectors = _read(subject, np.ravel, (width,), kind, on_example)


def _read(
    subject: InspectedData,
    change: Callable[[np.ndarray], np.ndarray],
    shape: tuple[int, ...],
    dtype: Any,
    on_example: OnExample,
) -> np.ndarray:
    """What `change` makes of each example; those that cannot be read are noted and left at zero."""
    out, done = np.zeros((len(subject), *shape), dtype), 0
    for part in subject.splits.parts().values():
        for start in range(0, len(part), _CHUNK):
            indices = range(start, min(start + _CHUNK, len(part)))
            for value in _loaded(part, indices, subject):
                if value is not None:
                    out[done] = change(value)
                done += 1
            on_example(done)
    return out


def _loaded(part: Examples, indices: range, subject: InspectedData) -> list[np.ndarray | None]:
    try:
        return list(part.load(indices))
    except (DataError, ValueError):
        return [_one(part, index, subject) for index in indices]


def _one(part: Examples, index: int, subject: InspectedData) -> np.ndarray | None:
    try:
        return part.load([index])[0]
    except (DataError, ValueError) as error:
        subject.unreadable[part.names[index]] = str(error)
        return None
