"""Nets from scratch tried on folds of train and val; the time tells how long each is trained, and on how many folds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np

from tlkit.data.assembly.fold_splits import fold_splits, rare_joined
from tlkit.data.splits import Examples, Splits, joined
from tlkit.errors import DataError, ModelError, RecipeError
from tlkit.recipe.loading import changed_recipe
from tlkit.recipe.schema import Recipe
from tlkit.search.probing.held_out import Judge
from tlkit.search.probing.time_budget import TimeBudget, TooShort
from tlkit.search.probing.tried import Candidate, Tried
from tlkit.tracking import SilentRecorder
from tlkit.tracking.recorder import Metrics
from tlkit.training.callbacks import TrainingError
from tlkit.training.feature_worker import FeatureWorker
from tlkit.training.judging import judge
from tlkit.training.members import fit_members
from tlkit.training.planning import setup_of
from tlkit.training.setup import learned
from tlkit.training.timings import StageTimes
from tlkit.training.trained import Trained

_FOLDS = 5
_ENOUGH = 1000  # examples that are held out: further folds tell little more
_VAL = 0.05  # of a fold's training part, where validation chooses nothing
_CHOOSING_VAL = 0.15  # where it does
_TASTE = 512  # examples that tell how fast a net is
_TASTE_OF_PHASES = 96
_SLOWER = 1.1  # with validation, which a taste hardly has
_GROWTH = 1.3  # power of the number of examples by which solving takes longer
_SHARE = 1 / 3  # of the time that is left, for trying one on more folds than the first


class OutOfTime(Exception):
    """A trial that would leave no time for the run at the end."""


@dataclass(frozen=True)
class Pace:
    """Seconds before the first epoch, and for each example of an epoch."""

    start: float
    each: float

    def seconds(self, examples: int, epochs: int) -> float:
        """Of training."""
        return self.start + self.each * examples * epochs


@dataclass(frozen=True)
class Plan:
    """How many epochs and folds, and the seconds of trying that and of a run with as many epochs."""

    epochs: int
    folds: int
    trying: float
    final: float


class NetTrials:
    """What every trial on the same data shares."""

    def __init__(self, recipe: Recipe, splits: Splits, worker: FeatureWorker, budget: TimeBudget, metric: str) -> None:
        self.recipe, self.splits, self.worker, self.budget = recipe, splits, worker, budget
        self.judge, self.folds = Judge.of(splits, metric), _folds(recipe, splits, _VAL)

    def attempt(self, candidate: Candidate, best: Tried | None) -> Tried | None:
        """What a candidate comes to; None where it cannot be built or trained, or there is no time for it."""
        recipe = changed_recipe(self.recipe, candidate.changes)
        try:
            phases = setup_of(recipe, self.splits).phases
            solved = len(phases) == 1 and phases[0].is_solved
            return self._solved(candidate, recipe, best) if solved else self._by_folds(candidate, recipe, best)
        except OutOfTime:
            self.budget.leave_out(candidate, "no time to train it to the end")
        except TooShort:
            raise
        except (DataError, ModelError, TrainingError, RecipeError) as error:
            self.budget.leave_out(candidate, str(error).splitlines()[0])
        finally:
            keras.utils.clear_session(free_memory=False)
        return None

    def _solved(self, candidate: Candidate, recipe: Recipe, best: Tried | None) -> Tried | None:
        """A head is judged by the folds that it is solved by, so that one solution is all it takes."""
        begun, total = time.monotonic(), sum(map(len, learned(self.splits).values()))
        if total > _TASTE:
            self._train(recipe, _few(self.splits, _TASTE), best)
            seconds = (time.monotonic() - begun) * (total / _TASTE) ** _GROWTH
            if not self.budget.allows(candidate, seconds, seconds, examples=total, first=best is None):
                return None
            begun = time.monotonic()
        trained = self._train(recipe, self.splits, best)
        held, seconds = trained.held_out, time.monotonic() - begun
        assert held is not None, "of a head that is solved"
        tried = self.judge.tried(candidate, held.examples, held.outputs, seconds)
        return replace(tried, final=seconds)

    def _by_folds(self, candidate: Candidate, recipe: Recipe, best: Tried | None) -> Tried | None:
        folds = self._folds_for(recipe)
        plan = self._planned(candidate, recipe, folds, best)
        if plan is None:
            return None
        if plan.epochs < recipe.train.epochs and not recipe.train.phases:
            candidate = replace(candidate, changes={**candidate.changes, "train.epochs": plan.epochs})
            recipe = changed_recipe(self.recipe, candidate.changes)
        begun, judged, tried = time.monotonic(), list[tuple[Examples, np.ndarray]](), best
        for each in folds[: plan.folds] if best is None else folds:
            try:
                judged.append(self._answers(recipe, each, best))
            except OutOfTime:
                if not judged:
                    raise
                break
            held, outputs = joined([part for part, _ in judged]), np.concatenate([each for _, each in judged])
            tried = self.judge.tried(candidate, held, outputs, time.monotonic() - begun)
            if best is not None and (tried.gain_over(best).is_hopeless or not self._fits_again(tried, judged, plan)):
                break
        assert tried is not None, "there is a fold"
        return replace(tried, final=plan.final)

    def _fits_again(self, tried: Tried, judged: Sequence[object], plan: Plan) -> bool:
        """Whether there is time for another fold like those before."""
        return tried.seconds / len(judged) < self.budget.room(plan.final)

    def _answers(self, recipe: Recipe, fold: Splits, best: Tried | None) -> tuple[Examples, np.ndarray]:
        trained = self._train(recipe, fold, best)
        evaluation = judge(trained, self.worker, StageTimes())
        return evaluation.examples, evaluation.outputs

    def _folds_for(self, recipe: Recipe) -> Sequence[Splits]:
        """The same examples held out for all, with more for validation where it chooses."""
        chooses = recipe.train.phases or recipe.train.keep != "last"
        return _folds(self.recipe, self.splits, _CHOOSING_VAL) if chooses else self.folds

    def _planned(
        self, candidate: Candidate, recipe: Recipe, folds: Sequence[Splits], best: Tried | None
    ) -> Plan | None:
        pace, epochs = self._pace(recipe, folds[0], best), 1 if recipe.train.phases else recipe.train.epochs
        shares = (0.5,) if best else (0.5, 0.25, 0.1)
        plans = [self._plan(pace, epochs, folds[:count]) for count in range(len(folds), 0, -1)]
        if not recipe.train.phases:
            plans += [self._plan(pace, max(1, round(epochs * share)), folds[:1]) for share in shares]
        for plan in plans:
            if self._fits(plan):
                return plan
        least, examples = plans[-1], len(self.splits.train)
        self.budget.allows(candidate, least.trying, least.final, examples=examples, first=best is None)
        return None

    def _plan(self, pace: Pace, epochs: int, folds: Sequence[Splits]) -> Plan:
        trying = sum(pace.seconds(len(each.train), epochs) for each in folds)
        return Plan(epochs, len(folds), trying, pace.seconds(len(self.splits.train), epochs))

    def _fits(self, plan: Plan) -> bool:
        room = self.budget.room(plan.final)
        return plan.trying < (room if plan.folds == 1 else room * _SHARE)

    def _pace(self, recipe: Recipe, fold: Splits, best: Tried | None) -> Pace:
        """What two epochs of a few examples tell; several phases, which are of unlike epochs, are run as they are."""
        if (members := recipe.train.members) > 1:
            one = self._pace(changed_recipe(recipe, {"train.members": 1}), fold, best)
            return Pace(members * one.start, members * one.each)
        begun = time.monotonic()
        if recipe.train.phases:
            few = _few(fold, _TASTE_OF_PHASES)
            self._train(recipe, few, best)
            return Pace(0.0, (time.monotonic() - begun) / len(few.train))
        few = _few(fold, _TASTE)
        trained = self._train(changed_recipe(recipe, {"train.epochs": 2, "train.early_stopping": None}), few, best)
        epoch = trained.history[-1]["train/epoch_seconds"]
        return Pace(max(0.0, time.monotonic() - begun - 2 * epoch), _SLOWER * epoch / len(few.train))

    def _train(self, recipe: Recipe, splits: Splits, best: Tried | None) -> Trained:
        def watch(metrics: Metrics, epoch: int) -> None:
            if best is not None and self.budget.room() < 0:
                raise OutOfTime

        setup = setup_of(recipe, splits)
        return fit_members(setup, self.worker.take(setup), SilentRecorder(watch), judged=False)


def _folds(recipe: Recipe, splits: Splits, val: float) -> Sequence[Splits]:
    """Folds of train and val, as many as hold out enough."""
    whole, seed = joined(list(learned(splits).values())), recipe.seed + 1  # by its own the test part is left out
    classes = rare_joined(whole.keys, Judge.of(splits).task.strata(whole.targets.tolist()), 2 * _FOLDS)
    found = list[Splits]()
    for each in fold_splits(whole, classes, splits.info, _FOLDS, seed=seed, val=val):
        if sum(len(fold.test) for fold in found) < _ENOUGH:
            found.append(each)
    return found


def _few(splits: Splits, most: int) -> Splits:
    """At most so many examples of each part, from all over it."""
    parts = splits.parts().values()
    few = [part.take(np.linspace(0, len(part) - 1, min(most, len(part))).astype(int)) for part in parts]
    return Splits(few[0], few[1], few[2], splits.info)
