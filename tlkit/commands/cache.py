"""The cache of frozen features, shown and cleared, with what is known of files and data."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from tlkit.commands.shell.listing import Answer, Listing
from tlkit.engines.feature_cache import cache_limit, clear, contents
from tlkit.engines.speeds import SPEEDS
from tlkit.paths import cache_root

_FOUND_OUT = ("facts", "checks", SPEEDS, "answers")  # of picture files, of leaks, of backbones, and by teachers
_EXPORTED = "served"  # by `tlkit serve`


def show_cache() -> Listing:
    """A row for each frozen part with features here, and the sum."""
    entries = contents()
    total, limit = sum(each["bytes"] for each in entries), cache_limit()
    cells = [
        (each["key"][:8], *(str(each.get(name, "?")) for name in ("net", "cut", "engine", "precision")),
         f"{each['examples']:,}", _megabytes(each["bytes"]))
        for each in entries
    ]  # fmt: skip
    sums = f"{cache_root()}: {_megabytes(total)} of at most {_megabytes(limit)} (TLKIT_CACHE, TLKIT_CACHE_GB)"
    values = {"folder": cache_root(), "parts": entries, "bytes": total, "limit": limit}
    return Listing(
        ("key", "net", "to", "engine", "precision", "examples", "size"), cells, values, [sums], headed=bool(cells)
    )


def clear_cache(*, dry: bool = False) -> Answer:
    """Delete all features, and what was found out about files and data; or only say how much that is."""
    folders = [cache_root() / name for name in (*_FOUND_OUT, _EXPORTED)]
    if dry:
        held = sum(each["bytes"] for each in contents()) + sum(map(_held, folders))
        yield f"{cache_root()}: {_megabytes(held)} would be freed, less what a run uses; nothing was deleted"
        return {"folder": cache_root(), "would_free": held}
    freed, left = clear()
    freed += sum(map(_emptied, folders))
    used = f"; the features of {left} frozen part{'s' * (left > 1)} are in use by a run and stay" if left else ""
    yield f"{cache_root()}: {_megabytes(freed)} freed{used}"
    return {"folder": cache_root(), "freed": freed, "in_use": left}


def _emptied(folder: Path) -> int:
    """Remove a folder; the bytes freed."""
    freed = _held(folder)
    shutil.rmtree(folder, ignore_errors=True)
    return freed


def _held(folder: Path) -> int:
    """The bytes of all files below a folder."""
    held = 0
    for each in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # a run has just written it anew
            held += each.stat().st_size if each.is_file() else 0
    return held


def _megabytes(count: float) -> str:
    return f"{count / 2**20:,.1f} MB"
