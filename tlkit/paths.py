"""Where tlkit keeps what it can compute again or unpacks, where its recipes are, and how a name becomes a file name."""

from __future__ import annotations

import os
import re
import tempfile
import uuid
from pathlib import Path

MEMORY_DISK = "/dev/shm"  # noqa: S108  (names there cannot be guessed)
_LONGEST = 60  # letters: at most 240 bytes


def cache_root() -> Path:
    """The cache's folder: TLKIT_CACHE, else one in the user's cache folder."""
    given = os.environ.get("TLKIT_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(given) if given else Path(base) / "tlkit"


def temporary_name(what: str) -> str:
    """A name for what lasts as long as this process; `maker_of` tells who left it, if the process was killed.

    Example:
        >>> maker_of(temporary_name("export")) == os.getpid()
        True
    """
    return f"tlkit-{what}-{os.getpid()}-{uuid.uuid4().hex[:12]}"


def temporary_folder(what: str) -> tempfile.TemporaryDirectory[str]:
    """A folder among the system's temporary ones, removed when it is left."""
    return tempfile.TemporaryDirectory(prefix=f"{temporary_name(what)}-")


def maker_of(name: str) -> int | None:
    """The process that made something of this name; None of a name that is not ours."""
    found = re.match(r"tlkit-[a-z]+-(\d+)-", name)
    return int(found[1]) if found else None


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
