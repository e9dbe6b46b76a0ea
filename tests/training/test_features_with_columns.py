"""Columns beside features are learned from as if they were features, in one call or step by step."""

import keras
import numpy as np
import pytest

from tlkit.engines.feature_cache import FeatureRows
from tlkit.model.heads import Head, build_head
from tlkit.tasks.task import task_of
from tlkit.training.batches import Batches, Views
from tlkit.training.fitting import fit_phase, predict_rows
from tlkit.training.phase import PhasePlan
from tlkit.training.reusable_head import ReusableHead

VALUES = np.random.default_rng(0).normal(size=(40, 7)).astype(np.float32)
TARGETS = np.eye(2, dtype=np.float32)[(VALUES[:, 6] > 0).astype(int)]
HEAD = {"pooling": "none", "units": (4,), "dropout": 0.0}


def rows(values):
    places = np.stack([np.zeros(len(values), int), np.arange(len(values))], axis=1)
    return FeatureRows((values,), places)


def fit(width, *, average=None, reusable=False, views=False):
    """A head on `width` of the seven columns, the rest beside them; its last loss and its outputs."""
    beside = None if width == 7 else VALUES[:, width:]
    head = Head("softmax", 2, **HEAD, beside=((0.0, 1.0),) * (7 - width))

    def build():
        keras.utils.set_random_seed(7)
        return build_head((width,), head)

    stands = ReusableHead() if reusable else None
    model = stands.head(build, 0.0) if stands else build()
    table = rows(VALUES[:, :width])
    source = Views([table, table], 7) if views else table
    train, val = (
        Batches(each, TARGETS, batch_size=8, seed=7, shuffle=shuffle, beside=beside)
        for each, shuffle in ((source, True), (table, False))
    )
    optimizer = {"name": "adam"} | ({"average": average} if average else {})
    fitted = fit_phase(
        model, train, val, PhasePlan("none", 4, 8, 0.05, optimizer, "constant", 0.0), task=task_of("label"),
        on_epoch=lambda metrics, epoch: None, reusable=stands,
    )  # fmt: skip
    return fitted.history[-1]["val/loss"], predict_rows(model, table, batch_size=16, beside=beside)


@pytest.mark.parametrize("how", [{}, {"reusable": True}, {"views": True}])
def test_columns_beside_features_are_learned_from_as_features_are(how):
    loss, outputs = fit(7)
    beside_loss, beside_outputs = fit(5, **how)
    assert beside_loss == pytest.approx(loss, rel=1e-4)
    np.testing.assert_allclose(beside_outputs, outputs, rtol=1e-4, atol=1e-5)


def test_averaged_weights_learn_from_columns_too():
    loss, _ = fit(5, average=0.9)
    assert loss < 0.6
