"""A head that stands compiled learns what a new one does, to the last bit, and what plain Keras makes of it."""

import keras
import numpy as np
import pytest
from small_training import batches

from tlkit.tasks.task import task_of
from tlkit.training.fitting import fit_phase
from tlkit.training.phase import PhasePlan
from tlkit.training.reusable_head import ReusableHead

CASES = [
    (0.3, PhasePlan("none", 3, 8, 0.01, {"name": "adam"}, "cosine", 0.2)),
    (0.3, PhasePlan("none", 3, 8, 0.01, {"name": "adam"}, "cosine", 0.0)),
    (0.3, PhasePlan("none", 3, 8, 0.01, {"name": "adam"}, "constant", 0.1)),
    (0.1, PhasePlan("none", 3, 8, 0.01, {"name": "adamw", "weight_decay": 0.02}, "cosine", 0.1)),
    (0.1, PhasePlan("none", 3, 8, 0.01, {"name": "sgd", "momentum": 0.7}, "constant", 0.1)),
    (0.1, PhasePlan("none", 3, 8, 0.01, {"name": "rmsprop"}, "constant", 0.1)),
]


def build(dropout):
    keras.utils.set_random_seed(7)
    inputs = keras.Input((5,))
    x = keras.layers.BatchNormalization()(keras.layers.Dense(4, activation="relu")(inputs))
    return keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(keras.layers.Dropout(dropout)(x)))


def fit(dropout, plan, reusable=None):
    model = reusable.head(lambda: build(dropout), dropout) if reusable else build(dropout)
    train, val = batches(30, 0, shuffle=True), batches(12, 1)
    train.batch_size = val.batch_size = plan.batch_size
    fitted = fit_phase(
        model, train, val, plan, task=task_of("label"), label_smoothing=0.1,
        on_epoch=lambda metrics, epoch: None, reusable=reusable,
    )  # fmt: skip
    curve = [[value for name, value in each.items() if "seconds" not in name] for each in fitted.history]
    return curve, model.get_weights()


@pytest.mark.parametrize(("dropout", "plan"), CASES)
def test_a_standing_head_learns_as_a_new_one_does(dropout, plan):
    reusable = ReusableHead()
    other = PhasePlan(**{**vars(plan), "learning_rate": 0.03, "batch_size": 16, "epochs": 6})
    fit(0.6, other, reusable)
    before = dict(reusable.functions)
    curve, weights = fit(dropout, plan, reusable)
    assert reusable.functions == before
    assert [each.experimental_get_tracing_count() for each in before.values()] == [1, 1]
    expected, others = fit(dropout, plan, ReusableHead())
    assert curve == expected
    for mine, own in zip(weights, others, strict=True):
        np.testing.assert_array_equal(mine, own)
    for mine, own in zip(weights, fit(dropout, plan)[1], strict=True):
        np.testing.assert_allclose(mine, own, rtol=1e-4, atol=1e-6)


def test_another_kind_of_optimizer_is_compiled_anew():
    reusable = ReusableHead()
    fit(0.3, CASES[4][1], reusable)
    curve, _ = fit(0.3, CASES[3][1], reusable)
    assert curve == fit(0.3, CASES[3][1], ReusableHead())[0]
