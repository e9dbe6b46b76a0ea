"""What a recipe comes to: input size, front, phases, parameters for the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tlkit import catalog
from tlkit.data.sources import load_splits
from tlkit.data.splits import Splits
from tlkit.errors import RecipeError, nearest
from tlkit.model.building import known_backbone
from tlkit.recipe.checking import net_arguments
from tlkit.recipe.loading import changed_recipe
from tlkit.recipe.schema import Phase, Recipe
from tlkit.training.objective import watched

_SCRATCH_SIZE = 128


def default_size(recipe: Recipe) -> tuple[int, int]:
    """The pixels a recipe's backbone was made for, where the recipe says nothing else."""
    name = known_backbone(recipe.model.net, net_arguments(recipe.model))
    line = catalog.entry(name, catalog.BACKBONES) if name else None
    side = line.size if line is not None and line.size else _SCRATCH_SIZE
    return (side, side)


def is_pretrained(recipe: Recipe) -> bool:
    """Whether the recipe's net brings weights with it."""
    net = recipe.model.net
    backbone = net.startswith(catalog.HUB_PREFIX) or known_backbone(net, net_arguments(recipe.model)) is not None
    return (recipe.model.weights or ("imagenet" if backbone else "none")) != "none"


def phase_values(recipe: Recipe, *, pretrained: bool) -> list[dict[str, Any]]:
    """Each phase with what it leaves out taken from `train`; at least one."""
    base = recipe.train.model_dump(include={*Phase.model_fields, "early_stopping", "keep"})
    if base["unfreeze"] is None:
        base["unfreeze"] = "none" if pretrained else "all"
    given = [phase.model_dump(exclude_none=True) for phase in recipe.train.phases] or [{}]
    phases = [{**base, **phase} for phase in given]
    for phase in phases:
        phase["optimizer"] = {key: value for key, value in phase["optimizer"].items() if value is not None}
    return phases


def as_written(recipe: Recipe) -> Recipe:
    """The recipe with its fields kept to however few the examples are, as those who vary these fields mean it."""
    return changed_recipe(recipe, {"train.few_examples": "as_written"})


def refuse_refreezing(phases: list[dict[str, Any]]) -> None:
    """Later phases may only unfreeze more: what was trained once is no longer what the cache knows."""
    ranks = [_rank(phase["unfreeze"]) for phase in phases]
    if ranks != sorted(ranks):
        shown = ", ".join(str(phase["unfreeze"]) for phase in phases)
        raise RecipeError(
            [f"train.phases: expected each phase to unfreeze as much as the one before or more, found {shown}"]
        )


def refuse_unmeasured(recipe: Recipe, task: str) -> None:
    """Training can only be stopped by what it measures."""
    stop, known = recipe.train.early_stopping, watched(task)
    if stop is not None and stop.monitor not in known:
        hint = nearest(stop.monitor, known) or f"There are {' and '.join(known)}."
        raise RecipeError([f"train.early_stopping.monitor: no metric '{stop.monitor}' for this data. {hint}"])


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of a recipe under its dotted name.

    Example:
        >>> dict(flat({"model": {"net": "cnn"}}))
        {'model.net': 'cnn'}
    """
    for key, value in values.items():
        path = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(value, Mapping) and value:
            yield from flat(value, path)
        else:
            yield path, value


def _rank(unfreeze: str | int) -> float:
    return {"none": 0.0, "all": float("inf")}.get(str(unfreeze), float(unfreeze) if str(unfreeze).isdigit() else 0.0)


def load_data(recipe: Recipe) -> Splits:
    """The examples that a recipe names, split by its seed."""
    return load_splits(recipe.data, seed=recipe.seed, image_size=default_size(recipe), folder=recipe.folder)
