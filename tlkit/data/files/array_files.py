"""Arrays in .npy and .npz files: never pickled ones, and none that unpack to more than can be meant."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
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
    try:
        _refuse_bomb(regular(path))
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {path.stem: loaded}
        with loaded:
            return dict(loaded.items())
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
