"""`tlkit probe`: the backbones that are at hand, and how well their features suit the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tlkit.commands.preflight.given_recipe import recipe_of
from tlkit.engines.engine_process import EngineProcess
from tlkit.recipe.schema import Recipe
from tlkit.search.probing import Probed, best_of, candidates, probe


def probe_backbones(
    given: Recipe | str | Path, settings: Sequence[str] = (), *, hear: Callable[[Probed], None] = lambda probed: None
) -> list[Probed]:
    """The backbones whose weights are here, the recipe's own first.

    Each has a head solved on its frozen features of train and val; what counts is what folds of these say of examples
    that they did not see. The test split is not looked at.

    Example:
        >>> min(probe_backbones("recipes/cats.yaml"), key=lambda each: each.loss).candidate.net  # doctest: +SKIP
        'efficientnet-lite2'
    """
    recipe, process, found = recipe_of(given, settings), EngineProcess(), []
    try:
        for each in probe(recipe, candidates(recipe), process):
            hear(each)
            found.append(each)
    finally:
        process.stop()
    return found


def best_lines(found: Sequence[Probed]) -> Iterator[str]:
    """Which to take, and by how much it is better than the recipe's own."""
    own, best = found[0], best_of(found)
    if best is own:
        yield f"keep       {own.candidate}: no other is better by more than its standard error"
    else:
        gain, error = best.gain_over(own)
        yield f"take       {best.candidate}: log loss less by {gain:.4f} ± {error:.4f} than with {own.candidate}"
        yield f"           --set model.net={best.candidate.net} --set data.image_size={best.candidate.size[0]}"
    yield f"           judged by folds of {own.examples} examples of train and val; the test split was not looked at"


def json_of(found: Sequence[Probed]) -> dict[str, Any]:
    """All of it as plain values, for `--json`."""
    rows = [each.row(found[0]) for each in found]
    best = best_of(found).candidate
    return {"examples": found[0].examples, "best": {"net": best.net, "image_size": list(best.size)}, "backbones": rows}
