"""Files of data are opened through here: regular files only, and none larger than can be meant."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

MOST_BYTES = 16 << 30


def regular(path: str | Path, most: int = MOST_BYTES) -> Path:
    """The path, where a regular file of no more than `most` bytes is there; else an `OSError` that says what is.

    A pipe, a socket or a device would be waited for, or read, without end.

    Example:
        >>> regular("/dev/zero")
        Traceback (most recent call last):
        OSError: [Errno 22] not a regular file: '/dev/zero'
    """
    seen = os.stat(path)
    if stat.S_ISDIR(seen.st_mode):
        raise IsADirectoryError(errno.EISDIR, "a folder, expected a file", str(path))
    if not stat.S_ISREG(seen.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    if seen.st_size > most:
        raise OSError(errno.EFBIG, f"{seen.st_size >> 20:,} MB, at most {most >> 20:,} are read", str(path))
    return Path(path)


def read_bytes(path: str | Path, most: int = MOST_BYTES) -> bytes:
    """All bytes of a regular file."""
    return regular(path, most).read_bytes()
