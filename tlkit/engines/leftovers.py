"""What processes that were killed left behind: locks in the cache, temporary folders."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
from pathlib import Path

from tlkit import locks
from tlkit.paths import MEMORY_DISK, cache_root, maker_of


def sweep() -> None:
    """Remove what nobody who lives holds any more."""
    with contextlib.suppress(OSError):
        locks.sweep(cache_root() / "holders")
    for each in itertools.chain(*(Path(home).glob("tlkit-*-*") for home in (tempfile.gettempdir(), MEMORY_DISK))):
        maker = maker_of(each.name)
        if maker is not None and not _lives(maker):
            shutil.rmtree(each, ignore_errors=True)


def _lives(process: int) -> bool:
    import psutil  # only where anything was left

    return psutil.pid_exists(process)
