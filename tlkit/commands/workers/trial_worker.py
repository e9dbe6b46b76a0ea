"""The process that runs trials; Keras and the data stay from one to the next.

Jobs and answers are those of `search.trial_messages`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tlkit.commands.run import run as run_recipe
from tlkit.commands.running.kept_run import KeptRun
from tlkit.commands.running.unfinished import part_in
from tlkit.processes import Parent
from tlkit.quiet import load_keras, own_process
from tlkit.recipe.schema import Recipe
from tlkit.report.run_note import digest
from tlkit.search.trial_messages import Epoch, Finished, Open, PrepareTest, RunWinner, Said, Try
from tlkit.training.feature_worker import FeatureWorker
from tlkit.training.planning import setup_of
from tlkit.training.setup import Setup


def main() -> None:
    """Take jobs until nobody is left to give any."""
    parent = Parent()
    own_process()
    worker = TrialWorker(parent.say)
    doing: dict[type, Callable[[Any], None]] = {
        Open: worker.open,
        Try: worker.attempt,
        PrepareTest: worker.prepare,
        RunWinner: worker.run_winner,
    }
    parent.serve(lambda job: doing[type(job)](job))


class TrialWorker:
    """The jobs: `Open` once, then any number of `Try`, and `RunWinner`."""

    def __init__(self, say: Callable[[Any], None]) -> None:
        self.say = say

    def open(self, job: Open) -> None:
        """Take the data and load Keras, while the frozen features are computed."""
        self.splits = job.splits
        setup, self.worker = setup_of(job.recipe, job.splits), FeatureWorker()
        if job.extract:
            self.worker.begin_learning(setup)
        load_keras()
        _compute_with(1 if _trains_heads_alone(job.recipe, setup) else job.threads)
        from tlkit.search.trial_run import TrialResources

        self.worker.wait()
        self.resources = TrialResources(job.splits, self.worker)

    def attempt(self, job: Try) -> None:
        """Run one trial and tell its epochs."""
        from tlkit.search.trial_run import try_recipe, with_batch
        from tlkit.training.checkpoints.checkpoint import Checkpoint

        recipe = with_batch(job.recipe, job.batch_size) if job.batch_size else job.recipe
        checkpoint = Checkpoint(job.state, since=job.since, until=job.until)
        for epoch, metrics in enumerate(checkpoint.curve, 1):
            self.say(Epoch(epoch, metrics))
        outcome = try_recipe(self.resources, recipe, checkpoint, lambda metrics, epoch: self.say(Epoch(epoch, metrics)))
        if outcome.kind == "memory":
            job.state.unlink(missing_ok=True)
        self.say(outcome)

    def prepare(self, job: PrepareTest) -> None:
        """Begin on the winner's test split, if that can be done beside other jobs."""
        setup = setup_of(job.recipe, self.splits)
        if setup.phases[-1].trains_head_alone(setup.backbone):
            self.worker.take(setup).begin_test(setup.frozen(), self.splits.test)

    def run_winner(self, job: RunWinner) -> None:
        """Run a recipe: its test score, its files, its record."""
        self.worker.wait()
        recipe = job.recipe
        name = f"{recipe.run_name} winner"
        track = recipe.track.model_copy(update={"name": name, "tags": {**recipe.track.tags, **job.tags}})
        changed = recipe.model_copy(update={"track": track})
        changed._folder, changed._source = recipe.folder, recipe.source
        settings: dict[str, Any] = {"splits": self.splits, "root": job.root, "worker": self.worker}
        part = part_in(job.kept, KeptRun.of(changed, digest(self.splits)))
        done = part.result or part.finish(run_recipe(changed, **settings, part=part, say=self.tell))
        self.say(Finished(done.as_json()))

    def tell(self, text: str) -> None:
        """A line for people."""
        self.say(Said(text))


def _trains_heads_alone(recipe: Recipe, setup: Setup) -> bool:
    """Whether all that trials train is too small to be shared out among cores."""
    space = str(recipe.tune.space)
    frozen = all(phase.trains_head_alone(setup.backbone) for phase in setup.phases)
    return frozen and not any(name in space for name in ("unfreeze", "phases", "weights"))


def _compute_with(threads: int | None) -> None:
    if threads:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)


if __name__ == "__main__":
    main()
