"""Training phase by phase: what is frozen kept as features, the rest fitted."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from tlkit.data.splits import Examples, Splits, joined
from tlkit.engines.decoded_cache import kept
from tlkit.engines.hardware import gpu_names
from tlkit.model.freezing import freeze
from tlkit.tasks.task import task_for, task_of
from tlkit.tracking import Recorder
from tlkit.training.batches import Batches, BatchSource, Change, Views
from tlkit.training.calibration.concluding import calibrates, chosen_by, conclude
from tlkit.training.callbacks import Fitted
from tlkit.training.checkpoints.checkpoint import Checkpoint
from tlkit.training.digests import before_phase, behind_phase
from tlkit.training.distillation.lessons import taught
from tlkit.training.feature_worker import FeatureWorker
from tlkit.training.features import Features
from tlkit.training.finetuning.handover import bar_of, begin, ends_with_probe, settled
from tlkit.training.finetuning.solved_probe import Probe, idle_reason, is_good_enough
from tlkit.training.fitting import fit_phase, trainable_part
from tlkit.training.hard_data.imbalance import IMBALANCES
from tlkit.training.hard_data.losses import loss_of
from tlkit.training.model_builder import ModelBuilder
from tlkit.training.phase import PhasePlan
from tlkit.training.setup import Setup, learned
from tlkit.training.solving.linear_solver import LINKS
from tlkit.training.timings import StageTimes
from tlkit.training.trained import Trained, feature_line, phase_line

Sources = dict[str, BatchSource]
Recall = Callable[[Setup, str | None, Callable[[], tuple[Sources, Splits]]], tuple[Sources, Splits]]

_MOST_FEATURE_BYTES = 2 << 20  # an example's features above this are cheaper to compute again than to keep


def fit_phases(
    setup: Setup,
    worker: FeatureWorker,
    recorder: Recorder,
    *,
    stages: StageTimes | None = None,
    say: Callable[[str], None] = lambda text: None,
    builder: ModelBuilder | None = None,
    checkpoint: Checkpoint | None = None,
    judged: bool = True,
    digests: bool = False,
    recall: Recall = lambda setup, cut, compute: compute(),
) -> Trained:
    """Every phase of training; nothing here looks at the test split but to begin on it, where it is to be `judged` by.

    A checkpoint says where to begin and end; `recall` may answer with features that are at hand; `digests` of what each
    phase starts from and comes to go into the record.
    """
    stages, trained = stages or StageTimes(), Trained(setup, builder or ModelBuilder(setup), setup.splits)
    if setup.options.teacher is not None:
        with stages("teacher"):
            trained.splits, trained.lessons = taught(setup.options.teacher, setup.splits)
        say(f"teacher   {trained.lessons.line}")
    if checkpoint is not None and checkpoint.whole:
        trained.phases = list(checkpoint.fitted)
    leaves_out = setup.options.label_noise == "leave_out"
    if leaves_out and checkpoint is not None and not checkpoint.reaches(0, setup.phases[0].epochs):
        _find_doubts(trained, _sources(trained, setup.phases[0], worker, stages, recall)[0], say)
    for index, phase in enumerate(setup.phases):
        done = checkpoint is not None and not checkpoint.reaches(index, phase.epochs)
        if done and not (phase.is_solved and ends_with_probe(trained)):
            continue
        if trained.phases and (why := idle_reason(trained.phases[-1], phase)):
            say(f"train {index + 1}   not begun, for {why}")
            trained.phases.append(replace(trained.phases[-1], history=[], kept=None))
            if checkpoint is not None:
                checkpoint.leave(trained.phases[-1])
            continue
        sources, model = _sources(trained, phase, worker, stages, recall)
        if leaves_out and trained.doubts is None:
            _find_doubts(trained, sources, say)
        if trained.features is not None:
            if judged and index == len(setup.phases) - 1:
                worker.begin_test(trained.features.frozen, trained.splits.test)
            if trained.features.stats:
                say(feature_line(trained.features.stats))
        if judged and worker.process is not None:
            worker.start()  # to be ready when the saved file is to be checked
        with stages("train"):
            fitted = _fit(trained, model, sources, phase, recorder, checkpoint, digests=digests)
        trained.trained_part = model
        if done:
            continue
        if fitted.kept is not None and any(each.again for each in setup.phases[index + 1 : index + 2]):
            fitted = replace(fitted, chosen=dict(chosen_by(trained, sources["val"], fitted.calibration)))
        trained.phases.append(fitted)
        if checkpoint is not None:
            checkpoint.leave(fitted)
        say(phase_line(trained))
    if judged:
        with stages("calibrate"):
            conclude(trained, sources["train"], sources["val"])
    return trained


def _find_doubts(trained: Trained, sources: Sources, say: Callable[[str], None]) -> None:
    """Look for wrong labels by what the first phase learns from."""
    from tlkit.training.hard_data.label_noise import doubtful_labels

    tables = [each.rows[0] if isinstance(each, Views) else each for each in sources.values()]
    features = np.concatenate([each.load(np.arange(len(each))) for each in tables])
    info, parts = trained.splits.info, learned(trained.splits)
    trained.doubts = doubtful_labels(features, parts, task_for(info), info.num_outputs, trained.setup.options.seed)
    say(f"labels    {trained.doubts.line}")


def _sources(
    trained: Trained, phase: PhasePlan, worker: FeatureWorker, stages: StageTimes, recall: Recall
) -> tuple[Sources, keras.Model]:
    """What a phase learns from and what of the model it trains: features and what is behind them, or all of it."""
    setup, builder = trained.setup.with_views(phase.views), trained.builder
    with stages("build"):
        keeps, cut = _cut(setup, builder, phase)
    if not keeps:
        trained.features = None
        builder.release()
        return dict(_seen_by(trained, phase).parts()), builder.parts().model
    with stages("features"):
        trained.features = Features(setup, builder, cut)
        compute = functools.partial(trained.features.to_learn_from, _seen_by(trained, phase), worker)
        sources, splits = compute() if phase.again else recall(setup, cut, compute)
        trained.splits = trained.splits if phase.again else splits
        return sources, _trainable(builder, cut, sources["val"])


def _seen_by(trained: Trained, phase: PhasePlan) -> Splits:
    """The splits as a phase has them: one that is done again learns from validation as well."""
    splits = trained.splits
    return replace(splits, train=joined([splits.train, splits.val])) if phase.again else splits


def _cut(setup: Setup, builder: ModelBuilder, phase: PhasePlan) -> tuple[bool, str | None]:
    """Whether features are kept for a phase, and behind which layer (None: behind the backbone and its pooling)."""
    if phase.trains_head_alone(setup.backbone):
        if builder.built:
            freeze(builder.parts().backbone, phase.unfreeze)
        return True, None
    parts = builder.parts()
    backbone, cut = parts.backbone, freeze(parts.backbone, phase.unfreeze, batch_norm=phase.batch_norm)
    parts.preprocessing.trainable = cut is None  # it may learn too, as the vectors of words do
    if cut == backbone.layers[-1].name:
        return True, None
    return cut is not None and _worth_keeping(backbone, cut), cut


def _worth_keeping(backbone: keras.Model, cut: str) -> bool:
    return 2 * int(np.prod(backbone.get_layer(cut).output.shape[1:])) <= _MOST_FEATURE_BYTES


def _trainable(builder: ModelBuilder, cut: str | None, rows: Any) -> keras.Model:
    if cut is None:
        return builder.head_on(rows.shape[1:])
    builder.release()
    parts = builder.parts()
    return trainable_part(parts.backbone, parts.head, cut)


def _fit(
    trained: Trained,
    model: keras.Model,
    sources: Sources,
    plan: PhasePlan,
    recorder: Recorder,
    checkpoint: Checkpoint | None,
    *,
    digests: bool,
) -> Fitted:
    setup, options, splits = trained.setup, trained.setup.options, _seen_by(trained, plan)
    num_outputs = setup.splits.info.num_outputs
    if plan.is_solved:
        return _solved(trained, model, sources, plan, recorder)
    begin(trained, model, plan)
    if checkpoint is not None and trained.first is not None:
        trained.first = checkpoint.first = checkpoint.first or trained.first
    if plan.from_zero and not trained.phases:
        output = model.get_layer("output")
        output.kernel.assign(keras.ops.zeros_like(output.kernel))
    raw = isinstance(sources["train"], Examples)
    train, val = _batches(trained, splits, sources, plan.batch_size, raw=raw)
    number = len(trained.phases) + 1
    if digests:
        recorder.set_tags(before_phase(number, model, train, splits.train.ids))
    fitted = fit_phase(
        model, train, val, plan,
        task=task_for(setup.splits.info),
        loss=loss_of(task_for(setup.splits.info), options, splits.train.targets, num_outputs),
        first_epoch=sum(len(each.history) for each in trained.phases),
        on_epoch=trained.meters.reading(recorder.log_metrics),
        steps_per_execution=1 if raw else 64,
        jit_compile=bool(gpu_names()),
        checkpoint=checkpoint,
        reusable=trained.builder.reusable(model),
        before=bar_of(trained) if (checkpoint is None or checkpoint.whole) and not plan.again else None,
        backbone=trained.builder.parts().backbone if plan.trains_backbone else None,
        link=LINKS.get(trained.builder.head.output) if calibrates(options) else None,
        weights=IMBALANCES[options.imbalance].use(task_of(splits.info.task), splits.val.targets, num_outputs),
    )  # fmt: skip
    fitted = settled(trained, plan, fitted)
    if digests:
        recorder.set_tags(behind_phase(number, model))
    return fitted


def _solved(trained: Trained, head: keras.Model, sources: Sources, plan: PhasePlan, recorder: Recorder) -> Fitted:
    """The head solved from all that training sees; where more phases follow, a second one leaves validation to them."""
    from tlkit.training.solving.exact_head import measure_head, problem_of, solve_head, solve_head_at

    setup, splits = trained.setup, trained.splits
    posed = functools.partial(
        problem_of, head, sources, task=task_for(splits.info), num_outputs=splits.info.num_outputs,
        imbalance=IMBALANCES[setup.options.imbalance], kept=trained.kept, lessons=trained.lessons,
    )  # fmt: skip
    tell = trained.meters.reading(recorder.log_metrics)
    fitted, trained.held_out = solve_head(
        head, posed(parts=learned(splits)), solver=str(plan.solver), seed=setup.options.seed, on_penalty=tell
    )
    if len(setup.phases) > 1 and not is_good_enough(fitted, setup.phases[1]):
        output, problem = head.get_layer("output"), posed(parts={"train": splits.train})
        whole = output.get_weights()
        if plan.solver == "exact":
            solve_head_at(head, problem, fitted.best["train/penalty"])
        else:
            solve_head(head, problem, solver=str(plan.solver), seed=setup.options.seed, on_penalty=lambda *_: None)
        trained.probe = Probe(whole, output.get_weights(), measure_head(head, sources["val"], splits.val, problem))
        output.set_weights(whole)
    return fitted


def _batches(trained: Trained, splits: Splits, sources: Sources, size: int, *, raw: bool) -> tuple[Batches, Batches]:
    """Training and validation examples as Keras's fit takes them; raw ones are read, and changed, on the way."""
    options, (kept_labels, kept_val) = trained.setup.options, np.split(trained.kept, [len(splits.train)])
    info, task = splits.info, task_of(splits.info.task)
    sources = {part: kept(each, info) if isinstance(each, Examples) else each for part, each in sources.items()}
    targets = {name: task.for_loss(part.targets, info.num_outputs) for name, part in learned(splits).items()}
    if trained.lessons is not None:
        targets["train"] = trained.lessons.blended(targets["train"], splits.train.ids)
    imbalance, labels = IMBALANCES[options.imbalance], splits.train.targets
    weights = imbalance.weights(task, labels, info.num_outputs)
    if not kept_labels.all():
        weights = (kept_labels if weights is None else kept_labels * weights).astype(np.float32)
    common: dict[str, Any] = {"batch_size": size, "seed": options.seed}
    train = Batches(
        sources["train"], targets["train"], shuffle=True, weights=weights, beside=splits.train.beside,
        change=_change(trained.setup, splits.train, raw=raw) if raw or _has_inner_cut(trained) else None,
        classes=labels if imbalance.samples else None, **common,
    )  # fmt: skip
    judging = (kept_val / kept_val.mean()).astype(np.float32) if kept_val.any() and not kept_val.all() else None
    return train, Batches(sources["val"], targets["val"], beside=splits.val.beside, weights=judging, **common)


def _has_inner_cut(trained: Trained) -> bool:
    return trained.features is not None and trained.features.frozen.cut is not None


def _change(setup: Setup, train: Examples, *, raw: bool) -> Change | None:
    """Augmentation on the fly, a function of example, epoch and seed alone; kept features are only mixed."""
    steps = setup.options.augmentation.pipeline(setup.splits.info)
    if steps is None or not (raw or steps.mixes):
        return None
    from tlkit.kinds.augment.pipeline import as_before, seeds_for

    def change(
        inputs: np.ndarray, targets: np.ndarray, indices: np.ndarray, epoch: int
    ) -> tuple[np.ndarray, np.ndarray]:
        seeds = seeds_for([train.ids[i] for i in indices], seed=setup.options.seed, view=epoch + 1)
        changed = steps.batch(inputs, seeds) if raw else inputs
        if steps.mixes:
            changed, targets = (np.asarray(each) for each in steps.mix(changed, targets, int(seeds[0])))
        return as_before(changed, inputs.dtype), targets

    return change
