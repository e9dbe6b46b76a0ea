"""All that suits data, tried in the order of what is expected for its seconds, until the time is used up."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tlkit.data.splits import Splits
from tlkit.engines.engine_process import EngineProcess
from tlkit.errors import DataError, RecipeError
from tlkit.kinds.kind import kind_of
from tlkit.quiet import load_keras
from tlkit.recipe.loading import changed_recipe
from tlkit.recipe.schema import Model, Recipe
from tlkit.search.probing.backbone_probe import MOST, candidates, cropped, joined_with_last, probe
from tlkit.search.probing.refinements import fine_tuned, kept_of, refined
from tlkit.search.probing.time_budget import TimeBudget
from tlkit.search.probing.tried import Candidate, Tried, best_of
from tlkit.training.feature_worker import FeatureWorker
from tlkit.training.planning import is_pretrained, setup_of
from tlkit.training.setup import learned

_SOLVED = {"model.head.solver": "exact"}


def begun_with(recipe: Recipe, splits: Splits) -> Recipe:
    """The recipe with a net to begin with, where it leaves that open: the first that suits its kind, or a backbone."""
    if not recipe.is_open:
        return recipe
    nets, kind = _suited(recipe, splits), kind_of(splits.info.kind)
    if not nets and not kind.is_picture:
        raise RecipeError([f"model: auto: no net is known to suit data of kind {kind.name}. Name one under model.net"])
    return changed_recipe(recipe, nets[0].changes if nets else {"model.net": Model().net})


def attempts(
    recipe: Recipe, splits: Splits, process: EngineProcess, worker: FeatureWorker, budget: TimeBudget, metric: str
) -> Iterator[Tried]:
    """Backbones where the recipe has one, nets from scratch that suit the kind, and what may make the best better."""
    found: list[Tried] = []
    if is_pretrained(recipe):
        for each in _backbones(recipe, splits, process, budget, found, metric):
            yield _noted(each, found, budget)
    nets = [*(fine_tuned(recipe, best_of(found)) if found else ()), *net_candidates(recipe, splits)]
    if not nets:
        return
    if not found:
        budget.refuse_hopeless(nets[0], sum(splits.counts().values()))
    load_keras()
    from tlkit.search.probing.net_trials import NetTrials

    try:
        trials = NetTrials(recipe, splits, worker, budget, metric)
    except DataError as error:  # too few for folds
        if not found:
            raise
        for candidate in nets:
            budget.leave_out(candidate, str(error).splitlines()[0])
        return
    for candidate in _in_turn(recipe, nets, found, budget):
        tried = trials.attempt(candidate, best_of(found) if found else None)
        if tried is not None:
            yield _noted(tried, found, budget)


def _noted(tried: Tried, found: list[Tried], budget: TimeBudget) -> Tried:
    """One more that was found, and the time that a run of the best of them takes."""
    found.append(tried)
    budget.reserve = best_of(found).final
    return tried


def _backbones(
    recipe: Recipe, splits: Splits, process: EngineProcess, budget: TimeBudget, found: Sequence[Tried], metric: str
) -> Iterator[Tried]:
    """All at hand; where the middle of pictures is better for the recipe's own, it is tried with all better ones too.

    The best of them is tried with its last block joined.
    """
    wanted = candidates(recipe)
    if _is_run_as_judged(changed_recipe(recipe, wanted[0].changes), splits):
        wanted = [replace(each, changes={**each.changes, **_SOLVED}) for each in wanted]
    yield from probe(recipe, wanted, process, budget, metric=metric, leave_out=budget.leave_out)
    own = found[0]
    further = functools.partial(
        probe, recipe, process=process, budget=budget, nothing_yet=False, metric=metric, leave_out=budget.leave_out
    )
    if any("data.resize" in each.candidate.changes and each.beats(own) for each in found):
        better = [each.candidate for each in found if each.beats(own)]
        yield from further([middle for each in better for middle in cropped(recipe, each)])
    yield from further(joined_with_last(recipe, best_of(found).candidate))


def _is_run_as_judged(recipe: Recipe, splits: Splits) -> bool:
    """Whether a run can solve its head as the probe does: where it leaves that open, and each example is judged."""
    if recipe.model.head.solver != "auto" or sum(map(len, learned(splits).values())) > MOST:
        return False
    try:
        return setup_of(changed_recipe(recipe, _SOLVED), splits).phases[0].is_solved
    except RecipeError:  # of hidden layers, smoothed labels and the like
        return False


def net_candidates(recipe: Recipe, splits: Splits) -> list[Candidate]:
    """Nets from scratch that suit the kind of data; the recipe's own, if it is another, comes second."""
    nets = _suited(recipe, splits)
    own = is_pretrained(recipe) or (nets and changed_recipe(recipe, nets[0].changes) == recipe)
    return nets if own else [*nets[:1], Candidate(f"{recipe.model.net}: as given", {}), *nets[1:]]


def _suited(recipe: Recipe, splits: Splits) -> list[Candidate]:
    info, examples = splits.info, len(splits.train) + len(splits.val)
    suited = [each for each in kind_of(info.kind).starting_points if each.suits(info, examples)]
    return [Candidate(f"{each.model['net']}: {each.name}", each.changes(kept_of(recipe))) for each in suited]


def _in_turn(recipe: Recipe, nets: list[Candidate], found: list[Tried], budget: TimeBudget) -> Iterator[Candidate]:
    yield from nets
    if not found:
        raise RecipeError([f"auto: nothing that suits these data could be trained. {budget.left_out[0]}"])
    if not is_pretrained(recipe) or "model" in best_of(found).candidate.changes:
        yield from refined(recipe, lambda: best_of(found).candidate)
