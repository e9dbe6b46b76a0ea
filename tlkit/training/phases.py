"""Training phase by phase: what is frozen kept as features, the rest fitted."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from tlkit.data.splits import Examples
from tlkit.engines.decoded_cache import kept
from tlkit.engines.engine_process import EngineProcess
from tlkit.engines.frozen_features import Extraction
from tlkit.engines.hardware import gpu_names
from tlkit.model.freezing import freeze
from tlkit.tasks.task import task_of
from tlkit.tracking import Recorder
from tlkit.training.batches import Batches
from tlkit.training.checkpoint import Course
from tlkit.training.early_features import wholly_frozen
from tlkit.training.features import Features
from tlkit.training.fitting import Fitted, Plan, fit_phase, trainable_part
from tlkit.training.model_builder import Construction
from tlkit.training.phase_lines import feature_line, phase_line
from tlkit.training.setup import Setup
from tlkit.training.timings import Stages
from tlkit.training.trained import Trained

_MOST_FEATURE_BYTES = 2 << 20  # an example's features above this are cheaper to compute again than to keep


def fit_phases(
    setup: Setup,
    construction: Construction,
    early: dict[str, Extraction],
    process: EngineProcess | None,
    tracker: Recorder,
    stages: Stages,
    say: Callable[[str], None],
    *,
    course: Course | None = None,
    recall: Callable[..., Any] = lambda setup, cut, compute: compute(),
) -> tuple[Trained, Features | None]:
    """Every phase of training, and the features of the last; nothing here looks at the test split but to begin on it.

    A course, for trials, says where to begin and end; `recall` may answer with features that are at hand.
    """
    trained = Trained(setup.splits, np.empty(0), "float32")
    features = None
    for index, phase in enumerate(setup.phases):
        if course is not None and not course.reaches(index, phase["epochs"]):
            continue
        with stages("build"):
            kept, cut = _cut(setup, construction, phase)
        features = None
        if kept:
            with stages("features"):
                features = Features(setup, construction, cut, process, early if index == 0 else None)
                compute = functools.partial(features.to_learn_from, trained.splits)
                sources, trained.splits = recall(setup, cut, compute)
                model = _trainable(construction, cut, sources["val"])
                if course is None and index == len(setup.phases) - 1:
                    features.begin_test(trained.splits)
            if features.facts:
                say(feature_line(features.facts))
        else:
            construction.let_go()
            sources, model = trained.splits.parts(), construction.parts().model
        if process is not None and course is None:
            process.start()  # to be ready when the saved file is to be checked
        with stages("train"):
            standing = construction.standing(model)
            trained.phases.append(_fit(setup, model, sources, trained, Plan(**phase), tracker, course, standing))
        trained.model = model
        say(phase_line(setup, trained))
    return trained, features


def _cut(setup: Setup, construction: Construction, phase: dict[str, Any]) -> tuple[bool, str | None]:
    """Whether features are kept for a phase, and behind which layer (None: behind the backbone and its pooling)."""
    if wholly_frozen(setup.front, phase):
        if construction.built:
            freeze(construction.parts().backbone, phase["unfreeze"])
        return True, None
    parts = construction.parts()
    backbone, cut = parts.backbone, freeze(parts.backbone, phase["unfreeze"])
    parts.preprocessing.trainable = cut is None  # it may learn too, as the vectors of words do
    if cut == backbone.layers[-1].name:
        return True, None
    return cut is not None and _worth_keeping(backbone, cut), cut


def _worth_keeping(backbone, cut: str) -> bool:
    return 2 * int(np.prod(backbone.get_layer(cut).output.shape[1:])) <= _MOST_FEATURE_BYTES


def _trainable(construction: Construction, cut: str | None, rows) -> keras.Model:
    if cut is None:
        return construction.head_on(rows.shape[1:])
    construction.let_go()
    parts = construction.parts()
    return trainable_part(parts.backbone, parts.head, cut)


def _fit(
    setup: Setup, model: keras.Model, sources, trained: Trained, plan: Plan, tracker: Recorder, course, standing
) -> Fitted:
    recipe, splits = setup.recipe, trained.splits
    info = splits.info
    if plan.from_zero and not trained.phases:
        output = model.get_layer("output")
        output.kernel.assign(keras.ops.zeros_like(output.kernel))
    task = task_of(info.task)
    weights = task.class_weights(splits.train.targets, info.num_outputs) if recipe.data.class_weights else None
    raw = isinstance(sources["train"], Examples)
    common = {"batch_size": plan.batch_size, "seed": recipe.seed}
    sources = {part: kept(each, info) for part, each in sources.items()} if raw else sources
    train = Batches(
        sources["train"], task.for_loss(splits.train.targets, info.num_outputs),
        shuffle=True, weights=weights, beside=splits.train.beside,
        change=_change(setup, splits.train) if raw else None, **common,
    )  # fmt: skip
    val = Batches(
        sources["val"], task.for_loss(splits.val.targets, info.num_outputs), beside=splits.val.beside, **common
    )
    return fit_phase(
        model, train, val, plan,
        task=task,
        label_smoothing=recipe.train.label_smoothing,
        monitor=plan.early_stopping,
        keep=plan.keep,
        first_epoch=sum(len(each.history) for each in trained.phases),
        on_epoch=trained.meters.reading(tracker.log_metrics),
        steps_per_execution=1 if raw else 64,
        jit_compile=bool(gpu_names()),
        course=course,
        standing=standing,
        before=trained.phases[-1] if trained.phases and course is None else None,
    )  # fmt: skip


def _change(setup: Setup, train: Examples):
    """Augmentation on the fly: a function of example, epoch and seed alone."""
    if not setup.recipe.augment.steps:
        return None
    from tlkit.kinds.augment import pipeline

    info = setup.splits.info
    steps = pipeline.build(
        setup.recipe.augment.steps, folder=setup.recipe.folder, kind=info.kind, shape=info.input_shape
    )

    def change(inputs, targets, places, epoch):
        seeds = pipeline.seeds_for([train.ids[i] for i in places], seed=setup.recipe.seed, view=epoch + 1)
        changed = steps.batch(inputs, seeds)
        if steps.mixes:
            changed, targets = (np.asarray(each) for each in steps.mix(changed, targets, int(seeds[0])))
        return pipeline.as_before(changed, inputs.dtype), targets

    return change
