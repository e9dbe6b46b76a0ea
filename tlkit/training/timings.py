"""How long each stage of a run took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class StageTimes:
    """Seconds by stage, and of the whole.

    Example:
        >>> stages = StageTimes()
        >>> with stages("data"):
        ...     pass
        >>> list(stages.seconds)
        ['data']
    """

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - start

    def total(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.begun
