"""Which points of a space can be built at all, told by arithmetic before any model is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tlkit import catalog
from tlkit.errors import ModelError, RecipeError
from tlkit.nets.budget import STACKS, Budget, stack_budget
from tlkit.recipe.checking import net_arguments
from tlkit.recipe.loading import changed_recipe
from tlkit.recipe.schema import Recipe

_WEIGHT_BYTES, _VALUE_BYTES = 16, 8  # weight, gradient and two moments; value and gradient


def make_refusal(recipe: Recipe, input_shape: Sequence[int], memory: int) -> Callable[[Mapping[str, Any]], str | None]:
    """A function that says why changes of a recipe cannot be trained in `memory` bytes, or None if they can."""

    def refuse(changes: Mapping[str, Any]) -> str | None:
        try:
            changed = changed_recipe(recipe, changes)
            needed = _bytes(changed, input_shape)
        except (RecipeError, ModelError) as error:
            return str(error).splitlines()[0]
        if needed > memory:
            return f"would need about {needed / 2**30:.1f} GB of {memory / 2**30:.1f} GB"
        return None

    return refuse


def _bytes(recipe: Recipe, input_shape: Sequence[int]) -> int:
    """Memory that training takes, for nets that can be told by arithmetic; 0 for others."""
    if recipe.model.net not in STACKS:
        return 0
    known = catalog.arguments(recipe.model.net, catalog.NETS, kind="net") or {}
    budget = stack_budget(recipe.model.net, input_shape, {**known, **net_arguments(recipe.model)})
    batch = max([recipe.train.batch_size, *(each.batch_size or 0 for each in recipe.train.phases)])
    weights = budget.weights + _head_weights(recipe, budget, input_shape)
    return _WEIGHT_BYTES * weights + _VALUE_BYTES * batch * budget.activations


def _head_weights(recipe: Recipe, budget: Budget, input_shape: Sequence[int]) -> int:
    if recipe.model.head.pooling not in ("flatten", "none") or not recipe.model.head.units:
        return 0
    return budget.outputs * recipe.model.head.units[0]
