"""New signals and sounds for a model that has learned from such: to predict on, and labelled ones to score."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tlkit.data.assembly.class_folders import files_below, list_files
from tlkit.data.download.sampling import MARK
from tlkit.data.files.array_files import read_arrays
from tlkit.data.labels import plain_label
from tlkit.data.single_precision import in_float32
from tlkit.data.splits import Examples
from tlkit.data.tables.delimited import TABLES
from tlkit.errors import DataError
from tlkit.kinds.kind import Inputs, Scored
from tlkit.kinds.signal.row_files import is_folder_of_classes, read_rows, row_files
from tlkit.kinds.signal.signal_arrays import ARRAYS
from tlkit.kinds.signal.signal_files import RECORDINGS, WAVES, fitted, inspect_recordings, read_in_form
from tlkit.kinds.signal.signal_rows import RowLayout, Signal, table_rows
from tlkit.kinds.signal.sounds import read_sound
from tlkit.model.metadata import Metadata


def sounds_at(path: Path, metadata: Metadata) -> Inputs:
    """Every WAV in a file or folder: its name, and what reads it as a model with this metadata takes it."""
    for file in _files(path, WAVES, "sounds"):
        yield str(file), functools.partial(_sound_reader(metadata), file)


def signals_at(path: Path, metadata: Metadata) -> Inputs:
    """Every signal in a file or folder; a file of rows holds many.

    In a table, a row with as many fields as the training rows had has a label where those had it, which is left out;
    a row with one field less has none.
    """
    length, channels = metadata["input_shape"]
    rows = metadata["reading"].get("layout") == "rows"
    for file in _files(path, RECORDINGS | ARRAYS, "signals"):
        if not rows or file.suffix.lower() in WAVES:
            yield str(file), functools.partial(_signal_reader(metadata), file)
        else:
            for each in _rows(file, metadata):
                yield each.name, functools.partial(_values, each, length, channels)


def labelled_sounds(path: Path, metadata: Metadata) -> Scored:
    """The labelled sounds of a folder with one folder a class."""
    return _labelled_files(path, WAVES, "sounds", _sound_reader(metadata), metadata)


def labelled_signals(path: Path, metadata: Metadata) -> Scored:
    """The labelled signals of a file of rows, or of a folder with one folder a class."""
    if metadata["reading"].get("layout") == "files" or is_folder_of_classes(path):
        return _labelled_files(path, RECORDINGS, "recordings", _signal_reader(metadata), metadata)
    length, channels = metadata["input_shape"]
    reading = metadata["reading"]
    layout = RowLayout(
        reading.get("label") or "first", reading.get("fields"), channels, tuple(reading.get("apart", ()))
    )
    rows, _ = read_rows(row_files(path, alone=True), layout)
    bad = {each.name: each.problem for each in rows if each.problem}
    rows = [each for each in rows if not each.problem]
    items = [_values(each, length, channels) for each in rows]
    labels = np.array([plain_label(each.label) for each in rows], object)
    names, ids = [each.name for each in rows], [each.id for each in rows]
    return Examples(np.stack(items) if items else np.empty((0, length, channels)), labels, ids, names, None), bad


def _files(path: Path, suffixes: frozenset[str], what: str) -> list[Path]:
    files = [each for each in files_below(path, suffixes) if each.name != MARK] if path.is_dir() else [path]
    if not files:
        raise DataError(f"{path}: no {what} in this folder")
    unknown = [each for each in files if each.suffix.lower() not in suffixes]
    if unknown:
        raise DataError(f"{unknown[0]}: expected a file of {what} ({', '.join(sorted(suffixes))})")
    return files


def _sound_reader(metadata: Metadata) -> Callable[[str | Path], np.ndarray]:
    return functools.partial(read_sound, length=metadata["input_shape"][0], rate=metadata["reading"]["sample_rate"])


def _signal_reader(metadata: Metadata) -> Callable[[str | Path], np.ndarray]:
    length, channels = metadata["input_shape"]
    return functools.partial(
        read_in_form, length=length, channels=channels, rate=metadata["reading"].get("sample_rate")
    )


def _rows(file: Path, metadata: Metadata) -> list[Signal]:
    channels = metadata["input_shape"][1]
    if file.suffix.lower() in TABLES:
        return _table(file, metadata["reading"], channels)
    arrays = read_arrays(file)
    name = next((each for each in arrays if not each.lower().startswith(("y", "label", "target"))), None)
    if name is None:
        raise DataError(f"{file}: expected an array x of signals, found {', '.join(arrays) or 'none'}")
    values = arrays[name]
    values = values[None] if values.ndim == 1 else values
    values = values[..., None] if values.ndim == 2 else values
    if values.ndim != 3 or values.dtype.kind not in "fiub":
        raise DataError(f"{file}: expected numbers (examples, time[, channels]), found {values.dtype} {values.shape}")
    return [Signal(f"{file}[{index}]", each) for index, each in enumerate(in_float32(values))]


def _table(file: Path, reading: Mapping[str, Any], channels: int) -> list[Signal]:
    """The rows of a table, with or without the label that the training rows had."""
    apart = tuple(reading.get("apart", ()))
    plain, found = table_rows(file, RowLayout(None, None, channels, apart))
    if found.fields != reading.get("fields"):
        return plain
    return table_rows(file, RowLayout(reading["label"], found.fields, channels, apart))[0]


def _values(row: Signal, length: int, channels: int) -> np.ndarray:
    if row.problem:
        raise DataError(f"{row.name}: {row.problem}")
    if row.values.shape[1] != channels or not np.isfinite(row.values).all():
        wrong = "NaN or infinite values" if row.values.shape[1] == channels else f"{row.values.shape[1]} channels"
        raise DataError(f"{row.name}: expected finite values of {channels} channels, found {wrong}")
    return fitted(row.values, length)


def _labelled_files(
    path: Path, suffixes: frozenset[str], what: str, read: Callable[[str], np.ndarray], metadata: Metadata
) -> Scored:
    files = list_files(path, suffixes, what, metadata["reading"].get("label"))
    looked_at = inspect_recordings([each.path for each in files], None)
    bad = {str(file.path): each.problem for file, each in zip(files, looked_at, strict=True) if each.problem}
    sound = [(str(file.path), str(file.label), each.id) for file, each in zip(files, looked_at, strict=True)
             if not each.problem]  # fmt: skip
    names, labels, ids = ([each[index] for each in sound] for index in range(3))
    return Examples(names, np.array(labels, object), ids, names, read), bad
