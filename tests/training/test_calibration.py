"""A model that is honest of itself: its probabilities, what it does not know, and sets that hold the true class."""

import numpy as np
import pytest
from scipy.special import softmax

import tlkit as library
from tlkit.evaluation.conformal import limit_for, possible_classes, set_limits
from tlkit.training.calibration.known_examples import spread_over
from tlkit.training.calibration.temperature import calibration, tempered
from tlkit.training.solving.linear_solver import LINKS

SOFTMAX, SIGMOID = LINKS["softmax"], LINKS["sigmoid"]


def drawn(count, temperature, seed=7, classes=3):
    """Targets as likely as honest probabilities say, and answers surer than these by a temperature."""
    rng = np.random.default_rng(seed)
    sums = rng.normal(size=(count, classes)) * 2
    honest = softmax(sums, axis=1)
    targets = np.array([rng.choice(classes, p=row) for row in honest])
    return targets, softmax(sums * temperature, axis=1).astype("f4")


def test_answers_that_are_too_sure_get_the_temperature_that_makes_them_honest():
    targets, outputs = drawn(2000, 2.5)
    found = calibration(SOFTMAX, np.eye(3)[targets], outputs, seed=7)
    assert found.temperature == pytest.approx(2.5, rel=0.1)
    assert found.after < found.before
    assert (tempered(SOFTMAX, outputs, found.temperature).argmax(1) == outputs.argmax(1)).all()


def test_honest_answers_and_those_with_too_few_errors_stay_as_they_are():
    targets, outputs = drawn(600, 1.0)
    assert calibration(SOFTMAX, np.eye(3)[targets], outputs, seed=7).temperature == 1
    certain = np.tile([[0.6, 0.4]], (132, 1))
    found = calibration(SOFTMAX, np.eye(2)[np.arange(132) // 131], certain, seed=7)
    assert (found.temperature, found.errors, found.after) == (1, 1, None)


def test_examples_count_by_their_weights_as_if_they_came_so_often():
    targets, outputs = drawn(900, 2.5)
    often = np.where(targets == 0, 5, 1)
    weighed = calibration(SOFTMAX, np.eye(3)[targets], outputs, seed=7, weights=often.astype(float))
    again = calibration(SOFTMAX, np.eye(3)[targets.repeat(often)], outputs.repeat(often, axis=0), seed=7)
    assert weighed.temperature == pytest.approx(again.temperature, rel=1e-3)
    assert weighed.temperature != pytest.approx(calibration(SOFTMAX, np.eye(3)[targets], outputs, 7).temperature, 1e-2)


def test_labels_have_one_temperature_for_all():
    rng = np.random.default_rng(7)
    sums = rng.normal(size=(1000, 2))
    targets = (rng.random((1000, 2)) < SIGMOID.answer(sums)).astype(float)
    assert calibration(SIGMOID, targets, SIGMOID.answer(sums * 3), seed=7).temperature == pytest.approx(3, rel=0.15)


def test_sets_hold_the_true_class_as_often_as_asked():
    targets, outputs = drawn(1500, 2.0, classes=5)
    limits = set_limits(targets[:500], outputs[:500])
    for share in (0.6, 0.9, 0.95):
        inside = possible_classes(outputs[500:], limit_for(share, limits))
        assert inside[np.arange(1000), targets[500:]].mean() == pytest.approx(share, abs=0.04)


def test_as_many_of_each_class_are_kept_by_the_seed():
    classes = ["a"] * 80 + ["b"] * 20
    places = spread_over(classes, 100, 30, seed=7)
    assert [classes[place] for place in places] == ["a"] * 15 + ["b"] * 15
    assert np.array_equal(places, spread_over(classes, 100, 30, seed=7))


@pytest.fixture(scope="module")
def numbers():
    """Two clouds that overlap, in one corner of their space."""
    rng = np.random.default_rng(7)
    labels = rng.integers(2, size=900)
    inputs = (rng.normal(size=(900, 6)) + 0.6 * labels[:, None] + 4).astype("f4")
    return library.Splits.from_arrays(inputs, labels, near_copies="apart", val=0.4, test=0.4)


@pytest.fixture(scope="module")
def fitted(numbers):
    """A net that was trained until it was too sure, with and without a temperature."""
    model = library.build("mlp", numbers.info, units=[64, 64], head={"dropout": 0.0})
    phases = [library.Phase(epochs=40, batch_size=8, learning_rate=0.01)]
    given = {"early_stopping": None, "keep": "last"}
    return {each: library.fit(model, numbers, phases, calibrate=each, **given) for each in ("auto", "none")}


def test_the_temperature_stands_in_the_last_layer_and_nothing_else_changes(fitted):
    warm, plain = fitted["auto"], fitted["none"]
    temperature = warm.calibration.temperature
    assert temperature > 1.2
    for ours, theirs in zip(warm.model.get_weights()[-2:], plain.model.get_weights()[-2:], strict=True):
        assert ours == pytest.approx(theirs / temperature, rel=1e-6)
    for ours, theirs in zip(warm.model.get_weights()[:-2], plain.model.get_weights()[:-2], strict=True):
        assert np.array_equal(ours, theirs)
    scores = {name: library.evaluate(each) for name, each in fitted.items()}
    assert scores["auto"].metrics["loss"] < scores["none"].metrics["loss"]
    assert scores["auto"].further["loss_uncalibrated"] == pytest.approx(scores["none"].metrics["loss"], rel=1e-3)


def test_a_saved_model_knows_what_it_has_not_seen(fitted, numbers, tmp_path):
    loaded = library.load_model(fitted["auto"].save(tmp_path / "model.keras"))
    seen = loaded.predict(numbers.test.load(range(100)))
    far = loaded.predict(-numbers.test.load(range(20)))
    assert np.mean([each.known for each in seen]) == pytest.approx(0.95, abs=0.06)
    assert not any(each.known for each in far)
    assert min(each.unknown for each in far) > loaded.metadata["unknown"]["threshold"]
    assert loaded.metadata["temperature"] == fitted["auto"].calibration.temperature
    there = fitted["auto"].predict(numbers.test.load(range(3)))
    assert [each.unknown for each in there] == pytest.approx([each.unknown for each in seen[:3]], abs=1e-6)
