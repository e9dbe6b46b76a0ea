"""Locks between processes, free again as soon as whoever holds them is gone."""

from __future__ import annotations

import contextlib
import fcntl
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

_GATE = "gate"


class Lock:
    """A lock that is held until it is released or its process ends; made by `take` and `join`."""

    def __init__(self, path: Path, *, wait: bool, passing: bool) -> None:
        self._path, self._passing = path, passing
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError:
            os.close(self._descriptor)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Let others have it."""
        os.close(self._descriptor)
        if self._passing:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)


def take(path: Path, *, wait: bool = False, passing: bool = False) -> Lock | None:
    """The lock of a file, which is made and, if it is `passing`, removed with the lock; None while another holds it.

    Example:
        >>> with take(Path("lock")) as lock:  # doctest: +SKIP
        ...     take(Path("lock")) is None
        True
    """
    try:
        return Lock(path, wait=wait, passing=passing)
    except BlockingIOError:
        return None


def join(folder: Path) -> Lock:
    """Be one of any number of holders of what a folder of locks stands for; nobody has it `alone` meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    with _certain(take(folder / _GATE, wait=True)):
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
        yield gate is not None and not any(_is_held(each) for each in folder.iterdir() if each.name != _GATE)


def _is_held(path: Path) -> bool:
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
