"""Progress bars, on terminals and in notebooks, for what takes longer than a moment; in logs a line now and then.

With TLKIT_PROGRESS=json in the environment, each is lines of JSON on standard error, for a program that shows it.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from tlkit.live_view import LiveView, has_kernel

_PATIENCE = 0.7  # seconds before a bar appears
_PERIOD = 30.0  # seconds from line to line in a log
FORM = "TLKIT_PROGRESS"  # of the environment: `json`
_TOLD = 0.2  # seconds from line to line for a program


_silent = False
_view: LiveView | None = None  # where all bars are shown just now, in a notebook


def is_silent() -> bool:
    """Whether nothing is to be said but the answer."""
    return _silent


@contextmanager
def silent() -> Iterator[None]:
    """Within it nothing tells how far it is.

    Example:
        >>> with silent(), progress("Reading", 3) as bar:
        ...     bar(1)
    """
    global _silent
    before, _silent = _silent, True
    try:
        yield
    finally:
        _silent = before


@dataclass(frozen=True)
class Epoch:
    """What training came to in an epoch (from 1): `train/…` and `val/…`."""

    number: int
    metrics: Mapping[str, float]


class Bar(Protocol):
    """What a piece of work tells of itself."""

    def __call__(self, done: int, note: str = "", epoch: Epoch | None = None) -> None: ...


@contextmanager
def one_view(title: str) -> Iterator[None]:
    """In a notebook all bars within it are one widget, which stays; elsewhere nothing changes. Also a decorator.

    Example:
        >>> with one_view("cats"), progress("Reading", 3) as bar:
        ...     bar(1)
    """
    global _view
    if _silent or _view is not None or not has_kernel():
        yield
        return
    _view = view = LiveView(title)
    view.draw()
    word = "stopped after"
    try:
        yield
        word = "done in"
    finally:
        _view = None
        view.close(word)


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Bar]:
    """A bar for `total` steps, if their number is known; call it with the number done. Quick work shows nothing.

    Example:
        >>> with progress("Reading", 3) as bar:
        ...     for index in range(3):
        ...         bar(index + 1)
    """
    pace = _Pace(total)
    bar = _bar(label, pace)
    try:
        yield bar
    finally:
        bar.close()


def _bar(label: str, pace: _Pace) -> _Silence | _ViewBar | _TerminalBar | _LogLines | _JsonLines:
    if _silent:
        return _Silence()
    if has_kernel():
        return _ViewBar(label, pace)
    if os.environ.get(FORM) == "json":
        return _JsonLines(label, pace)
    return _TerminalBar(label, pace) if sys.stderr.isatty() else _LogLines(label, pace)


class _Pace:
    """How far a piece of work is, and how long it will take."""

    def __init__(self, total: int | None) -> None:
        self.total = total and max(1, total)
        self.first: tuple[int, float] | None = None  # what was done at the first call, and when that was

    def told(self, done: int, now: float) -> str:
        """`3/10  7 s left`, from the pace since the first call: what came before it was getting ready."""
        left = self.left(done, now)
        if self.total is None or done > self.total:
            return str(done)
        counted = f"{done}/{self.total}"
        return counted if left is None else f"{counted}  {left:.0f} s left"

    def left(self, done: int, now: float) -> float | None:
        """Seconds to the end, as far as they can be told."""
        before, since = self.first = self.first or (done, now)
        if self.total is None or not before < done <= self.total:
            return None
        return (now - since) / (done - before) * (self.total - done)


class _Silence:
    """Says nothing."""

    def __call__(self, done: int, note: str = "", epoch: Epoch | None = None) -> None:
        pass

    def close(self) -> None:
        pass


class _LogLines:
    """A plain line now and then, for what is no terminal."""

    def __init__(self, label: str, pace: _Pace) -> None:
        self.label, self.pace, self.said = label, pace, time.monotonic()

    def __call__(self, done: int, note: str = "", epoch: Epoch | None = None) -> None:
        now = time.monotonic()
        told = self.pace.told(done, now)
        if now - self.said >= _PERIOD:
            self.said = now
            sys.stderr.write(f"{self.label}: {told}  {note}".rstrip() + "\n")
            sys.stderr.flush()

    def close(self) -> None:
        pass


class _JsonLines:
    """Tells a program how far it is: `{"progress": "Reading", "done": 3, "total": 10, "left": 1.5, "note": ""}`.

    `epoch`, the newest that ended since the line before, is beside that where there is one; the last
    line of a piece of work has `"over": true` in place of numbers.
    """

    def __init__(self, label: str, pace: _Pace) -> None:
        self.label, self.pace, self.said = label, pace, 0.0
        self.epoch: Epoch | None = None

    def __call__(self, done: int, note: str = "", epoch: Epoch | None = None) -> None:
        now = time.monotonic()
        left, self.epoch = self.pace.left(done, now), epoch or self.epoch
        if now - self.said >= _TOLD or done == self.pace.total:
            self.said = now
            ended = {"epoch": {"number": self.epoch.number, "metrics": _finite(self.epoch)}} if self.epoch else {}
            self._tell(done=done, total=self.pace.total, left=left, note=note, **ended)
            self.epoch = None

    def close(self) -> None:
        if self.said:
            self._tell(over=True)

    def _tell(self, **said: object) -> None:
        sys.stderr.write(json.dumps({"progress": self.label, **said}) + "\n")
        sys.stderr.flush()


def _finite(epoch: Epoch) -> Mapping[str, float | None]:
    """Its metrics as JSON can say them."""
    return {name: value if math.isfinite(value) else None for name, value in epoch.metrics.items()}


class _TerminalBar:
    def __init__(self, label: str, pace: _Pace) -> None:
        self.label, self.pace, self.begun, self.drawn = label, pace, time.monotonic(), 0.0

    def __call__(self, done: int, note: str = "", epoch: Epoch | None = None) -> None:
        now = time.monotonic()
        told = self.pace.told(done, now)
        if now - self.begun > _PATIENCE and (now - self.drawn > 0.1 or done >= (self.pace.total or math.inf)):
            self.drawn = now
            sys.stderr.write(f"\r\x1b[2K{f'{self.label:<22} {self._filled(done)}{told}  {note}'.rstrip()}")
            sys.stderr.flush()

    def _filled(self, done: int) -> str:
        if self.pace.total is None:
            return ""
        filled = int(24 * min(1.0, done / self.pace.total))
        return f"{'█' * filled}{'░' * (24 - filled)} "

    def close(self) -> None:
        if self.drawn:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


class _ViewBar:
    """A stage of the widget that is there; alone it is a widget of its own, if it takes longer than a moment."""

    def __init__(self, label: str, pace: _Pace) -> None:
        self.pace, self.alone, self.counted = pace, _view is None, ""
        self.view = _view or LiveView("")
        self.stage = self.view.begin(label)

    def __call__(self, done: int, note: str = "", epoch: Epoch | None = None) -> None:
        now, total = time.monotonic(), self.pace.total
        self.stage.told = f"{self.pace.told(done, now)}  {note}".rstrip()
        self.stage.share = min(1.0, done / total) if total else None
        self.counted = f"{done}/{total}  {note}" if total else f"{done}  {note}"
        if epoch is not None:
            self.view.add_epoch(epoch.number, epoch.metrics)
        if not self.alone or now - self.stage.begun > _PATIENCE:
            self.view.draw()

    def close(self) -> None:
        self.stage.told = self.counted
        self.view.finish(self.stage)
        if self.alone and self.view.shown:
            self.view.close("done in")
