"""What processes that were killed left behind: locks in the cache, models that they had unpacked."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

from tlkit import locks
from tlkit.paths import UNPACKED, cache_root


def sweep() -> None:
    """Remove what nobody who lives holds any more."""
    with contextlib.suppress(OSError):
        locks.sweep(cache_root() / "holders")
    for each in Path(tempfile.gettempdir()).glob(f"{UNPACKED}*-*"):
        maker = each.name.removeprefix(UNPACKED).partition("-")[0]
        if maker.isdecimal() and not _lives(int(maker)):
            shutil.rmtree(each, ignore_errors=True)


def _lives(process: int) -> bool:
    import psutil  # only where anything was left

    return psutil.pid_exists(process)
