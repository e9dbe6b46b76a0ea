"""A recipe's model: one, or several trained from one seed after the other and joined, asked about several views."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tlkit import catalog
from tlkit.kinds.kind import kind_of
from tlkit.tracking import Recorder, SilentRecorder
from tlkit.tracking.recorder import status_of
from tlkit.training.calibration.concluding import conclude
from tlkit.training.checkpoints.checkpoint import Checkpoint
from tlkit.training.feature_worker import FeatureWorker
from tlkit.training.model_builder import ModelBuilder
from tlkit.training.phases import fit_phases
from tlkit.training.setup import Setup
from tlkit.training.timings import StageTimes
from tlkit.training.trained import Trained


def fit_members(
    setup: Setup,
    worker: FeatureWorker,
    recorder: Recorder,
    *,
    stages: StageTimes | None = None,
    say: Callable[[str], None] = lambda text: None,
    builder: ModelBuilder | None = None,
    checkpoint_of: Callable[[int], Checkpoint | None] = lambda number: None,
    judged: bool = True,
    digests: bool = False,
) -> Trained:
    """All that a recipe trains, ready to be judged: `fit_phases`, or that for each member and their joint model.

    The record has the curves of the first member as its own, and those of each other as a run within it; each has a
    checkpoint of its own to go on from.
    """
    stages, options, checkpoints = stages or StageTimes(), setup.options, list[Checkpoint]()

    def fitted(number: int, recorder: Recorder, builder: ModelBuilder | None = None) -> Trained:
        if checkpoint := checkpoint_of(number):
            checkpoints.append(checkpoint)
            _tell_of(checkpoint, recorder, say)
        return fit_phases(
            setup.reseeded(options.seed + number - 1), worker, recorder,
            stages=stages, say=say, builder=builder, checkpoint=checkpoint,
            judged=judged and not options.joins, digests=digests and number == 1,
        )  # fmt: skip

    trained = fitted(1, recorder, builder)
    if options.joins:
        members = [trained]
        for number in range(2, options.members + 1):
            say(f"member    {number} of {options.members}")
            with _run_within(recorder, number, options.seed + number - 1) as child:
                members.append(fitted(number, child))
        _join(trained, members)
        if judged:
            with stages("calibrate"):
                conclude(trained, trained.splits.train, trained.splits.val)
    stages.seconds["checkpoints"] = sum(each.seconds for each in checkpoints)
    return trained


def _tell_of(checkpoint: Checkpoint, recorder: Recorder, say: Callable[[str], None]) -> None:
    """Say where training goes on; of the epochs before, the store knows already, unless it was away."""
    if checkpoint.known:
        within = f" and step {checkpoint.step}" if checkpoint.step else ""
        say(f"goes on   behind epoch {checkpoint.done}{within}, where it was cut off (--fresh starts over)")
    for epoch, metrics in enumerate(checkpoint.curve, 1):
        recorder.log_metrics(metrics, epoch)


@contextmanager
def _run_within(recorder: Recorder, number: int, seed: int) -> Iterator[SilentRecorder]:
    """What a further member is recorded by: its curves alone, as those of a run within the one there is."""
    key = f"member {number}"
    recorder.begin_child(key, name=key, params={"seed": seed}, tags={})
    try:
        yield SilentRecorder(lambda metrics, step: recorder.log_metrics(metrics, step, child=key))
    except BaseException as error:
        recorder.end_child(key, status_of(type(error)))
        raise
    recorder.end_child(key, "FINISHED")


def _join(trained: Trained, members: list[Trained]) -> None:
    """Make the first member's model the joint one of all, over all views of an input."""
    kind = kind_of(trained.splits.info.kind)
    asked = trained.setup.options.views_asked
    views = [catalog.resolve(name, kind.views, kind="view") for name in asked]
    trained.builder.join([each.builder for each in members], views)
    trained.trained_part, trained.features = trained.model, None
    trained.meters.joules = sum(each.meters.joules for each in members)
