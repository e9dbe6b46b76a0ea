"""Zip and tar archives of pictures, unpacked once into the cache: nothing lands outside, and no bomb goes off."""

from __future__ import annotations

import hashlib
import lzma
import os
import shutil
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from tlkit.errors import DataError
from tlkit.paths import cache_root

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_BLOCK = 1 << 20
_MOST = 50 << 30  # bytes that an archive may unpack to
_RATIO, _FREE = 200, 100 << 20  # times its size, beyond the first 100 MB: pictures hardly shrink
_LEAST = 512  # bytes that even an empty file takes
_DAMAGED = (
    zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, RuntimeError, NotImplementedError,
    ValueError, ArithmeticError, LookupError, struct.error,
)  # fmt: skip  # what their readers say of damaged archives


def is_archive(path: Path) -> bool:
    """Whether a file's name is that of an archive."""
    return path.name.lower().endswith(SUFFIXES) and path.is_file()


def unpacked(path: Path) -> Path:
    """The folder with an archive's files; a single folder that holds all of them is stepped into.

    Example:
        >>> unpacked(Path("cats.zip"))  # doctest: +SKIP
        PosixPath('/home/me/.cache/tlkit/archives/5f0c.../cats')
    """
    facts = path.stat()
    key = f"{path.resolve()}:{facts.st_size}:{facts.st_mtime_ns}"
    target = cache_root() / "archives" / hashlib.blake2b(os.fsencode(key), digest_size=12).hexdigest()
    if not target.is_dir():
        _unpack(path, target)
    inside = [each for each in target.iterdir() if not each.name.startswith(("__MACOSX", "."))]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else target


def _unpack(path: Path, target: Path) -> None:
    """All of it or nothing."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        working = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=target.parent))
    except OSError as error:
        raise DataError(f"{target.parent}: cannot be written ({error.strerror}); needed to unpack {path}") from error
    try:
        extract(path, working)
        if not target.exists():
            working.rename(target)
    except _DAMAGED as error:
        why = " ".join(str(error).split(":")[0].split())  # what each kind of reader says follows
        raise DataError(f"{path}: cannot be unpacked ({why}). Is it a whole archive without a password?") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be unpacked ({error.strerror or error})") from error
    finally:
        shutil.rmtree(working, ignore_errors=True)


def extract(path: Path, folder: Path) -> None:
    """Write every plain file; what is written is counted, since headers may lie. Links and devices are left out."""
    size = path.stat().st_size
    left = limit = min(_MOST, max(_FREE, _RATIO * size))
    for name, file in _members(path):
        target = folder.joinpath(*_safe_parts(path, name))
        target.parent.mkdir(parents=True, exist_ok=True)
        left -= _LEAST
        with file, target.open("wb") as out:
            while left >= 0 and (block := file.read(_BLOCK)):
                left -= len(block)
                out.write(block)
        if left < 0:
            raise DataError(
                f"{path}: unpacks to more than {limit >> 20:,} MB (a file counts {_LEAST} bytes more) from "
                f"{size >> 10:,} kB; that looks like a bomb. Unpack it by hand if you trust it"
            )


def _members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if not member.is_dir() and (member.external_attr >> 28) != 0xA:  # 0xA: a link
                    yield member.filename, archive.open(member)
        return
    with tarfile.open(path) as archive:
        for each in archive:
            file = archive.extractfile(each) if each.isfile() else None
            if file is not None:
                yield each.name, file


def _safe_parts(path: Path, name: str) -> tuple[str, ...]:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or ".." in parts or parts[0] == "/" or PureWindowsPath(name).anchor:
        raise DataError(f"{path}: member '{name}' leads outside its folder; not unpacked")
    return parts
