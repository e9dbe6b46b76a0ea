"""What a run is called and what is said of it beside what it did; the report's one look at a recipe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from tlkit import catalog
from tlkit.recipe.schema import Recipe


@dataclass(frozen=True)
class About:
    """What a run is called and what is said of it beside what it did."""

    recipe: str
    title: str
    description: str
    note: str
    data: str | None  # the path
    given: str  # the recipe's text
    resolved: str  # with every default
    price_per_hour: float | None = None
    register_as: str | None = None
    foreign: tuple[str, ...] = ()  # functions beside the recipe, or of other packages, that it names

    @classmethod
    def of(cls, recipe: Recipe) -> About:
        """What the recipe says of its run."""
        track = recipe.track
        return cls(
            recipe.name,
            track.name or recipe.name,
            recipe.description or recipe.name,
            track.description or recipe.description or recipe.name,
            recipe.data.path,
            recipe.source or yaml.safe_dump(recipe.model_dump(mode="json", exclude_unset=True)),
            yaml.safe_dump(recipe.resolved(), sort_keys=False, allow_unicode=True),
            track.price_per_hour,
            track.register_as,
            (*recipe.own_files, *_brought(recipe)),
        )

    @property
    def origin(self) -> str:
        """Where the data came from, for people."""
        return self.data or "from Python"


def _brought(recipe: Recipe) -> Iterator[str]:
    """Source and net, where another package brings them, with its version."""
    for name, table in (
        (recipe.data.source, catalog.SOURCES),
        (recipe.model.net, {**catalog.NETS, **catalog.BACKBONES}),
    ):
        line = catalog.entry(name, table)
        if line is not None and line.origin != "tlkit":
            yield f"{name} ({line.origin})"
