"""A search's winner: written out, trained again with several seeds, scored on the test split once."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tlkit.recipe.loading import changed_recipe
from tlkit.recipe.schema import Recipe
from tlkit.recipe.writing import write_recipe
from tlkit.search.search_journal import SearchError
from tlkit.search.trial import COMPLETED, Trial
from tlkit.search.trial_messages import Outcome, PrepareTest, RunWinner, Said, Try
from tlkit.search.trial_process import ProcessDied, TrialProcess
from tlkit.search.trial_queue import Search
from tlkit.tracking.records import PARENT

KEPT_RUN = "winner"  # among the states, until the winner is noted

if TYPE_CHECKING:
    from tlkit.search.plan import SearchPlan


@dataclass
class Winner:
    """The objective with each seed, the first being the recipe's own, and the run that made the model."""

    trial: int
    seeds: list[float]
    result: dict[str, Any] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    @property
    def mean(self) -> float:
        """Of all seeds."""
        return statistics.fmean(self.seeds)

    @property
    def spread(self) -> float:
        """Standard deviation over the seeds; 0 for one."""
        return statistics.stdev(self.seeds) if len(self.seeds) > 1 else 0.0


def train_winner(plan: SearchPlan, search: Search, workers: list[TrialProcess], parent: str) -> Winner:
    """Write `best.yaml` and train it: once as `tlkit run` would, and on train and val alone with further seeds."""
    best, objective = search.ranked()[0], plan.recipe.tune.objective
    recipe = trial_recipe(plan.recipe, best)
    write_recipe(recipe, plan.journal.folder / "best.yaml")
    with _translated():
        result, outcomes = _trained(plan, workers, recipe, parent)
    winner = Winner(best.number, [result["metrics"][objective]], result)
    for seed, outcome in outcomes.items():
        if outcome.status == COMPLETED:
            winner.seeds.append(outcome.metrics[objective])
        else:
            winner.failed.append(f"seed {seed}: {outcome.message}")
    for line in winner_lines(plan, best, winner):
        plan.say(line)
    return winner


def trial_recipe(recipe: Recipe, trial: Trial) -> Recipe:
    """A trial as a recipe that can be run by itself."""
    batch = {"train.batch_size": trial.batch_size} if trial.batch_size is not None else {}
    return changed_recipe(recipe, {**trial.changes, **batch})


def winner_lines(plan: SearchPlan, best: Trial, winner: Winner) -> list[str]:
    """What the winner reached."""
    name, count = plan.recipe.tune.objective, len(winner.seeds)
    gap = winner.mean - (best.score or 0.0)
    shown = ", ".join(f"{each:.4f}" for each in winner.seeds)
    spread = f" ± {winner.spread:.4f} over {count} seeds ({shown})" if count > 1 else " with one seed"
    return [
        f"winner     trial {best.number + 1}: {plan.journal.folder / 'best.yaml'}",
        f"           {name} {winner.mean:.4f}{spread}; its trial had {best.score:.4f}, a difference of {gap:+.4f}",
        *(f"           {each}" for each in winner.failed),
    ]


def _trained(
    plan: SearchPlan, workers: list[TrialProcess], recipe: Recipe, parent: str
) -> tuple[dict[str, Any], dict[int, Outcome]]:
    """The run with the recipe's seed, and what came of each other: by another worker, or while features are made."""
    if len(workers) == 1:
        for _ in workers[0].ask(PrepareTest(recipe)):
            pass
        outcomes = _with_seeds(plan, workers[0], recipe)
        return _run(plan, workers[0], recipe, parent), outcomes
    with ThreadPoolExecutor(1) as pool:
        later = pool.submit(_with_seeds, plan, workers[1], recipe)
        try:
            return _run(plan, workers[0], recipe, parent), later.result()
        except BaseException:
            workers[1].stop()  # else it would be waited for
            raise


def _run(plan: SearchPlan, process: TrialProcess, recipe: Recipe, parent: str) -> dict[str, object]:
    tags = {PARENT: parent, "tlkit.search": "winner"}
    result: dict[str, Any] = {}
    for said in process.ask(RunWinner(recipe, plan.root.absolute(), tags, plan.journal.states.absolute() / KEPT_RUN)):
        if isinstance(said, Said):
            plan.say(said.text)
        else:
            result.update(said.result)
    return result


def _with_seeds(plan: SearchPlan, process: TrialProcess, recipe: Recipe) -> dict[int, Outcome]:
    seeds = [recipe.seed + step for step in range(1, plan.recipe.tune.seeds)]
    return {seed: _again(plan, process, changed_recipe(recipe, {"seed": seed})) for seed in seeds}


def _again(plan: SearchPlan, process: TrialProcess, recipe: Recipe) -> Outcome:
    state = plan.journal.states / f"seed{recipe.seed}.npz"
    state.unlink(missing_ok=True)
    *_, outcome = process.ask(Try(recipe, state))
    state.unlink(missing_ok=True)
    return outcome


@contextmanager
def _translated() -> Iterator[None]:
    """A worker that dies over the winner, in one line."""
    try:
        yield
    except ProcessDied as error:
        raise SearchError(
            f"the winner was not trained: {error}. All trials are kept; the same command trains it"
        ) from error
