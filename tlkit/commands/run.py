"""A recipe run from data to an evaluated, recorded model.

Keras and TensorFlow are imported late, and on purpose: by then the data is known, the record is being opened and the
frozen features are being computed, each in a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tlkit import tracking
from tlkit.commands.given_recipe import recipe_of
from tlkit.data.splits import Splits
from tlkit.engines.engine_process import EngineProcess
from tlkit.engines.frozen_features import Extraction
from tlkit.engines.frozen_part import Frozen, choose_engine
from tlkit.inspection.leak_guard import guarded
from tlkit.quiet import load_keras
from tlkit.recipe.schema import Recipe
from tlkit.report import environment, run_note
from tlkit.report.result import Result
from tlkit.report.terminal import opening_lines
from tlkit.training.early_features import begin_features
from tlkit.training.planning import (
    flat,
    is_pretrained,
    load_data,
)
from tlkit.training.setup import Setup, make_setup
from tlkit.training.timings import Stages

MLRUNS = Path("mlruns")


def run(
    recipe: Recipe | str | Path,
    *,
    splits: Splits | None = None,
    root: Path | None = None,
    offline: bool = False,
    process: EngineProcess | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Result:
    """Train, evaluate and record what a recipe asks for; `offline` keeps the record until the next run or a sync.

    A `process` that is at hand already is used, and ended with the run.

    Example:
        >>> run(load_recipe("recipes/cats.yaml")).metrics["test/accuracy"]  # doctest: +SKIP
        0.967
    """
    recipe, stages = recipe_of(recipe), Stages()
    if not offline:
        tracking.check_store(root or MLRUNS)
    process = process or EngineProcess()
    try:
        if _will_need_engine(recipe):
            process.start()  # it imports while the data is looked at
        with stages("data"):
            splits = guarded(splits or load_data(recipe), allow_leaks=recipe.data.allow_leaks)
        setup = make_setup(recipe, splits)
        say(opening_lines(setup))
        with _record(setup, root or MLRUNS, offline=offline) as tracker:
            engine = process if setup.engine == "openvino" else None
            early = _begin_frozen(setup, engine)
            with stages("imports"):
                load_keras()
                from tlkit.commands.running.train_and_score import train_and_score
            return train_and_score(setup, early, engine, tracker, stages, say)
    finally:
        process.stop()


def _will_need_engine(recipe: Recipe) -> bool:
    """Whether OpenVINO will run this recipe's backbone, as far as that can be told before its data is known."""
    train = recipe.train
    return is_pretrained(recipe) and choose_engine(train.engine, train.precision, pretrained=True)[0] == "openvino"


def _begin_frozen(setup: Setup, process: EngineProcess | None) -> dict[str, Extraction]:
    if process is None:
        return {}
    frozen = Frozen(setup.front, None, setup.recipe.model.head.pooling, setup.engine, setup.precision)
    return begin_features(setup.splits, frozen, setup.phases, process)


def _record(setup: Setup, root: Path, *, offline: bool) -> tracking.Recorder:
    recipe, info = setup.recipe, setup.splits.info
    params = {path: value for path, value in flat(recipe.model_dump(mode="json"))}
    counts = {f"data.count.{name}": str(count) for name, count in setup.splits.counts().items()}
    commit = environment.git_commit()
    tags = {
        "tlkit.recipe": recipe.name,
        "tlkit.recipe_folder": str(recipe.folder),
        "tlkit.task": info.task,
        "tlkit.device": environment.device(),
        **{f"version.{name}": version for name, version in environment.versions().items()},
        **({"git.commit": commit} if commit else {}),
        **({"tlkit.few_examples": setup.few} if setup.few else {}),
        **counts,
        "data.set_aside": str(len(info.set_aside)),
        **info.tags,
        **recipe.track.tags,
    }
    found = run_note.dataset(setup)
    tracker = tracking.start(
        name=recipe.track.name or recipe.name,
        experiment=recipe.track.experiment or recipe.name,
        params=params,
        tags={**tags, "data.digest": found.digest},
        root=root,
        description=recipe.track.description or recipe.description,
        system_metrics=recipe.track.system_metrics,
        offline=offline,
    )
    tracker.log_data(found)
    return tracker
