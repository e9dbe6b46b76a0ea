"""`tlkit probe`: the backbones that are at hand, and how well their features suit the data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tlkit.commands.preflight.given_recipe import recipe_of
from tlkit.engines.engine_process import EngineProcess
from tlkit.recipe.schema import Recipe
from tlkit.search.probing.backbone_probe import candidates, probe
from tlkit.search.probing.tried import Candidate, Tried, best_of


def probe_backbones(
    given: Recipe | str | Path,
    settings: Sequence[str] = (),
    *,
    hear: Callable[[Tried], None] = lambda probed: None,
    leave_out: Callable[[Candidate, str], None] = lambda candidate, why: None,
) -> list[Tried]:
    """The backbones whose weights are here, the recipe's own first.

    Each has a head solved on its frozen features of train and val; what counts is what folds of these say of examples
    that they did not see. The test split is not looked at.

    Example:
        >>> min(probe_backbones("recipes/cats.yaml"), key=lambda each: each.loss).candidate.net  # doctest: +SKIP
        'efficientnet-lite2'
    """
    recipe, process, found = recipe_of(given, settings), EngineProcess(), []
    try:
        for each in probe(recipe, candidates(recipe), process, leave_out=leave_out):
            hear(each)
            found.append(each)
    finally:
        process.stop()
    return found


def best_lines(found: Sequence[Tried]) -> Iterator[str]:
    """Which to take, and by how much it is better than the recipe's own."""
    own, best = found[0], best_of(found)
    if best is own:
        yield f"keep       {own.candidate}: no other is better by more than its standard error"
    else:
        settings = (f"--set {name}={_setting(value)}" for name, value in best.candidate.changes.items())
        yield f"take       {best.candidate}: log loss less by {best.gain_over(own)} than with {own.candidate}"
        yield f"           {' '.join(settings)}"
    yield f"           judged by folds of {len(own.errors)} examples of train and val; the test split was not looked at"


def _setting(value: Any) -> str:
    """A value as `--set` has it; one number for both sides of a square."""
    sides = value if isinstance(value, list) else [value]
    return str(sides[0]) if len({*sides}) == 1 else f"'{json.dumps(sides)}'"


def json_of(found: Sequence[Tried]) -> dict[str, Any]:
    """All of it as plain values, for `--json`."""
    rows = [{**_place(each), **each.row(found[0])} for each in found]
    return {"examples": len(found[0].errors), "best": _place(best_of(found)), "backbones": rows}


def _place(tried: Tried) -> dict[str, Any]:
    return {name.rpartition(".")[2]: value for name, value in tried.candidate.changes.items()}
