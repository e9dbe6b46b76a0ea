"""What may make the best of the nets that were tried better still: changes of a recipe that suit any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tlkit.recipe.finetuning import expanded
from tlkit.recipe.loading import changed_recipe
from tlkit.recipe.schema import Recipe
from tlkit.search.probing.tried import Candidate, Tried

_AVERAGE = 0.99
_WIDER = 1.5
_MEMBERS = 5
_KEPT = ("engine", "precision", "checkpoint_minutes", "imbalance", "label_noise", "teacher")


@dataclass(frozen=True)
class Refinement:
    """A change, as a function of the recipe that it changes; nothing where it makes no sense there."""

    name: str
    changes: Callable[[Recipe], Mapping[str, Any]]

    def of(self, recipe: Recipe, best: Candidate) -> Candidate | None:
        """The best with this change; None where that is nothing else."""
        changed = self.changes(changed_recipe(recipe, best.changes))
        return Candidate(f"{best.name}, {self.name}", {**best.changes, **changed}) if changed else None


def _trained(changes: Callable[[Recipe], Mapping[str, Any]]) -> Callable[[Recipe], Mapping[str, Any]]:
    return lambda recipe: {} if _is_solved(recipe) else changes(recipe)


def _is_solved(recipe: Recipe) -> bool:
    return recipe.model.head.solver in ("exact", "ridge")


def _more_kernels(recipe: Recipe) -> Mapping[str, Any]:
    kernels = (recipe.model.model_extra or {}).get("kernels")
    return {"model.kernels": 2 * kernels} if _is_solved(recipe) and isinstance(kernels, int) else {}


def _wider(recipe: Recipe) -> Mapping[str, Any]:
    """Every layer of the net, where its widths are a list."""
    given = {"filters": recipe.model.filters, "units": (recipe.model.model_extra or {}).get("units")}
    return {
        f"model.{name}": [round(_WIDER * each) for each in widths]
        for name, widths in given.items()
        if isinstance(widths, Sequence)
    }


REFINEMENTS = (
    Refinement("twice as many filters", _more_kernels),
    Refinement("averaged weights", _trained(lambda recipe: {"train.optimizer.average": _AVERAGE})),
    Refinement("twice as long", _trained(lambda recipe: {"train.epochs": 2 * recipe.train.epochs})),
    Refinement("wider", _trained(_wider)),
    Refinement("more dropout", _trained(lambda recipe: {"model.head.dropout": (1 + recipe.model.head.dropout) / 2})),
    Refinement("smoothed labels", _trained(lambda recipe: {"train.label_smoothing": 0.1})),
    Refinement("five of them joined", _trained(lambda recipe: {"train.members": _MEMBERS})),
)


def refined(recipe: Recipe, best: Callable[[], Candidate]) -> Iterator[Candidate]:
    """One after the other on whatever is best by then."""
    for each in REFINEMENTS:
        candidate = each.of(recipe, best())
        if candidate is not None:
            yield candidate


def kept_of(recipe: Recipe) -> Mapping[str, Any]:
    """What a recipe says of training that holds for whatever is trained: how it runs, what it is for."""
    return recipe.train.model_dump(include={*_KEPT}, exclude_unset=True, mode="json")


def fine_tuned(recipe: Recipe, best: Tried) -> Iterator[Candidate]:
    """The best backbone trained on from its head; not where the head is as good as fine-tuning can be of use for."""
    given = {"train": "finetune", **recipe.model_dump(include={"data", "augment"}, exclude_unset=True, mode="json")}
    values = expanded(given)
    changes = {"train": {**kept_of(recipe), **values["train"]}, "augment": values.get("augment", {})}
    candidate = Candidate(f"{best.candidate}, fine-tuned", {**best.candidate.changes, **changes})
    phases = changed_recipe(recipe, candidate.changes).train.phases
    enough = min(each.skip_above or 1.0 for each in phases)
    if best.name != "accuracy" or best.score <= enough:
        yield candidate
