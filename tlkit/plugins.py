"""Parts that other packages bring, found by their entry points; to know their names nothing of them is imported.

A package says `[project.entry-points."tlkit.nets"] fern = "fernery.nets:fern"` and its net is used by name like ours.
"""

from __future__ import annotations

import functools
import importlib.metadata
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Plugin:
    """A part of another package: where it lives, and which package brings it."""

    target: str
    origin: str


@functools.cache
def plugins(group: str) -> Mapping[str, Plugin]:
    """The parts of a group by name; of two packages that bring the same name, the first found counts.

    Example:
        >>> plugins("tlkit.no_such_group")
        {}
    """
    found: dict[str, Plugin] = {}
    for package in _installed():
        for each in package.entry_points:
            if each.group == group:
                name = f"{package.metadata['Name']} {package.version}"
                found.setdefault(each.name, Plugin(each.value.strip(), name))
    return found


@functools.cache
def _installed() -> tuple[importlib.metadata.Distribution, ...]:
    """Installed packages with parts of ours; what merely lies in the working folder is none of them."""
    here = Path.cwd().resolve()
    trusted = [each for each in sys.path if each and Path(each).resolve() != here]
    packages = importlib.metadata.distributions(path=trusted)
    return tuple(each for each in packages if "tlkit." in (each.read_text("entry_points.txt") or ""))
