"""The heavy half of a run: fit, save, score, verify, record."""

from __future__ import annotations

from collections.abc import Callable

from tlkit.commands.running.model_rescue import save_stopped, without_room
from tlkit.commands.running.saved_model_check import SavedFile
from tlkit.errors import TlkitError, disk_full
from tlkit.report.about import About
from tlkit.report.artifacts import log_end, result_of, write_files
from tlkit.report.result import Result
from tlkit.report.terminal import score_line
from tlkit.tracking import Recorder
from tlkit.training.checkpoints.checkpoint import Checkpoint
from tlkit.training.feature_worker import FeatureWorker
from tlkit.training.judging import judge
from tlkit.training.members import fit_members
from tlkit.training.model_builder import ModelBuilder
from tlkit.training.setup import Setup
from tlkit.training.timings import StageTimes


def train_and_score(
    setup: Setup,
    about: About,
    worker: FeatureWorker,
    tracker: Recorder,
    stages: StageTimes,
    say: Callable[[str], None],
    checkpoint_of: Callable[[int], Checkpoint],
) -> Result:
    """Everything from the first head to the finished record."""
    builder, folder = ModelBuilder(setup), tracker.folder
    tracker.check()
    try:
        trained = fit_members(
            setup, worker, tracker,
            stages=stages, say=say, builder=builder, checkpoint_of=checkpoint_of, digests=True,
        )  # fmt: skip
        evaluation = judge(trained, worker, stages)
        with stages("save"):
            file = SavedFile(trained, about.recipe, worker.process, folder)
        with stages("evaluate"):
            write_files(trained, evaluation, about, folder)
        with stages("verify"):
            difference = file.difference(evaluation)
    except KeyboardInterrupt:
        save_stopped(builder, about.recipe, folder)
        raise
    except (OSError, TlkitError) as error:
        if not disk_full(error):
            raise
        worker.stop()
        raise without_room(builder, about.recipe, folder) from error
    say(score_line(evaluation.scores))
    log_end(tracker, trained, evaluation, about, stages, difference)
    run_id, kept = tracker.run_id, tracker.finish()
    stages.seconds["total"] = stages.total()
    return result_of(trained, evaluation, about, run_id, kept, stages)
