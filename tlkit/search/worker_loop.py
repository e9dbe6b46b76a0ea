"""How a worker goes through trials: asks for one, has it run, says what came of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from tlkit.recipe.loading import changed_recipe
from tlkit.recipe.schema import Recipe
from tlkit.search.search_journal import SearchError
from tlkit.search.trial import COMPLETED, FAILED, Trial
from tlkit.search.trial_messages import Epoch, Outcome, Try
from tlkit.search.trial_process import ProcessDied, TrialProcess
from tlkit.search.trial_queue import WAIT

_PAUSE = 0.05  # seconds until a worker without a trial asks again


class TrialSource(Protocol):
    """Where trials come from: a search in this process, or one behind a wire."""

    def create(self, worker: str) -> Trial | str | None: ...

    def epoch(self, trial: Trial, epoch: int, metrics: Mapping[str, float]) -> None: ...

    def end(self, trial: Trial, status: str, *, score: float | None, message: str, seconds: float) -> None: ...

    def halve(self, trial: Trial, batch_size: int) -> None: ...

    def give_back(self, trial: Trial, reason: str) -> None: ...


def work(
    source: TrialSource,
    process: TrialProcess,
    name: str,
    recipe: Recipe,
    states: Path,
    *,
    objective: str,
    growth: int,
    stop: threading.Event,
) -> None:
    """Go through trials until there are none, or until told to stop."""
    while not stop.is_set():
        trial = source.create(name)
        if trial is None:
            return
        if isinstance(trial, str):
            assert trial == WAIT, "the one word that is no trial"
            stop.wait(_PAUSE)
            continue
        outcome = _attempt(source, process, trial, recipe, states, stop)
        if outcome is not None:
            _conclude(source, trial, outcome, objective)
            if process.has_swollen(outcome.memory, growth):
                process.stop()
                process.start()


def _attempt(
    source: TrialSource, process: TrialProcess, trial: Trial, recipe: Recipe, states: Path, stop: threading.Event
) -> Outcome | None:
    """What came of a trial, once more at half the batch if memory ran out; None if its process died."""
    while True:
        try:
            outcome = _heard(process.ask(_job(trial, recipe, states)), lambda *each: source.epoch(trial, *each))
        except ProcessDied as error:
            if not stop.is_set():
                source.give_back(trial, str(error))
                process.stop()
            return None
        if outcome.kind != "memory" or trial.batch_size is not None:
            return outcome
        batch = changed_recipe(recipe, trial.changes).train.batch_size
        source.halve(trial, max(1, batch // 2))


def _heard(answers: Iterable[Any], on_epoch: Callable[[int, Mapping[str, float]], None]) -> Outcome:
    outcome = Outcome(FAILED)
    for said in answers:
        if isinstance(said, Epoch):
            on_epoch(said.epoch, said.metrics)
        else:
            outcome = said
    return outcome


def _job(trial: Trial, recipe: Recipe, states: Path) -> Try:
    return Try(
        changed_recipe(recipe, trial.changes),
        states / f"{trial.name}.npz",
        since=states / f"{trial.since:03}.npz" if trial.since is not None else None,
        until=trial.until,
        batch_size=trial.batch_size,
    )


def _conclude(source: TrialSource, trial: Trial, outcome: Outcome, objective: str) -> None:
    message = outcome.message
    if outcome.kind == "memory":
        message = f"{message} (with batches of {trial.batch_size} as well)"
    score = outcome.metrics.get(objective) if outcome.status == COMPLETED else None
    if outcome.status == COMPLETED and score is None:
        raise SearchError(f"tune.objective: training gives no '{objective}', only {', '.join(outcome.metrics)}")
    source.end(trial, outcome.status, score=score, message=message, seconds=outcome.seconds)
