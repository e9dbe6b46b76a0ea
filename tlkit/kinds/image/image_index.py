"""What is known of picture files: content, format, size, miniature, faults. Kept by path, time and size of the file."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import os
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from tlkit.data.assembly.class_folders import printable
from tlkit.data.duplicates.image_hash import LEAST_SIDE, SIDE, near_prints, picture_print
from tlkit.data.files.regular_files import read_bytes
from tlkit.kinds.image.pictures import MOST_BYTES, inspect_bytes
from tlkit.paths import cache_root

_ROW = np.dtype(
    [
        ("path", "S32"), ("time", "i8"), ("bytes", "i8"), ("id", "S32"), ("problem", "S160"), ("decoded", "?"),
        ("format", "S8"), ("mode", "S8"), ("width", "i4"), ("height", "i4"), ("print", "u1", (SIDE, SIDE)),
    ]
)  # fmt: skip
_AHEAD = 8192  # files that are asked for at a time
_TOGETHER = 16  # of them by one thread: 1500 photographs on two cores take 1.1 s, 1.5 s one by one in six threads
_PATIENCE = 2_000_000_000  # nanoseconds for which a file's time may not yet tell that it changed


def file_facts(
    paths: Sequence[str | Path],
    *,
    on_file: Callable[[int], None] | None = None,
) -> np.ndarray:
    """One row for each file, read and decoded in parallel; files that are as they were are not read again.

    Example:
        >>> file_facts(["cat.jpg"])["width"]  # doctest: +SKIP
        array([499], dtype=int32)
    """
    if not len(paths):
        return np.zeros(0, _ROW)
    file = _place(paths)
    rows = _remembered(file, paths)
    missing = np.flatnonzero(rows["path"] == b"")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(missing), _AHEAD):
            indices = missing[start : start + _AHEAD]
            batches = [indices[at : at + _TOGETHER] for at in range(0, len(indices), _TOGETHER)]
            found = itertools.chain.from_iterable(
                pool.map(lambda batch: [_looked_at(paths[index]) for index in batch], batches)
            )
            for done, (index, row) in enumerate(zip(indices, found, strict=True)):
                rows[index] = row
                if on_file:
                    on_file(len(paths) - len(missing) + start + done + 1)
    if len(missing):
        _remember(file, rows)
    return rows


def problems(paths: Sequence[str | Path], rows: np.ndarray) -> dict[str, str]:
    """By name what is wrong with the files that cannot be used."""
    bad = np.flatnonzero(rows["problem"] != b"").tolist()
    return {printable(paths[index]): rows["problem"][index].decode("utf-8", "replace") for index in bad}


def near_copies_of(rows: np.ndarray) -> np.ndarray:
    """Pairs (n, 2) of indices whose pictures are near-copies; small pictures are not compared."""
    told = np.flatnonzero(rows["decoded"] & (np.minimum(rows["width"], rows["height"]) >= LEAST_SIDE))
    return np.asarray(told[near_prints(rows["print"][told])])


def _looked_at(path: str | Path) -> np.ndarray:
    row = np.zeros((), _ROW)
    row["path"] = _digest(path)
    try:
        before = os.stat(path)
        data = read_bytes(path, MOST_BYTES)
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        row["problem"] = f"cannot be read ({getattr(error, 'strerror', error)})".encode()
        return row
    row["time"], row["bytes"] = before.st_mtime_ns, len(data)
    row["id"] = hashlib.blake2b(data, digest_size=16).hexdigest().encode()
    problem = inspect_bytes(data, functools.partial(_fill, row))
    row["problem"], row["decoded"] = (problem or "").encode("utf-8", "replace")[:160], True
    return row


def _fill(row: np.ndarray, picture: Image.Image) -> None:
    row["format"], row["mode"] = (picture.format or "").encode(), picture.mode.encode()
    row["width"], row["height"] = picture.size
    row["print"] = picture_print(picture)


def _place(paths: Sequence[str | Path]) -> Path:
    """The file in the cache that holds the rows of the folder which all these files lie in."""
    folder = os.path.commonpath([os.path.abspath(os.path.dirname(each)) for each in paths])
    return cache_root() / "facts" / f"{_digest(folder).decode()}.npy"


def _digest(path: str | Path) -> bytes:
    return hashlib.blake2b(os.fsencode(os.path.abspath(path)), digest_size=16).hexdigest().encode()


def _remembered(file: Path, paths: Sequence[str | Path]) -> np.ndarray:
    rows = np.zeros(len(paths), _ROW)
    known = _load(file)
    if not len(known):
        return rows
    known_rows = {digest: index for index, digest in enumerate(known["path"].tolist())}
    wanted = [known_rows.get(_digest(path), -1) for path in paths]
    for index, (path, old) in enumerate(zip(paths, wanted, strict=True)):
        if old >= 0 and known["decoded"][old] and _unchanged(path, known[old]):
            rows[index] = known[old]
    return rows


def _unchanged(path: str | Path, row: np.void) -> bool:
    try:
        now = os.stat(path)
    except OSError:
        return False
    return (now.st_mtime_ns, now.st_size) == (row["time"], row["bytes"])


def _load(file: Path) -> np.ndarray:
    try:
        found = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return np.zeros(0, _ROW)
    return found if found.dtype == _ROW else np.zeros(0, _ROW)


def _remember(file: Path, rows: np.ndarray) -> None:
    """Keep the rows, with those of files that were not asked for; a cache that cannot be written is no fault."""
    settled = np.flatnonzero((rows["id"] != b"") & (rows["time"] < time.time_ns() - _PATIENCE))
    if not len(settled):
        return
    older = _load(file)
    others = np.flatnonzero(~np.isin(older["path"], rows["path"]))
    temporary = file.with_name(f".{uuid.uuid4().hex}.tmp")
    with contextlib.suppress(OSError), _gone_afterwards(temporary):
        file.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as handle:
            header = {"descr": np.lib.format.dtype_to_descr(_ROW), "fortran_order": False}
            np.lib.format.write_array_header_1_0(handle, {**header, "shape": (len(others) + len(settled),)})
            for table, indices in ((older, others), (rows, settled)):
                for start in range(0, len(indices), _AHEAD):
                    handle.write(table[indices[start : start + _AHEAD]].tobytes())
        temporary.replace(file)


@contextlib.contextmanager
def _gone_afterwards(path: Path) -> Iterator[None]:
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
