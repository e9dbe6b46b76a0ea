"""Where tlkit keeps what it can compute again."""

from __future__ import annotations

import os
from pathlib import Path


def cache_root() -> Path:
    """The cache's folder: TLKIT_CACHE, else one in the user's cache folder."""
    given = os.environ.get("TLKIT_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(given) if given else Path(base) / "tlkit"
