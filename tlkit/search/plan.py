"""What a search is to do, and what it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tlkit.data.splits import Splits
from tlkit.recipe.schema import Recipe
from tlkit.recipe.space import Domain
from tlkit.search.search_journal import SearchJournal
from tlkit.training.planning import phases_of


@dataclass(frozen=True)
class SearchResult:
    """What a search leaves: its best trial, what the winner reached with each seed, and where things are."""

    recipe: str
    folder: Path
    best_recipe: Path
    trial: int
    score: float
    values: Mapping[str, Any]
    trials: int
    seeds: list[float]
    winner: Mapping[str, Any]
    run_id: str
    seconds: float
    passed_over: int = 0
    by_worker: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """The result as plain values, for `--json`."""
        return {
            **vars(self),
            "folder": str(self.folder),
            "best_recipe": str(self.best_recipe),
            "values": dict(self.values),
        }


@dataclass(frozen=True)
class SearchPlan:
    """A search with all choices made: what is varied, on which data, by which workers, kept where."""

    recipe: Recipe
    domains: list[Domain]
    splits: Splits
    direction: str
    journal: SearchJournal
    root: Path
    count: int
    workers: int
    memory: int
    identity: dict[str, Any]
    say: Callable[[str], None]

    @property
    def epochs(self) -> int:
        """Epochs of a whole trial."""
        return sum(phase.epochs for phase in phases_of(self.recipe.train, pretrained=True))
