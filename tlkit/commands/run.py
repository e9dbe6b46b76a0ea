"""A recipe run from data to an evaluated, recorded model.

Keras and TensorFlow are imported late, and on purpose: by then the data is known, the record is being opened and the
frozen features are being computed, each in a process of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tlkit import tracking
from tlkit.kinds.augment.augmentation_names import MIXES, Step, read_steps
from tlkit.data.sources import load_splits
from tlkit.data.splits import Splits
from tlkit.errors import DataError, RecipeError
from tlkit.model.building import Front, front_of, known_backbone
from tlkit.pretrained.available_weights import require_weights
from tlkit.quiet import load_keras
from tlkit.recipe.checking import net_arguments
from tlkit.recipe.schema import Recipe
from tlkit.engines.engine_process import EngineProcess
from tlkit.training.few_examples import adapted, line_of
from tlkit.engines.frozen_features import Extraction, Frozen, choose_engine
from tlkit.report import run_note
from tlkit.report import environment
from tlkit.recipe.collected_errors import Attempts
from tlkit.training.early_features import begin_features, wholly_frozen
from tlkit.inspection.leak_guard import guarded
from tlkit.report.terminal import opening_lines
from tlkit.training.planning import (
    default_size,
    flat,
    is_pretrained,
    phase_values,
    refuse_refreezing,
    refuse_unmeasured,
)
from tlkit.commands.given_recipe import recipe_of
from tlkit.training.timings import Stages

MLRUNS = Path("mlruns")


@dataclass(frozen=True)
class Result:
    """What a run leaves: its id, scores, times and where things are."""

    run_id: str
    recipe: str
    metrics: Mapping[str, float]
    seconds: Mapping[str, float]
    images_per_second: Mapping[str, float]
    model: Path | None
    report: Path | None
    engine: str
    precision: str
    set_aside: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The result as plain values, for `--json`."""
        paths = {"model": str(self.model) if self.model else None, "report": str(self.report) if self.report else None}
        return {
            "run_id": self.run_id,
            "recipe": self.recipe,
            "metrics": dict(self.metrics),
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
            "images_per_second": {name: round(value, 1) for name, value in self.images_per_second.items()},
            "engine": self.engine,
            "precision": self.precision,
            "set_aside": len(self.set_aside),
            **paths,
        }


@dataclass(frozen=True)
class Setup:
    """A recipe and its data with all choices made that need no Keras."""

    recipe: Recipe
    splits: Splits
    front: Front
    phases: list[dict[str, Any]]
    engine: str
    precision: str
    few: str = ""  # what is trained otherwise than the recipe says because examples are few


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


def load_data(recipe: Recipe) -> Splits:
    """The examples that a recipe names, split by its seed."""
    return load_splits(recipe.data, seed=recipe.seed, image_size=default_size(recipe), folder=recipe.folder)


def make_setup(recipe: Recipe, splits: Splits) -> Setup:
    """The choices that follow from recipe, data and machine; what cannot be is refused, all of it at once."""
    found = Attempts()
    found(refuse_empty, splits)
    steps = found(read_steps, recipe.augment.steps, kind=splits.info.kind)
    found(refuse_mixing, steps or [], splits)
    found(refuse_unmeasured, recipe, splits.info.task)
    arguments = net_arguments(recipe.model)
    front = found(front_of, recipe.model.net, recipe.model.weights, splits.info, arguments, recipe.folder)
    phases = phase_values(recipe, pretrained=is_pretrained(recipe))
    found(refuse_refreezing, phases)
    if front is not None:
        found(refuse_idle_mixing, steps or [], front, phases, views=recipe.augment.views)
    engine = found(choose_engine, recipe.train.engine, recipe.train.precision, pretrained=is_pretrained(recipe))
    found(require_weights, known_backbone(recipe.model.net, arguments), front.weights if front else "none")
    found.refuse()
    phases, few = _for_few(recipe, splits, front, phases)
    return Setup(recipe, splits, front, phases, *engine, few)


def refuse_idle_mixing(steps: Sequence[Step], front: Front, phases: list[dict[str, Any]], *, views: int) -> None:
    """Features of single examples are kept for a frozen backbone: there is nothing to mix, whatever it would cost."""
    mixing = [each.name for each in steps if each.name in MIXES]
    trained = [phase for phase in phases if not wholly_frozen(front, phase)]
    kept = front.pretrained and views and all(phase["unfreeze"] != "all" for phase in trained)
    if mixing and (kept or not trained):
        problem = f"augment: {mixing[0]} mixes examples and has no effect on the kept features of a frozen backbone"
        raise RecipeError([f"{problem}. Leave it out, or train all of the backbone (train.unfreeze: all)"])


def _for_few(recipe: Recipe, splits: Splits, front: Front, phases: list[dict[str, Any]]):
    """The phases as they suit so few examples, and a line on the first that is changed; others are as they were."""
    if recipe.train.few_examples == "as_written":
        return phases, ""
    counts = len(splits.train), len(splits.val)
    changes = [adapted(phase, *counts) if wholly_frozen(front, phase) else {} for phase in phases]
    told = (line_of(*each, counts[1]) for each in zip(phases, changes, strict=True) if each[1])
    return [{**phase, **change} for phase, change in zip(phases, changes, strict=True)], next(told, "")


def refuse_empty(splits: Splits) -> None:
    """Every part must have examples."""
    for name, part in splits.parts().items():
        if not len(part):
            raise DataError(f"{name}: expected examples, found none. Add some, or give this part a share of the data")


def refuse_mixing(steps: Sequence[Step], splits: Splits) -> None:
    """Steps that mix examples would have to mix what stands beside them."""
    mixing = [each.name for each in steps if each.name in MIXES]
    if mixing and splits.info.beside:
        raise RecipeError(
            [f"augment: {mixing[0]} mixes examples, and columns beside them cannot be mixed. Leave it out"]
        )


def _will_need_engine(recipe: Recipe) -> bool:
    """Whether OpenVINO will run this recipe's backbone, as far as that can be told before its data is known."""
    train = recipe.train
    return is_pretrained(recipe) and choose_engine(train.engine, train.precision, pretrained=True)[0] == "openvino"


def _begin_frozen(setup: Setup, process: EngineProcess | None) -> dict[str, Extraction]:
    if process is None:
        return {}
    frozen = Frozen(setup.front, None, setup.recipe.model.head.pooling, setup.engine, setup.precision)
    return begin_features(setup.splits, frozen, setup.phases, process)


def _record(setup: Setup, root: Path, *, offline: bool) -> tracking.Tracker:
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
        experiment=os.environ.get("MLFLOW_EXPERIMENT_NAME") or recipe.track.experiment or recipe.name,
        params=params,
        tags={**tags, "data.digest": found["digest"]},
        root=root,
        description=recipe.track.description or recipe.description,
        system_metrics=recipe.track.system_metrics,
        offline=offline,
    )
    tracker.log_dataset(found)
    return tracker
