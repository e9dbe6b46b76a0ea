"""How many pictures a second each backbone takes on this machine, as its last extraction of some size told."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from tlkit.engines.engine_messages import FeatureStats
from tlkit.engines.frozen_part import FrozenPart
from tlkit.paths import cache_root, file_name

SPEEDS = "speeds"  # a folder of the cache
_ENOUGH, _SOME = 200, 32  # examples; some tell it only where nothing else does


def note_speed(frozen: FrozenPart, stats: FeatureStats) -> None:
    """Keep the speed of a whole backbone, if it was seen for long enough."""
    spec, place = frozen.backbone, _place(frozen.backbone.net, frozen.backbone.input_shape)
    enough = _ENOUGH if place.exists() else _SOME
    if frozen.cut is None and spec.net == spec.catalog_name and stats.get("computed", 0) >= enough:
        with contextlib.suppress(OSError):  # it is told again
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(f"{stats['images_per_second']:.1f}")


def speed_here(net: str, size: Sequence[int]) -> float | None:
    """Pictures a second at this size; None where that was not seen yet."""
    try:
        return float(_place(net, size).read_text())
    except (OSError, ValueError):
        return None


def _place(net: str, size: Sequence[int]) -> Path:
    return cache_root() / SPEEDS / file_name(f"{net} {size[0]}x{size[1]}")
