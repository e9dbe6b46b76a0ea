"""Pictures that a model is asked about or scored on: in folders, or in a table as the one that it learned from."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tlkit.data.assembly.class_folders import LabelledFile, list_files, printable
from tlkit.data.download.archives import is_archive, unpacked
from tlkit.data.splits import Examples
from tlkit.data.tables.frames import READERS, read_table
from tlkit.errors import DataError
from tlkit.kinds.image.idx import holds_idx, idx_pictures, labelled_idx
from tlkit.kinds.image.image_folder import inspect_files
from tlkit.kinds.image.picture_tables import files_in_frame, image_columns, is_written, named_files
from tlkit.kinds.image.pictures import input_of, inputs_at, read_picture, resize_of
from tlkit.kinds.kind import Inputs, Scored
from tlkit.model.metadata import Metadata
from tlkit.tasks.task import require_task

Read = Callable[[], np.ndarray]


def labelled_pictures(path: Path, metadata: Metadata) -> Scored:
    """Every labelled picture in class folders, IDX files or a table, to score a model on, and what was set aside."""
    if holds_idx(path):
        return labelled_idx(path, metadata["class_names"], lambda pixels: input_of(pixels, metadata)), {}
    files = _in_table(path, metadata) if path.suffix.lower() in READERS else _in_folders(path, metadata)
    ids, bad = inspect_files([each.path for each in files], None)
    sound = [(each, id_) for each, id_ in zip(files, ids, strict=True) if printable(each.path) not in bad]
    height, width, channels = metadata["input_shape"]
    names = [str(each.path) for each, _ in sound]
    labels = np.empty(len(sound), object)
    labels[:] = [each.label for each, _ in sound]
    read = functools.partial(read_picture, size=(height, width), channels=channels, resize=resize_of(metadata))
    return Examples(names, labels, [id_ for _, id_ in sound], names, read), bad


def pictures_at(path: Path, metadata: Metadata) -> Inputs:
    """Every picture in a file, folder or archive, or that a table names: its name, and what reads it for the model."""
    if holds_idx(path):
        return ((name, functools.partial(input_of, pixels, metadata)) for name, pixels in idx_pictures(path))
    if path.suffix.lower() not in READERS:
        return inputs_at(unpacked(path) if is_archive(path) else path, metadata)
    frame = read_table(path, text=image_columns(image := _image_column(metadata)))
    files = named_files(frame, image=image, root=path.parent, where=str(path))
    return (_of_row(path, row, each, file) for row, file in enumerate(files) for each in inputs_at(file, metadata))


def _of_row(table: Path, row: int, example: tuple[str, Read], file: Path) -> tuple[str, Read]:
    """A picture whose bytes stand in a table is known by its row there."""
    if not is_written(file):
        return example
    name, read = f"{table}: row {row}", example[1]

    def read_row() -> np.ndarray:
        try:
            return read()
        except DataError as error:
            raise DataError(f"{name}: {str(error).removeprefix(f'{file}: ')}") from error

    return name, read_row


def _in_folders(path: Path, metadata: Metadata) -> list[LabelledFile]:
    what = "folders give one label a picture, and tables any"
    require_task(metadata["task"], ["label", "number"], where=path, what=what)
    return list_files(unpacked(path) if is_archive(path) else path, label=metadata["reading"].get("label"))


def _in_table(path: Path, metadata: Metadata) -> list[LabelledFile]:
    """By the columns of the table that was learned from; an older model's are its classes, or `label`."""
    known, image = metadata["reading"].get("table", {}), _image_column(metadata)
    frame = read_table(path, text=image_columns(image))
    older = list(metadata["class_names"]) if {*metadata["class_names"]} <= {*frame.columns} else ["label"]
    labels = [str(each) for each in known.get("label", older)]
    return files_in_frame(frame, image=image, labels=labels, task=metadata["task"], root=path.parent, where=str(path))


def _image_column(metadata: Metadata) -> str:
    reading = metadata.get("reading") or {}
    return str(reading.get("table", {}).get("image", "path"))
