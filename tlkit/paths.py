"""Where tlkit keeps what it can compute again or unpacks, where its recipes are, and how a name becomes a file name."""

from __future__ import annotations

import os
from pathlib import Path

UNPACKED = "tlkit-model-"  # the beginning of a temporary folder's name, behind which its process stands
_LONGEST = 60  # letters: at most 240 bytes


def cache_root() -> Path:
    """The cache's folder: TLKIT_CACHE, else one in the user's cache folder."""
    given = os.environ.get("TLKIT_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(given) if given else Path(base) / "tlkit"


def recipes_folder() -> Path:
    """The recipes that come with tlkit: within the installed package, in a clone beside it."""
    package = Path(__file__).resolve().parent
    within = package / "recipes"
    return within if within.is_dir() else package.parent / "recipes"


def file_name(text: str) -> str:
    """One file's name made of a name from data or a model: it leads nowhere, is not hidden and not too long.

    Example:
        >>> file_name("../../x")
        '_.._x'
    """
    plain = "".join("_" if each in "/\\:" or not each.isprintable() else each for each in text)
    return plain.lstrip(".")[:_LONGEST] or "unnamed"
