"""What `tlkit run` would do, said without doing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlkit.commands.check import check_recipe
from tlkit.commands.shell.listing import Answer
from tlkit.recipe.schema import Recipe
from tlkit.training.phase import PhasePlan
from tlkit.training.planning import is_pretrained, phases_of


def intended(recipe: Recipe, *, folds: int | None = None) -> Answer:
    """Check a recipe as `tlkit check` does, then say which phases would train what, and under which name.

    Data are neither drawn nor fetched, and nothing is recorded.
    """
    *lines, _ = check_recipe(recipe)
    yield from lines
    phases = [] if recipe.is_open else phases_of(recipe.train, pretrained=is_pretrained(recipe))
    for number, phase in enumerate(phases, start=1):
        yield f"phase {number}   {_told(phase)}"
    if folds is not None:
        yield f"folds     {folds}, each with all phases, as runs within one"
    experiment, name = recipe.track.experiment or recipe.name, recipe.run_name
    yield f"record    {name}, in experiment {experiment}"
    yield "nothing was trained (--dry-run)"
    values = {"recipe": recipe.resolved(), "phases": [_values(each) for each in phases], "folds": folds}
    return {**values, "experiment": experiment, "name": name}


def _told(phase: PhasePlan) -> str:
    if phase.again:
        return "the phase before once more, from all of train and val"
    parts = {"none": "the head", "all": "everything"}.get(str(phase.unfreeze), f"head and last {phase.unfreeze} blocks")
    return f"{parts}: at most {phase.epochs} epochs of {phase.batch_size}, learning rate {phase.learning_rate:g}"


def _values(phase: PhasePlan) -> Mapping[str, Any]:
    return {name: getattr(phase, name) for name in ("unfreeze", "epochs", "batch_size", "learning_rate", "again")}
