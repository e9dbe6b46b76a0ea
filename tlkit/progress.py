"""Progress bars on the terminal for what takes longer than a moment; silent elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

_PATIENCE = 0.7  # seconds before a bar appears


class Bar(Protocol):
    """What a piece of work tells of itself."""

    def __call__(self, done: int, note: str = "") -> None: ...


@contextmanager
def progress(label: str, total: int) -> Iterator[Bar]:
    """A bar for `total` steps; call it with the number done. It shows on a terminal only, and not for quick work.

    Example:
        >>> with progress("Reading", 3) as bar:
        ...     for index in range(3):
        ...         bar(index + 1)
    """
    bar = _TerminalBar(label, total) if sys.stderr.isatty() else _Silence()
    try:
        yield bar
    finally:
        bar.close()


class _Silence:
    def __call__(self, done: int, note: str = "") -> None:
        pass

    def close(self) -> None:
        pass


class _TerminalBar:
    def __init__(self, label: str, total: int) -> None:
        self.label, self.total, self.begun, self.drawn = label, max(1, total), time.monotonic(), 0.0
        self.first: tuple[int, float] | None = None  # what was done at the first call, and when that was

    def __call__(self, done: int, note: str = "") -> None:
        now = time.monotonic()
        self.first = self.first or (done, now)
        if now - self.begun > _PATIENCE and (now - self.drawn > 0.1 or done >= self.total):
            self.drawn = now
            sys.stderr.write(f"\r\x1b[2K{self._line(done, now, note)}")
            sys.stderr.flush()

    def _line(self, done: int, now: float, note: str) -> str:
        filled = int(24 * min(1.0, done / self.total))
        left = self._left(done, now)
        return f"{self.label:<22} {'█' * filled}{'░' * (24 - filled)} {done}/{self.total}  {left}  {note}".rstrip()

    def _left(self, done: int, now: float) -> str:
        """From the pace since the first call: what came before it was getting ready."""
        before, since = self.first or (0, self.begun)
        return f"{(now - since) / (done - before) * (self.total - done):.0f} s left" if done > before else ""

    def close(self) -> None:
        if self.drawn:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
