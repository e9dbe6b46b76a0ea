"""Weights in HDF5, from anywhere: what is in the file itself, and no more of it than can be meant."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py

from tlkit.data.files.regular_files import regular
from tlkit.errors import ModelError
from tlkit.pretrained.named_classes import refuse_code

_OBJECTS = 1_000_000
FREE, EXPANSION = 1 << 30, 100  # bytes that may be unpacked; beyond them, so many times what is stored


def require_safe_weights(path: Path) -> None:
    """Refuse a `.h5` file that reaches out of itself, or that would run code if its model were built."""
    try:
        refuse_unsafe_weights(regular(path))
    except Exception as error:  # HDF5 raises what it likes
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(f"{path}: not weights that can be loaded ({said})") from error


def refuse_unsafe_weights(content: Path | io.BytesIO) -> None:
    """Raise where there are links, numbers of other files, a bomb, or a description that may not be built."""
    with h5py.File(content, "r") as file:
        if "model_config" in file.attrs:  # a whole model of older Keras; only its weights would be read
            refuse_code(json.loads(file.attrs["model_config"]))
        for each in _objects(file):
            if isinstance(each, h5py.Dataset):
                _refuse_unsafe_dataset(each)


def _objects(file: h5py.File) -> Iterator[Any]:
    """Every object once, links to which stand in the file itself."""
    seen: set[int] = set()
    left = [file]
    while left:
        group = left.pop()
        for name in group:
            if not isinstance(link := group.get(name, getlink=True), h5py.HardLink):
                raise ValueError(f"its {name!r} is a link ({type(link).__name__}), which may lead to other files")
            item = group[name]
            place = h5py.h5o.get_info(item.id).addr
            if place in seen:
                continue
            seen.add(place)
            if len(seen) > _OBJECTS:
                raise ValueError("it holds more than a model can")
            if isinstance(item, h5py.Group):
                left.append(item)
            yield item


def _refuse_unsafe_dataset(dataset: h5py.Dataset) -> None:
    if dataset.external or dataset.is_virtual:
        raise ValueError(f"{dataset.name!r} keeps its numbers in other files")
    if dataset.nbytes > max(FREE, EXPANSION * dataset.id.get_storage_size()):
        raise ValueError(f"{dataset.name!r} unpacks to {dataset.nbytes >> 20:,} MB")
