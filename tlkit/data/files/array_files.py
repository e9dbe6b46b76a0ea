"""Arrays in .npy and .npz files: never pickled ones, and none that unpack to more than can be meant."""

from __future__ import annotations

import contextlib
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tlkit.data.files.regular_files import MOST_BYTES, regular
from tlkit.errors import DataError

_DAMAGED = (
    OSError, ValueError, EOFError, KeyError, TypeError, OverflowError, SyntaxError, MemoryError, NotImplementedError,
    RuntimeError, struct.error, tokenize.TokenError, zlib.error, zipfile.BadZipFile,
)  # fmt: skip


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a .npz file by their names, or that of a .npy file under the file's stem."""
    with _translated(path):
        _refuse_bomb(regular(path))
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {path.stem: loaded}
        with loaded:
            return dict(loaded.items())


def read_array(path: Path) -> np.ndarray:
    """The array of a .npy file."""
    arrays = read_arrays(path)
    if path.stem not in arrays or len(arrays) > 1:
        raise DataError(f"{path}: expected one array, found an archive of arrays. Call it .npz if that is what it is")
    return arrays[path.stem]


def num_axes(path: Path) -> int:
    """How many axes the (first) array of a file has; of a .npy file no more than the header is read."""
    with _translated(path):
        _refuse_bomb(regular(path))
        loaded = np.load(path, allow_pickle=False, mmap_mode="r")
        if isinstance(loaded, np.ndarray):
            return loaded.ndim
        with loaded:
            return next(iter(loaded.values())).ndim if loaded.files else 0


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        empty = path.is_file() and not path.stat().st_size
        reason = "empty file" if empty else _reason(error)
        raise DataError(f"{path}: not arrays that can be read ({reason})") from error


def _reason(error: Exception) -> str:
    said = getattr(error, "strerror", None) or str(error).strip() or type(error).__name__
    return " ".join(said.split())[:200]


def _refuse_bomb(path: Path) -> None:
    """Counted before anything is unpacked or room is made for it."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            size = sum(each.file_size for each in archive.infolist())
        if size > min(MOST_BYTES, max(1 << 30, 200 * path.stat().st_size)):
            raise ValueError(f"it unpacks to {size >> 20:,} MB")
        return
    with path.open("rb") as file:
        if file.read(6) != b"\x93NUMPY":
            return
        file.seek(0)
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, kind = read(file)
        promised, there = kind.itemsize * int(np.prod(shape, dtype=object)), path.stat().st_size - file.tell()
    if not kind.hasobject and not 0 <= promised <= there:
        raise ValueError(f"cut short: its header promises {promised:,} bytes, {there:,} are there")
