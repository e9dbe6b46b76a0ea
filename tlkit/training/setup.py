"""A recipe and its data with all choices made that need no Keras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tlkit.data.splits import Splits
from tlkit.engines.frozen_part import choose_engine
from tlkit.errors import DataError, RecipeError
from tlkit.kinds.augment.augmentation_names import MIXES, Step, read_steps
from tlkit.model.building import Front, front_of, known_backbone
from tlkit.pretrained.available_weights import require_weights
from tlkit.recipe.checking import net_arguments
from tlkit.recipe.collected_errors import Attempts
from tlkit.recipe.schema import Recipe
from tlkit.training.early_features import wholly_frozen
from tlkit.training.few_examples import adapted, line_of
from tlkit.training.planning import is_pretrained, phase_values, refuse_refreezing, refuse_unmeasured


@dataclass(frozen=True)
class Setup:
    """A recipe and its data with all choices made that need no Keras."""

    recipe: Recipe
    splits: Splits
    front: Front
    phases: list[dict[str, Any]]
    engine: str
    precision: str
    few: str = ""  # what is trained otherwise than the recipe says because examples are few


def make_setup(recipe: Recipe, splits: Splits) -> Setup:
    """The choices that follow from recipe, data and machine; what cannot be is refused, all of it at once."""
    found = Attempts()
    found(refuse_empty, splits)
    steps = found(read_steps, recipe.augment.steps, kind=splits.info.kind)
    found(refuse_mixing, steps or [], splits)
    found(refuse_unmeasured, recipe, splits.info.task)
    arguments = net_arguments(recipe.model)
    front = found(front_of, recipe.model.net, recipe.model.weights, splits.info, arguments, recipe.folder)
    phases = phase_values(recipe, pretrained=is_pretrained(recipe))
    found(refuse_refreezing, phases)
    if front is not None:
        found(refuse_idle_mixing, steps or [], front, phases, views=recipe.augment.views)
    engine = found(choose_engine, recipe.train.engine, recipe.train.precision, pretrained=is_pretrained(recipe))
    found(require_weights, known_backbone(recipe.model.net, arguments), front.weights if front else "none")
    found.refuse()
    phases, few = _for_few(recipe, splits, front, phases)
    return Setup(recipe, splits, front, phases, *engine, few)


def refuse_idle_mixing(steps: Sequence[Step], front: Front, phases: list[dict[str, Any]], *, views: int) -> None:
    """Features of single examples are kept for a frozen backbone: there is nothing to mix, whatever it would cost."""
    mixing = [each.name for each in steps if each.name in MIXES]
    trained = [phase for phase in phases if not wholly_frozen(front, phase)]
    kept = front.pretrained and views and all(phase["unfreeze"] != "all" for phase in trained)
    if mixing and (kept or not trained):
        problem = f"augment: {mixing[0]} mixes examples and has no effect on the kept features of a frozen backbone"
        raise RecipeError([f"{problem}. Leave it out, or train all of the backbone (train.unfreeze: all)"])


def _for_few(recipe: Recipe, splits: Splits, front: Front, phases: list[dict[str, Any]]):
    """The phases as they suit so few examples, and a line on the first that is changed; others are as they were."""
    if recipe.train.few_examples == "as_written":
        return phases, ""
    counts = len(splits.train), len(splits.val)
    changes = [adapted(phase, *counts) if wholly_frozen(front, phase) else {} for phase in phases]
    told = (line_of(*each, counts[1]) for each in zip(phases, changes, strict=True) if each[1])
    return [{**phase, **change} for phase, change in zip(phases, changes, strict=True)], next(told, "")


def refuse_empty(splits: Splits) -> None:
    """Every part must have examples."""
    for name, part in splits.parts().items():
        if not len(part):
            raise DataError(f"{name}: expected examples, found none. Add some, or give this part a share of the data")


def refuse_mixing(steps: Sequence[Step], splits: Splits) -> None:
    """Steps that mix examples would have to mix what stands beside them."""
    mixing = [each.name for each in steps if each.name in MIXES]
    if mixing and splits.info.beside:
        raise RecipeError(
            [f"augment: {mixing[0]} mixes examples, and columns beside them cannot be mixed. Leave it out"]
        )
