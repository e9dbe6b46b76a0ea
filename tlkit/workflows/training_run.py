"""The heavy half of a run: build, fit phase by phase, save, verify, score, record."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tlkit.data.splits import Examples, Splits
from tlkit.errors import DataError, EngineError
from tlkit.evaluation.metrics import Scores, score
from tlkit.evaluation.verifying import VerificationError
from tlkit.model.freezing import freeze
from tlkit.training.batches import Batches, Views, class_weights, encoded
from tlkit.training.engine_process import EngineProcess
from tlkit.training.fitting import Fitted, Plan, fit_phase, predict_rows, trainable_part
from tlkit.training.frozen import Extraction, Frozen, begin_extraction, extract_here, view_parts
from tlkit.training.hardware import gpu_names
from tlkit.workflows.parts import Parts, build_parts
from tlkit.workflows.recording import (
    Trained,
    feature_line,
    log_end,
    phase_line,
    rates_of,
    result_of,
    save_parts,
    score_line,
    write_files,
)
from tlkit.workflows.run import Result, Setup
from tlkit.workflows.stages import Stages
from tlkit.workflows.verification import FileCheck

_log = logging.getLogger(__name__)
_PREDICT_BATCH = 128
_MOST_FEATURE_BYTES = 2 << 20  # an example's features above this are cheaper to compute again than to keep


def train_and_score(
    setup: Setup,
    early: Extraction | None,
    process: EngineProcess | None,
    tracker,
    stages: Stages,
    say: Callable[[str], None],
) -> Result:
    """Everything from the built model to the finished record."""
    keras.utils.set_random_seed(setup.recipe.seed)
    with stages("build"):
        parts = build_parts(setup)
    tracker.check()
    try:
        trained = _train(setup, parts, early, process, tracker, stages, say)
        with stages("save"):
            check = FileCheck(save_parts(setup, parts, tracker.folder), trained, process)
        with stages("evaluate"):
            scores = _scored(setup, trained, tracker.folder)
        with stages("verify"):
            scores, difference = _verified(setup, parts, process, check, trained, scores, tracker.folder, say)
    except KeyboardInterrupt:
        save_parts(setup, parts, tracker.folder)
        raise
    metrics = {f"test/{name}": value for name, value in scores.metrics.items()}
    say(score_line(scores))
    rates = rates_of(trained)
    log_end(tracker, trained, metrics, stages, rates, difference)
    run_id = tracker.run_id
    folder = tracker.finish()
    stages.seconds["total"] = stages.total()
    return result_of(setup, trained, run_id, folder, metrics, stages, rates)


def _train(setup: Setup, parts: Parts, early: Extraction | None, process, tracker, stages: Stages, say) -> Trained:
    trained = Trained(setup.splits, np.empty(0), parts.precision)
    for index, phase in enumerate(setup.phases):
        cut = freeze(parts.backbone, phase["unfreeze"])
        if cut is not None and _worth_keeping(parts.backbone, cut):
            with stages("features"):
                sources, trained = _features(
                    setup, parts, _whole(parts, cut), early if index == 0 else None, process, trained
                )
            say(feature_line(trained.facts))
            model = trainable_part(parts.backbone, parts.head, cut)
        else:
            sources, model = trained.splits.parts(), parts.model
            trained = replace(trained, precision=parts.precision, frozen=None)
        if process is not None:
            process.start()  # to be ready when the saved file is to be checked
        with stages("train"):
            trained.phases.append(_fit(setup, model, sources, trained, Plan(**phase), tracker))
        say(phase_line(setup, trained))
    trained.model = model
    with stages("predict"):
        trained.outputs = predict_rows(model, sources["test"], batch_size=_PREDICT_BATCH)
    return trained


def _whole(parts: Parts, cut: str) -> str | None:
    """None for a cut behind the last layer: then the head's pooling belongs to what is frozen."""
    return None if cut == parts.backbone.layers[-1].name else cut


def _worth_keeping(backbone, cut: str) -> bool:
    shape = backbone.get_layer(cut).output.shape[1:]
    return cut == backbone.layers[-1].name or 2 * int(np.prod(shape)) <= _MOST_FEATURE_BYTES


def _features(setup: Setup, parts: Parts, cut: str | None, early: Extraction | None, process, trained: Trained):
    """The frozen features of every part, from the cache or computed; examples that cannot be read are set aside."""
    splits = trained.splits
    frozen = _frozen(setup, parts, cut)
    extraction, rows = _extracted(setup, frozen, early, process, splits.parts(), parts)
    splits = _set_aside(setup, splits, extraction.bad)
    sources: dict[str, Any] = dict(rows)
    views = setup.recipe.augment.views if setup.recipe.augment.steps else 0
    facts = {**extraction.facts, "precision": extraction.frozen.precision}
    if views:
        from tlkit.data import augmentation

        steps = augmentation.build(setup.recipe.augment.steps, folder=setup.recipe.folder, kind=splits.info.kind)
        changed = replace(
            extraction.frozen,
            augment=tuple(setup.recipe.augment.steps),
            augment_spec=steps.spec,
            kind=splits.info.kind,
            seed=setup.recipe.seed,
        )
        _, more = _extracted(setup, changed, None, process, view_parts(splits.train, views), parts)
        sources["train"] = Views([rows["train"], *more.values()], setup.recipe.seed)
    return sources, replace(
        trained, splits=splits, precision=extraction.frozen.precision, frozen=extraction.frozen, facts=facts
    )


