"""Arrays from Python, which are whatever their owner says: every augmentation may be asked for."""

from __future__ import annotations

from tlkit.data.duplicates.likeness import near_measures
from tlkit.kinds.kind import Kind

ARRAY = Kind("array", augmentations=None, near=near_measures)
