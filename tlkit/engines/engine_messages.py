"""What an engine worker is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from tlkit.data.splits import Examples, InputSequence
from tlkit.engines.feature_cache import FeatureStore
from tlkit.engines.frozen_part import FrozenPart
from tlkit.model.building import BackboneSpec
from tlkit.model.further_outputs import View
from tlkit.model.heads import Head
from tlkit.model.known import KnownExamples


@dataclass(frozen=True)
class Extract:
    """Compute features and keep them; `Progress` is told, then `Extracted`."""

    frozen: FrozenPart
    store: FeatureStore
    examples: Examples


@dataclass(frozen=True)
class Prepare:
    """Build a backbone, because it will be needed."""

    backbone: BackboneSpec


@dataclass(frozen=True)
class Finish:
    """Put backbone and trained head together, save and load the file; `Outputs` of examples are told."""

    backbone: BackboneSpec
    head: Head
    weights: list[np.ndarray]
    path: Path
    page: Mapping[str, Any]
    known: KnownExamples | None
    examples: Examples


@dataclass(frozen=True)
class Reload:
    """Load a saved model; `Outputs` of examples are told."""

    path: Path
    examples: Examples


@dataclass(frozen=True)
class Answer:
    """Tell the `Outputs` of a saved model for any number of examples, which may be made where they are used."""

    path: Path
    examples: InputSequence
    precision: str
    view: View = "outputs"


@dataclass(frozen=True)
class Progress:
    """How many features there are, and how many were made a second."""

    done: int
    rate: float


class FeatureStats(TypedDict, total=False):
    """How features came about: by what, how many from the cache and how many computed, and in what time."""

    engine: str
    precision: str
    cached: int
    computed: int
    seconds: float
    start_seconds: float
    images_per_second: float


@dataclass(frozen=True)
class Extracted:
    """Examples that cannot be read, with the reasons, and figures of the whole."""

    bad: Mapping[str, str]
    stats: FeatureStats = field(default_factory=FeatureStats)


@dataclass(frozen=True)
class Outputs:
    """Rows of a model's outputs; `seconds` are those that the passes took by then."""

    rows: np.ndarray
    seconds: float = 0.0