def _frozen(setup: Setup, parts: Parts, cut: str | None) -> Frozen:
    engine = setup.engine if setup.front.pretrained else "keras"
    precision = setup.precision if engine == "openvino" else parts.precision
    digest = "" if setup.front.pretrained else _weights_digest(parts.backbone)
    return Frozen(setup.front, cut, setup.recipe.model.head.pooling, engine, precision, digest=digest)


def _extracted(
    setup: Setup, frozen: Frozen, early: Extraction | None, process, examples: dict[str, Examples], parts: Parts
):
    """Features by OpenVINO, or by Keras where that is asked for or OpenVINO cannot run this backbone."""
    built = (parts.preprocessing, parts.backbone)
    if frozen.engine == "openvino":
        try:
            extraction = early or begin_extraction(frozen, examples, process)
            return extraction, extraction.finish()
        except EngineError as error:
            if setup.recipe.train.engine != "auto":
                raise
            _log.warning("%s. Going on with Keras", error)
            frozen = replace(frozen, engine="keras", precision=parts.precision)
    extraction = extract_here(frozen, examples, built)
    return extraction, extraction.finish()


def _set_aside(setup: Setup, splits: Splits, bad: dict[str, str]) -> Splits:
    total = sum(splits.counts().values()) + len(splits.info.set_aside)
    every = {**splits.info.set_aside, **bad}
    if len(every) > setup.recipe.data.max_bad * total:
        shown = "; ".join(f"{name}: {why}" for name, why in list(every.items())[:5])
        raise DataError(f"data: {len(every)} of {total} examples cannot be used, more than data.max_bad: {shown}")
    return splits.without(bad) if bad else splits


def _fit(setup: Setup, model: keras.Model, sources, trained: Trained, plan: Plan, tracker) -> Fitted:
    recipe, splits = setup.recipe, trained.splits
    info = splits.info
    weights = (
        class_weights(splits.train.targets, info.num_outputs)
        if recipe.data.class_weights and info.task == "label"
        else None
    )
    raw = isinstance(sources["train"], Examples)
    common = {"batch_size": plan.batch_size, "seed": recipe.seed}
    train = Batches(
        sources["train"], encoded(info.task, splits.train.targets, info.num_outputs),
        shuffle=True, weights=weights, change=_change(setup, splits.train) if raw else None, **common,
    )  # fmt: skip
    val = Batches(sources["val"], encoded(info.task, splits.val.targets, info.num_outputs), **common)
    stop = recipe.train.early_stopping
    return fit_phase(
        model, train, val, plan,
        task=info.task,
        label_smoothing=recipe.train.label_smoothing,
        monitor=stop.model_dump() if stop else None,
        keep=recipe.train.keep,
        first_epoch=sum(len(each.history) for each in trained.phases),
        on_epoch=tracker.log_metrics,
        steps_per_execution=1 if raw else 64,
        jit_compile=bool(gpu_names()),
    )  # fmt: skip


def _change(setup: Setup, train: Examples):
    """Augmentation on the fly: a function of example, epoch and seed alone."""
    if not setup.recipe.augment.steps:
        return None
    from tlkit.data import augmentation

    kind = setup.splits.info.kind
    steps = augmentation.build(setup.recipe.augment.steps, folder=setup.recipe.folder, kind=kind)

    def change(inputs, targets, places, epoch):
        seeds = augmentation.seeds_for([train.ids[i] for i in places], seed=setup.recipe.seed, view=epoch + 1)
        changed = steps.batch(inputs, seeds)
        if steps.mixes:
            changed, targets = (np.asarray(each) for each in steps.mix(changed, targets, int(seeds[0])))
        return augmentation.as_before(changed, inputs.dtype), targets

    return change


def _scored(setup: Setup, trained: Trained, folder: Path) -> Scores:
    info = setup.splits.info
    scores = score(info.task, trained.splits.test.targets, trained.outputs, list(info.class_names))
    write_files(setup, trained, scores, folder)
    return scores


def _verified(
    setup: Setup, parts: Parts, process, check: FileCheck, trained: Trained, scores: Scores, folder: Path, say
):
    """The scores, and the largest difference between the file's outputs and the scored ones.

    Where bfloat16 features came out too coarse for this head, the test split is scored again on float32 features.
    """
    try:
        return scores, check.difference(trained)
    except VerificationError:
        if trained.frozen is None or trained.frozen.precision == "float32" or trained.frozen.engine != "openvino":
            raise
    say("verify    bfloat16 features are too coarse for this head: the test split is scored again in float32")
    frozen = replace(trained.frozen, precision="float32")
    _, rows = _extracted(setup, frozen, None, process, {"test": trained.splits.test}, parts)
    trained.outputs = predict_rows(trained.model, rows["test"], batch_size=_PREDICT_BATCH)
    trained.precision = "float32"
    return _scored(setup, trained, folder), check.difference(trained)


def _weights_digest(backbone) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for array in backbone.get_weights():
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
