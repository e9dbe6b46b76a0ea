"""One phase after another: what the second finds, and what it may not spoil."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from small_training import PLAN, batches, head

from tlkit.tasks.task import task_of
from tlkit.training.fitting import fit_phase
from tlkit.training.phase import Stopping


def fit(model, *, rate=0.01, before=None, keep="best", monitor=None):
    plan = replace(PLAN, epochs=3, learning_rate=rate, optimizer={"name": "sgd"}, schedule="constant")
    plan = replace(plan, keep=keep, early_stopping=monitor)
    return fit_phase(
        model, batches(30, 0, shuffle=True), batches(12, 1), plan, task=task_of("label"),
        on_epoch=lambda metrics, epoch: None, before=before,
    )  # fmt: skip


@pytest.fixture
def found():
    model = head(dropout=0.0)
    return model, fit(model, rate=0.01), model.get_weights()


@pytest.mark.parametrize("metric", ["val/loss", "val/accuracy"])
def test_a_phase_that_finds_nothing_better_leaves_what_it_began_with(found, metric):
    model, first, weights = found
    ruined = fit(model, rate=30.0, before=first, monitor=Stopping(metric, patience=None))
    assert (ruined.kept, ruined.best, len(ruined.history)) == (None, first.best, 3)
    for mine, other in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_a_phase_that_finds_better_ends_with_it(found):
    model, first, _ = found
    second = fit(model, rate=0.05, before=first)
    assert second.best["val/loss"] < first.best["val/loss"]
    assert second.best == second.history[second.kept]


def test_who_keeps_the_last_epoch_keeps_it(found):
    model, first, weights = found
    assert fit(model, rate=1.0, before=first, keep="last").kept == 2
    assert not np.array_equal(keras.ops.convert_to_numpy(model.weights[0]), weights[0])


def test_validation_that_is_never_a_number_leaves_the_first_epoch():
    found = []
    for epochs in (1, 3):
        model, val = head(dropout=0.0), batches(12, 1)
        val.source.table()[:] = np.nan
        plan = replace(PLAN, epochs=epochs, schedule="constant")
        fit_phase(
            model, batches(30, 0, shuffle=True), val, plan, task=task_of("label"),
            on_epoch=lambda metrics, epoch: None,
        )  # fmt: skip
        found.append(model.get_weights())
    for mine, other in zip(*found, strict=True):
        np.testing.assert_array_equal(mine, other)
