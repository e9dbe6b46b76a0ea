"""The process that runs trials; Keras and the data stay from one to the next.

Jobs come pickled on standard input, from the process that started it and nobody else; answers go back as JSON lines.
It ends when its standard input does.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tlkit import processes
from tlkit.commands.run import run as run_recipe
from tlkit.data.splits import Splits
from tlkit.errors import TlkitError
from tlkit.quiet import load_keras, own_process
from tlkit.recipe.schema import Recipe
from tlkit.stopping import leave_stopping_to_the_parent
from tlkit.training.feature_worker import FeatureWorker
from tlkit.training.planning import setup_of
from tlkit.training.setup import Setup

Say = Callable[..., None]


def main() -> None:
    """Take jobs until nobody is left to give any."""
    leave_stopping_to_the_parent()
    processes.follow_main()
    own_process()
    say = _channel()
    jobs: queue.Queue = queue.Queue()
    threading.Thread(target=_listen, args=[jobs], daemon=True).start()
    worker = Worker(say)
    while True:
        kind, given = jobs.get()
        try:
            getattr(worker, kind)(**given)
        except TlkitError as error:
            say(event="error", message=str(error), mistake=True)
        except Exception as error:  # the parent shall hear of it, whatever it is
            traceback.print_exc()
            say(event="error", message=f"{type(error).__name__}: {error}", mistake=False)


class Worker:
    """The jobs by name: `open` once, then any number of `trial`, and `final` for the winner."""

    def __init__(self, say: Say) -> None:
        self.say = say

    def open(self, recipe: Recipe, splits: Splits, threads: int | None, extract: bool) -> None:
        """Take the data and load Keras, while the frozen features are computed; one worker does that for all."""
        self.splits = splits
        setup, self.worker = setup_of(recipe, splits), FeatureWorker()
        if extract:
            self.worker.begin_learning(setup)
        load_keras()
        _compute_with(1 if _trains_heads_alone(recipe, setup) else threads)
        from tlkit.search.trial_run import TrialResources

        self.worker.wait()
        self.resources = TrialResources(splits, self.worker)
        self.say(event="ready")

    def trial(self, recipe: Recipe, state: Path, since: Path | None, until: int | None, batch_size: int | None) -> None:
        """Run one trial and tell its epochs."""
        from tlkit.search.trial_run import try_recipe, with_batch
        from tlkit.training.checkpoint import Course

        recipe = with_batch(recipe, batch_size) if batch_size else recipe
        course = Course(state, since=since, until=until)
        for epoch, metrics in enumerate(course.curve, 1):
            self.say(event="epoch", epoch=epoch, metrics=metrics)
        outcome = try_recipe(self.resources, recipe, course, self._epoch)
        if outcome["status"] == "FAILED" and outcome["kind"] == "memory":
            state.unlink(missing_ok=True)
        self.say(event="end", **outcome)

    def prepare(self, recipe: Recipe) -> None:
        """Begin on what the winner's score needs of the test split, if that can be done beside other jobs."""
        setup = setup_of(recipe, self.splits)
        if setup.phases[-1].trains_head_alone(setup.front):
            self.worker.take(setup).begin_test(setup.frozen(), self.splits.test)
        self.say(event="prepared")

    def final(self, recipe: Recipe, root: Path, tags: dict[str, str]) -> None:
        """Run the winner as any recipe is run: its test score, its files, its record."""
        self.worker.wait()
        name = f"{recipe.track.name or recipe.name} winner"
        track = recipe.track.model_copy(update={"name": name, "tags": {**recipe.track.tags, **tags}})
        changed = recipe.model_copy(update={"track": track})
        changed._folder, changed._source = recipe.folder, recipe.source
        settings = {"splits": self.splits, "root": root, "worker": self.worker}
        result = run_recipe(changed, **settings, say=lambda text: self.say(event="say", text=text))
        self.say(event="result", result=result.as_json())

    def _epoch(self, metrics: dict[str, float], epoch: int) -> None:
        self.say(event="epoch", epoch=epoch, metrics=metrics)


def _trains_heads_alone(recipe: Recipe, setup: Setup) -> bool:
    """Whether all that trials train is too small to be shared out among cores."""
    space = str(recipe.tune.space)
    frozen = all(phase.trains_head_alone(setup.front) for phase in setup.phases)
    return frozen and not any(name in space for name in ("unfreeze", "phases", "weights"))


def _compute_with(threads: int | None) -> None:
    if threads:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)


def _listen(jobs: queue.Queue) -> None:
    with contextlib.suppress(EOFError, pickle.UnpicklingError, ConnectionError):
        while True:
            jobs.put(pickle.load(sys.stdin.buffer))
    os._exit(0)  # whoever gave the jobs is gone


def _channel() -> Say:
    """A function that sends one JSON line; whatever else prints goes to standard error."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    lock = threading.Lock()

    def say(**fields: Any) -> None:
        with lock, contextlib.suppress(BrokenPipeError):
            out.write(json.dumps(fields) + "\n")
            out.flush()

    return say


if __name__ == "__main__":
    main()
