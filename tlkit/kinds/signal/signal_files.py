"""Folders of recordings, one file a signal: WAV, .npy, or CSV with a row for each moment."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tlkit.data.files.array_files import read_array
from tlkit.data.files.regular_files import read_bytes
from tlkit.data.single_precision import in_float32
from tlkit.data.tables.delimited import TABLES
from tlkit.errors import DataError
from tlkit.kinds.signal.signal_rows import time_table
from tlkit.kinds.signal.wav import read_wav, resampled

WAVES = frozenset({".wav", ".wave"})
RECORDINGS = WAVES | TABLES | {".npy"}


class Recording(NamedTuple):
    """What is known of one file before it is used: its hash, size, sample rate, and what is wrong with it."""

    id: str
    length: int = 0
    channels: int = 0
    rate: int | None = None
    problem: str = ""


def read_recording(path: str | Path) -> tuple[np.ndarray, int | None]:
    """The values (time, channels) of one file, and the sample rate where the file tells it."""
    path = Path(path)
    if path.suffix.lower() in WAVES:
        return read_wav(path)
    values = time_table(path) if path.suffix.lower() in TABLES else _array(path)
    return values, None


def inspect_recordings(paths: list[Path], on_file: Callable[[int], None] | None) -> list[Recording]:
    """Look at every file, several at a time."""
    found = []
    with ThreadPoolExecutor() as pool:
        for index, recording in enumerate(pool.map(_inspected, paths)):
            found.append(recording)
            if on_file:
                on_file(index + 1)
    return found


def in_form(values: np.ndarray, rate: int | None, channels: int, wanted: int | None) -> np.ndarray:
    """Values with as many channels and samples a second as asked for: several channels can be averaged to one."""
    if values.shape[1] != channels:
        if channels != 1:
            raise DataError(f"{values.shape[1]} channels, expected {channels}")
        values = values.mean(axis=1, keepdims=True)
    return resampled(values, rate, wanted) if rate and wanted else values


def fitted(values: np.ndarray, length: int) -> np.ndarray:
    """Exactly `length` moments: a longer signal loses its end, a shorter one gets zeros at its end.

    Example:
        >>> fitted(np.ones((2, 1)), 3)[:, 0].tolist()
        [1.0, 1.0, 0.0]
    """
    values = values[:length]
    return np.pad(values, [(0, length - len(values)), *[(0, 0)] * (values.ndim - 1)])


def read_in_form(path: str | Path, *, length: int, channels: int, rate: int | None) -> np.ndarray:
    """One file as a model takes it: channels, sample rate and length as asked for."""
    values, own_rate = read_recording(path)
    try:
        return fitted(in_form(values, own_rate, channels, rate), length)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def _inspected(path: Path) -> Recording:
    try:
        id_ = hashlib.blake2b(read_bytes(path), digest_size=16).hexdigest()
        values, rate = read_recording(path)
    except OSError as error:
        return Recording("", problem=f"cannot be read ({error.strerror})")
    except DataError as error:
        return Recording(id_, problem=str(error).removeprefix(f"{path}: "))
    length, channels = values.shape
    return Recording(id_, length, channels, rate)


def _array(path: Path) -> np.ndarray:
    values = read_array(path)
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2 or values.dtype.kind not in "fiub" or not values.size:
        raise DataError(f"{path}: expected numbers (time) or (time, channels), found {values.dtype} {values.shape}")
    values = in_float32(values)
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise DataError(f"{path}: row {row} is NaN, infinite or more than float32 can hold")
    return values
