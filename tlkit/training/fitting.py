"""One phase of training: the trainable part of a model fitted on what it is given."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from tlkit.compat.fused_norms import fuse_norms
from tlkit.compat.guided_optimizers import guide
from tlkit.data.splits import paired
from tlkit.model.freezing import behind
from tlkit.model.heads import joined_model
from tlkit.progress import progress
from tlkit.stopping import stopping_late
from tlkit.tasks.task import Task
from tlkit.training.batches import Batches, BatchSource
from tlkit.training.callbacks import Fitted, KeepBest, RecordMetrics, ShowProgress
from tlkit.training.checkpoints.checkpoint import Checkpoint
from tlkit.training.compiling import make_optimizer, make_schedule
from tlkit.training.finetuning.layer_rates import layer_rates
from tlkit.training.finetuning.proving import keep_if_better
from tlkit.training.multi_step import fit_whole_epochs
from tlkit.training.phase import PhasePlan, Stopping
from tlkit.training.reusable_head import ReusableHead, as_traced
from tlkit.training.solving.linear_solver import Link

PREDICT_BATCH = 128  # examples


def trainable_part(backbone: keras.Model, head: keras.Model, cut: str) -> keras.Model:
    """What stands behind a cut inside the backbone: the rest of it, and the head."""
    tail = behind(backbone, cut)
    return joined_model(keras.Input(tail.input_shape[1:]), tail, head, name="trainable")


def fit_phase(
    model: keras.Model,
    train: Batches,
    val: Batches,
    plan: PhasePlan,
    *,
    task: Task,
    label_smoothing: float = 0.0,
    loss: Callable[..., Any] | None = None,
    first_epoch: int = 0,
    on_epoch: Callable[[dict[str, float], int], None],
    steps_per_execution: int = 1,
    jit_compile: bool = False,
    checkpoint: Checkpoint | None = None,
    reusable: ReusableHead | None = None,
    before: Fitted | None = None,
    backbone: keras.Model | None = None,
    link: Link | None = None,
    weights: np.ndarray | None = None,
) -> Fitted:
    """Fit a model for one phase and leave it with the weights of its best epoch, or its last, also when interrupted.

    `loss` is one in place of the task's own. No epoch is best that is worse than what the phase `before` ended with. A
    checkpoint says where to go on and keeps what it takes to go on from there; `reusable` may have the model compiled;
    blocks are told by the `backbone`, and answers that validation may calibrate by their `link`. Where a phase is to be
    proven, `weights` say how much each validation example counts.
    """
    rate = make_schedule(plan.schedule, plan.learning_rate, steps=plan.epochs * len(train), warmup=plan.warmup)
    fuse_norms(model)
    compile_model = reusable.compile if reusable is not None else model.compile
    compile_model(
        optimizer=make_optimizer(learning_rate=rate, **plan.optimizer),
        loss=loss or task.loss(label_smoothing),
        metrics=task.metrics(),
        steps_per_execution=min(steps_per_execution, len(train)),
        jit_compile=jit_compile,
    )
    if backbone is not None and (plan.layer_decay != 1.0 or plan.l2_sp):
        guide(model.optimizer, model.trainable_variables, layer_rates(backbone, plan.layer_decay), pull=plan.l2_sp)
    best = _keeper(plan, task, before)
    record = RecordMetrics(on_epoch, first_epoch, validates=not plan.again)
    begun, calibration = time.monotonic(), None
    first = checkpoint.enter(model, train, record, best) if checkpoint else 0
    try:
        with progress("Training", plan.epochs * len(train)) as bar:
            callbacks = [record, best, ShowProgress(bar, len(train), record, first)]
            callbacks += [checkpoint] if checkpoint else []
            if first < plan.epochs:
                with stopping_late() if checkpoint and checkpoint.stepwise else nullcontext():
                    _fit(
                        model,
                        train,
                        val,
                        (first, checkpoint.step if checkpoint else 0),
                        plan.epochs,
                        callbacks,
                        reusable,
                    )
        if _is_to_be_proven(plan, before):
            last = len(record.history) - 1
            counting = np.ones(len(val.targets)) if weights is None else weights
            calibration = keep_if_better(model, val, best, last, loss or task.loss(label_smoothing), link, counting)
    finally:
        best.restore()
    fitted = _fitted(record, best, before, time.monotonic() - begun, len(train.targets))
    return replace(fitted, calibration=vars(calibration)) if calibration else fitted


def _keeper(plan: PhasePlan, task: Task, before: Fitted | None) -> KeepBest:
    """What keeps the best weights, or the last, and ends the phase when these no longer improve."""
    watch = plan.early_stopping or Stopping(patience=None)
    more_is_better = task.watched.get(watch.monitor.removeprefix("val/")) == "max"
    known = before.best.get(watch.monitor) if before and plan.keep == "best" else None
    if proving := _is_to_be_proven(plan, before):
        known = math.inf if more_is_better else -math.inf  # no epoch is better until the end
    return KeepBest(
        watch.monitor,
        more_is_better=more_is_better,
        patience=watch.patience,
        min_delta=watch.min_delta,
        last=plan.keep != "best" and not proving,
        before=known,
    )


def _is_to_be_proven(plan: PhasePlan, before: Fitted | None) -> bool:
    return plan.keep == "proven" and before is not None


def _fit(
    model: keras.Model,
    train: Batches,
    val: Batches,
    place: tuple[int, int],
    epochs: int,
    callbacks: list[keras.callbacks.Callback],
    reusable: ReusableHead | None,
) -> None:
    """Fit from an epoch's step on; where the optimizer averages weights, the averages are validated and kept."""
    if model.optimizer.use_ema:
        callbacks = [keras.callbacks.SwapEMAWeights(swap_on_epoch=True), *callbacks]
    first, step = place
    if keras.backend.backend() == "tensorflow":
        with as_traced() if reusable is not None else nullcontext():
            fit_whole_epochs(
                model, train, val, first=first, step=step, epochs=epochs, callbacks=callbacks, reusable=reusable
            )
        return
    model.fit(
        train, validation_data=val, initial_epoch=first, epochs=epochs, verbose=0, shuffle=False, callbacks=callbacks
    )


def predict_rows(
    model: keras.Model,
    source: BatchSource,
    *,
    batch_size: int,
    beside: np.ndarray | None = None,
    label: str = "Predicting",
) -> np.ndarray:
    """The model's outputs for everything that `source` gives, in order, with the columns beside it."""
    outputs = []
    starts = range(0, len(source), batch_size)
    with progress(label, len(source)) as bar:
        for start in starts:
            indices = np.arange(start, min(start + batch_size, len(source)))
            outputs.append(
                np.asarray(model.predict_on_batch(paired(source.load(indices), beside, indices)), np.float32)
            )
            bar(start + len(indices))
    return np.concatenate(outputs)


def by_metric(history: list[dict[str, float]]) -> dict[str, list[float]]:
    """Epochs as one list a metric, for pictures; gaps are NaN."""
    names = dict.fromkeys(itertools.chain.from_iterable(history))
    return {name: [epoch.get(name, float("nan")) for epoch in history] for name in names}


def _fitted(record: RecordMetrics, best: KeepBest, before: Fitted | None, seconds: float, examples: int) -> Fitted:
    rate = len(record.history) * examples / seconds if seconds else 0.0
    kept = best.kept_epoch
    if kept is None:
        assert before is not None, "what was no better than before"
        return Fitted(record.history, kept, before.best, seconds, rate)
    return Fitted(record.history, kept, record.history[kept], seconds, rate)
