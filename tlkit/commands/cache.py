"""The cache of frozen features, shown and cleared, with what is known of files and data."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from tlkit.engines.feature_cache import cache_limit, clear, contents
from tlkit.engines.speeds import SPEEDS
from tlkit.paths import cache_root

_FOUND_OUT = ("facts", "checks", SPEEDS, "answers")  # of picture files, of leaks, of backbones, and by teachers
_EXPORTED = "served"  # by `tlkit serve`


def show_cache() -> Iterator[str]:
    """One line for each frozen part with features here, and the sum."""
    entries = contents()
    for each in entries:
        precision, engine = each.get("precision", "?"), each.get("engine", "?")
        yield (
            f"{each['key'][:8]}  {each.get('net', '?'):<22} to {each.get('cut', '?'):<16} {engine} {precision:<9} "
            f"{each['examples']:>8} examples {_megabytes(each['bytes']):>9}"
        )
    total = sum(each["bytes"] for each in entries)
    yield f"{cache_root()}: {_megabytes(total)} of at most {_megabytes(cache_limit())} (TLKIT_CACHE, TLKIT_CACHE_GB)"


def clear_cache() -> Iterator[str]:
    """Delete all features, and what was found out about files and data."""
    freed, left = clear()
    freed += sum(_emptied(cache_root() / name) for name in (*_FOUND_OUT, _EXPORTED))
    used = f"; the features of {left} frozen part{'s' * (left > 1)} are in use by a run and stay" if left else ""
    yield f"{cache_root()}: {_megabytes(freed)} freed{used}"


def _emptied(folder: Path) -> int:
    """Remove a folder; the bytes freed."""
    freed = 0
    for each in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # a run has just written it anew
            freed += each.stat().st_size if each.is_file() else 0
    shutil.rmtree(folder, ignore_errors=True)
    return freed


def _megabytes(count: float) -> str:
    return f"{count / 2**20:,.1f} MB"
