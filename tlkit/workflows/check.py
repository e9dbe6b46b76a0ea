"""A recipe looked at without training: its sizes, its paths, what it will do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tlkit import catalog
from tlkit.data.augmentation_names import read_steps
from tlkit.data.loading import will_be_filled
from tlkit.errors import ModelError, RecipeError
from tlkit.nets import arithmetic
from tlkit.nets.windows import windows_of
from tlkit.recipe.checking import net_arguments
from tlkit.recipe.schema import Recipe
from tlkit.workflows.planning import default_size, is_pretrained, phase_values, refuse_refreezing


def check_recipe(recipe: Recipe) -> Iterator[str]:
    """Lines on what the recipe comes to; every problem at once as a `RecipeError`."""
    problems = [*_augment_problems(recipe), *_path_problems(recipe), *_size_problems(recipe), *_phase_problems(recipe)]
    if problems:
        raise RecipeError(problems)
    size = recipe.data.image_size or default_size(recipe)
    yield f"{recipe.name}: {recipe.description or recipe.model.net}"
    yield f"data      {recipe.data.path or recipe.data.source}{_origin(recipe)}"
    yield f"model     {recipe.model.net}{f', input {size}' if _takes_size(recipe) else ''}"
    phases, optimizer = len(recipe.train.phases) or 1, recipe.train.optimizer.name
    yield f"train     {phases} phase(s), {optimizer}, at most {_epochs(recipe)} epochs"
    yield "no problems found"


def _augment_problems(recipe: Recipe) -> list[str]:
    try:
        read_steps(recipe.augment.steps)
    except RecipeError as error:
        return error.problems
    return []


def _path_problems(recipe: Recipe) -> list[str]:
    data = recipe.data
    if data.path is None or will_be_filled(data):
        return []
    if Path(data.path).exists():
        return _beside_problems(recipe)
    return [f"data.path: {data.path}: no such folder or file. Put the data there, or name a sample to draw"]


def _beside_problems(recipe: Recipe) -> list[str]:
    given = recipe.data.beside
    if given is None or given.table is None:
        return []
    from tlkit.data.joining import table_problem

    problem = table_problem(given.table, given.name, given.columns)
    return [f"data.beside: {problem}"] if problem else []


def _size_problems(recipe: Recipe) -> list[str]:
    """Sizes by arithmetic alone, of every net whose windows are known."""
    net, given = _windowed(recipe)
    known = catalog.arguments(net, catalog.NETS, kind="net") if net in catalog.NETS else None
    if known is None or not _takes_size(recipe):
        return []
    size = recipe.data.image_size or default_size(recipe)
    sides = (size, size) if isinstance(size, int) else tuple(size) * (2 // len(size))
    try:
        arithmetic.check(net, (*sides, recipe.data.channels or 3), windows_of(net, {**known, **given}) or [])
    except ModelError as error:
        return [f"model: {error}"]
    return []


def _windowed(recipe: Recipe) -> tuple[str, dict[str, Any]]:
    """The net that sees a picture, which may be one of several views, with its arguments as given."""
    net, given = recipe.model.net, net_arguments(recipe.model)
    if net != "multiview":
        return net, given
    backbone = given.get("backbone", "cnn")
    return (backbone, dict(given.get("options") or {})) if isinstance(backbone, str) else (net, {})


def _takes_size(recipe: Recipe) -> bool:
    """Whether the source brings pictures to a size; others have the size that their examples have."""
    known = catalog.arguments(recipe.data.source, catalog.SOURCES, kind="source", folder=recipe.folder)
    return known is None or "image_size" in known


def _phase_problems(recipe: Recipe) -> list[str]:
    try:
        refuse_refreezing(phase_values(recipe, pretrained=is_pretrained(recipe)))
    except RecipeError as error:
        return error.problems
    return []


def _origin(recipe: Recipe) -> str:
    if not will_be_filled(recipe.data):
        return ""
    return f" (to be fetched: {recipe.data.fetch})" if recipe.data.fetch else f" (to be drawn: {recipe.data.sample})"


def _epochs(recipe: Recipe) -> int:
    return sum(phase["epochs"] for phase in phase_values(recipe, pretrained=True))
