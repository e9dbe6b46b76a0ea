"""A recipe run from data to an evaluated, recorded model.

Keras and TensorFlow are imported late, and on purpose: by then the data is known, the record is being opened and the
frozen features are being computed, each in a process of its own.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from tlkit import tracking
from tlkit.commands.preflight.given_recipe import recipe_of
from tlkit.commands.running.bundle_of_run import refuse_export, with_bundle
from tlkit.commands.running.kept_run import KeptRun
from tlkit.commands.running.record import open_record
from tlkit.commands.running.unfinished import Unfinished, unfinished
from tlkit.data.splits import Splits
from tlkit.inspection.leak_guard import guarded
from tlkit.progress import one_view
from tlkit.quiet import load_keras
from tlkit.recipe.schema import Recipe
from tlkit.report.about import About
from tlkit.report.result import Result
from tlkit.report.run_note import recorded_data
from tlkit.report.terminal import opening_lines
from tlkit.training.feature_worker import FeatureWorker
from tlkit.training.planning import load_data, refuse_open, setup_of, will_use_openvino
from tlkit.training.timings import StageTimes

MLRUNS = Path("mlruns")


def run(
    recipe: Recipe | str | Path,
    *,
    splits: Splits | None = None,
    root: Path | None = None,
    offline: bool = False,
    fresh: bool = False,
    trust: bool = False,
    worker: FeatureWorker | None = None,
    part: Unfinished | None = None,
    journal: str = "",
    say: Callable[[str], None] = lambda text: None,
) -> Result:
    """Train, evaluate and record what a recipe asks for; a run of it that was cut off is gone on with.

    Args:
        offline: keep the record until the next run or a sync.
        fresh: start over, though a run of the same recipe and data could go on.
        trust: the recipe's own Python files may run, though they lie outside the working folder.
        worker: one that is at hand already; it is ended with the run.
        part: what is kept of the run, where it is one within another that was begun by the same command.
        journal: the record of the run to go on with, where several alike were cut off.

    Example:
        >>> run(load_recipe("recipes/cats.yaml")).metrics["test/accuracy"]  # doctest: +SKIP
        0.967
    """
    recipe, stages, root = recipe_of(recipe, trust=trust), StageTimes(), root or MLRUNS
    refuse_open(recipe)
    if recipe.export is not None:
        refuse_export(recipe.export, offline=offline)
    if not offline:
        tracking.check_store(root)
    with one_view(recipe.name), worker or FeatureWorker() as worker:
        if will_use_openvino(recipe):
            worker.start()
        with stages("data"):
            splits = guarded(splits or load_data(recipe), allow_leaks=recipe.data.allow_leaks)
        setup = setup_of(recipe, splits)
        say(opening_lines(setup))
        data = recorded_data(recipe.data.path, recipe.name, splits)
        with (
            nullcontext(part)
            if part
            else unfinished(KeptRun.of(recipe, data.digest), root, fresh=fresh, say=say, journal=journal) as kept,
            open_record(recipe, setup, data, root, offline=offline, goes_on=kept.journal) as tracker,
        ):
            kept.note(tracker.journal)
            worker.begin(setup)
            with stages("imports"):
                load_keras()
                from tlkit.commands.running.train_and_score import train_and_score
            checkpoint_of = functools.partial(kept.checkpoint, recipe.train.checkpoint_minutes)
            result = train_and_score(setup, About.of(recipe), worker, tracker, stages, say, checkpoint_of)
    return with_bundle(recipe.export, result, splits, root, say) if recipe.export is not None else result
