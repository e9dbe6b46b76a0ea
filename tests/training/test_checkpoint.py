"""Training cut off and gone on with, and many steps in one call: the same as without."""

import functools
from dataclasses import replace

import keras
import numpy as np
import pytest
from small_training import PLAN, batches, head

from tlkit.tasks.task import task_of
from tlkit.training.callbacks import RecordMetrics
from tlkit.training.checkpoints.checkpoint import Checkpoint
from tlkit.training.compiling import make_optimizer
from tlkit.training.fitting import fit_phase
from tlkit.training.multi_step import fit_whole_epochs, in_memory


def fit_with(checkpoint=None, epochs=6, average=None):
    model, seen = head(), []
    optimizer = {"name": "adam", "average": average}
    plan = replace(PLAN, epochs=epochs, optimizer=optimizer)
    fitted = fit_phase(
        model, batches(30, 0, shuffle=True), batches(12, 1), plan, task=task_of("label"),
        on_epoch=lambda metrics, epoch: seen.append(epoch), checkpoint=checkpoint,
    )  # fmt: skip
    return model, fitted, seen


def losses(fitted):
    return [each["train/loss"] for each in fitted.history]


@pytest.mark.parametrize("average", [None, 0.8])
def test_training_gone_on_with_ends_as_if_it_had_not_been_cut_off(tmp_path, average):
    fit = functools.partial(fit_with, average=average)
    whole, fitted, _ = fit()
    first = Checkpoint(tmp_path / "a.npz", until=2)
    first.reaches(0, 6)
    assert fit(first)[2] == [1, 2]
    second = Checkpoint(tmp_path / "b.npz", since=tmp_path / "a.npz")
    assert second.reaches(0, 6)
    model, rest, seen = fit(second)
    assert seen == [3, 4, 5, 6]
    assert losses(rest) == pytest.approx(losses(fitted), rel=1e-5)
    for mine, other in zip(model.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-6)


def test_training_that_had_ended_is_not_gone_on_with(tmp_path):
    checkpoint = Checkpoint(tmp_path / "a.npz")
    checkpoint.reaches(0, 6)
    fit_with(checkpoint)
    again = Checkpoint(tmp_path / "a.npz")
    again.reaches(0, 6)
    assert fit_with(again)[2] == []
    assert len(again.curve) == 6


@pytest.mark.parametrize(("average", "in_rows"), [(None, True), (0.8, True), (None, False)])
def test_whole_epochs_do_what_keras_fit_does(average, in_rows):
    histories = []
    for whole in (True, False):
        model = head(dropout=0.0)
        optimizer = make_optimizer(name="adam", learning_rate=0.01, average=average)
        model.compile(optimizer=optimizer, loss=task_of("label").loss(0.0), metrics=task_of("label").metrics())
        record, train, val = RecordMetrics(lambda *_: None, 0), batches(30, 0, shuffle=not in_rows), batches(12, 1)
        if not in_rows:
            train.change = lambda inputs, targets, places, epoch: (inputs + epoch, targets)
        callbacks = [*([keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if average else []), record]
        assert in_memory(train) == in_rows
        if whole:
            fit_whole_epochs(model, train, val, epochs=3, callbacks=callbacks)
        else:
            model.fit(train, validation_data=val, epochs=3, shuffle=False, verbose=0, callbacks=callbacks)
        histories.append(record.history)
    for mine, other in zip(*histories, strict=True):
        for name in ("train/loss", "train/accuracy", "val/loss", "val/accuracy"):
            assert mine[name] == pytest.approx(other[name], rel=1e-4), name
