"""How a command is stopped from outside: SIGTERM and SIGHUP as Ctrl-C, and output that cannot be written any more."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

from tlkit.redaction import RedactedText

_STOPS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_SAME = 1.0  # seconds: a closing terminal, and `timeout`, send one wish twice
_UNREAD = (errno.EPIPE, errno.EIO)  # a pipe that was closed, a terminal that is gone
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_first: tuple[int, float] | None = None
_lost = _late = False


def stop_gracefully() -> None:
    """Let the first SIGTERM or SIGHUP do what Ctrl-C does, and a second signal end the process at once."""
    for number in _STOPS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):  # `nohup` asks to ignore
            signal.signal(number, _stop)


@contextlib.contextmanager
def signals_waiting() -> Iterator[None]:
    """Let signals wait; in a process that is started within, until it leaves them to its parent."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def leave_stopping_to_the_parent() -> None:
    """Ignore what a terminal or a service manager sends to all; for processes that end when their parent does."""
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)


@contextlib.contextmanager
def stopping_late() -> Iterator[None]:
    """Let the first signal wait until somebody within has looked whether he is `asked_to_stop`, or this is left."""
    global _late
    _late = True
    try:
        yield
    finally:
        _late = False
    stop_if_asked()


def nothing_left_to_stop() -> None:
    """Let signals wait from here on: what they would stop is done, and the command is to say so."""
    global _late
    _late = True


def stop_if_asked() -> None:
    """Let signals stop what begins here, one that has waited first."""
    global _late
    _late = False
    if asked_to_stop():
        raise KeyboardInterrupt


def asked_to_stop() -> bool:
    """Whether a signal has asked this process to stop."""
    return _first is not None


def exit_code() -> int:
    """What the shell expects of a process that was stopped: 130, 143 or 129."""
    return 128 + (_first[0] if _first else signal.SIGINT)


def outlive_readers() -> None:
    """Let the command go on, in silence, when what it prints is read no more, or the disk of its log is full."""
    for name in ("stdout", "stderr"):
        if isinstance(stream := getattr(sys, name), io.TextIOWrapper):
            stream.flush()
            like = {each: getattr(stream, each) for each in ("encoding", "errors", "line_buffering")}
            setattr(sys, name, lasting(stream.fileno(), **like))


def lasting(handle: int, **like: Any) -> io.TextIOWrapper:
    """A stream of text into an open file that is silent from when nobody reads it or its disk is full."""
    return RedactedText(io.BufferedWriter(_Output(handle, "w", closefd=False)), **like)


def output_lost() -> bool:
    """Whether a part of what went to standard output found no room."""
    return _lost


def _stop(number: int, frame: FrameType | None) -> None:
    global _first
    now = time.monotonic()
    if _first is None:
        _first = (number, now)
        if not _late:
            raise KeyboardInterrupt
        return
    if now - _first[1] > _SAME:
        os._exit(128 + number)


class _Output(io.FileIO):
    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            if error.errno not in (*_UNREAD, *_NO_ROOM):
                raise
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
            if error.errno in _NO_ROOM:
                _say_lost(self.fileno(), error)
            return len(data)


def _say_lost(stream: int, error: OSError) -> None:
    global _lost
    _lost = _lost or stream == 1
    with contextlib.suppress(OSError):  # the disk may be that of standard error, too
        os.write(2, f"tlkit: what is printed from here on is lost ({(error.strerror or '').lower()}).\n".encode())
