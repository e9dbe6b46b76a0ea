"""What a trial worker is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tlkit.data.splits import Splits
from tlkit.recipe.schema import Recipe


@dataclass(frozen=True)
class Open:
    """Take the data and load Keras; one worker computes the frozen features for all."""

    recipe: Recipe
    splits: Splits
    threads: int | None
    extract: bool


@dataclass(frozen=True)
class Try:
    """Train a recipe from one state as far as an epoch, and keep the state it ends in: `Epoch`s, then `Outcome`."""

    recipe: Recipe
    state: Path
    since: Path | None = None
    until: int | None = None
    batch_size: int | None = None


@dataclass(frozen=True)
class PrepareTest:
    """Begin on what the winner's score needs of the test split."""

    recipe: Recipe


@dataclass(frozen=True)
class RunWinner:
    """Run the winner as any recipe is run: lines to be `Said`, then `Finished`."""

    recipe: Recipe
    root: Path
    tags: Mapping[str, str]
    kept: Path  # what is kept of its run until the search is done with it


@dataclass(frozen=True)
class Epoch:
    """The metrics after an epoch, counted from 1."""

    epoch: int
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Outcome:
    """How a trial ended; `kind` says of a failed one whether "training", "memory" or another "error" did it."""

    status: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    message: str = ""
    kind: str = ""
    seconds: float = 0.0
    memory: int = 0  # bytes that the process holds


@dataclass(frozen=True)
class Said:
    """A line for whoever watches."""

    text: str


@dataclass(frozen=True)
class Finished:
    """The winner's run, as `--json` prints it."""

    result: Mapping[str, Any]
