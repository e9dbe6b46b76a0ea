"""Locks between processes, free again as soon as whoever holds them is gone."""

from __future__ import annotations

import contextlib
import errno
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from filelock import BaseFileLock

_GATE = "gate"


class Lock:
    """A lock that is held until it is released or its process ends; made by `take` and `join`."""

    def __init__(self, lock: BaseFileLock, passing: Path | None) -> None:
        self._lock, self._passing = lock, passing

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Let others have it."""
        self._lock.release()
        if self._passing:
            with contextlib.suppress(OSError):
                self._passing.unlink(missing_ok=True)


def take(path: Path, *, wait: bool = False, passing: bool = False) -> Lock | None:
    """The lock of a file, which is made and, if it is `passing`, removed with the lock; None while another holds it.

    Example:
        >>> with take(Path("lock")) as lock:  # doctest: +SKIP
        ...     take(Path("lock")) is None
        True
    """
    if not path.parent.is_dir():  # filelock would make it, also where the folder was removed a moment ago
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
    from filelock import FileLock, Timeout  # 0.07 s, which commands that only read are spared

    lock = FileLock(path, mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=-1 if wait else 0)
    except Timeout:
        return None
    return Lock(lock, path if passing else None)


def join(folder: Path) -> Lock:
    """Be one of any number of holders of what a folder of locks stands for; nobody has it `alone` meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    with _certain(take(folder / _GATE, wait=True)):
        _holders(folder)
        return _certain(take(folder / uuid.uuid4().hex, passing=True))


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether nobody holds it; nobody can until this is left. A full disk has no room for locks, and needs some."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        gate = take(folder / _GATE)
    except OSError:
        yield True
        return
    with gate or contextlib.nullcontext():
        yield gate is not None and not _holders(folder)


def sweep(home: Path) -> None:
    """Remove what holders that were killed left in the folders of a folder."""
    for each in home.iterdir():
        with contextlib.suppress(OSError), alone(each):  # of another user
            pass


def _holders(folder: Path) -> list[Path]:
    """The locks of those that live; only whoever has the gate may ask."""
    return [each for each in folder.iterdir() if each.name != _GATE and is_held(each)]


def is_held(path: Path) -> bool:
    """Whether the holder of a lock lives; what one that was killed left is removed."""
    try:
        lock = take(path, passing=True)
    except OSError:  # of another user
        return True
    if lock is not None:
        lock.release()
    return lock is None


def _certain(lock: Lock | None) -> Lock:
    assert lock is not None, "waited for, or known to nobody else"
    return lock
