"""Augmentation of signals and sounds, through the same door as that of pictures."""

import numpy as np
import pytest

from tlkit.errors import RecipeError
from tlkit.kinds.augment.augmentation_names import read_steps
from tlkit.kinds.augment.pipeline import as_before, build
from tlkit.kinds.kind import kind_of

NAMES = kind_of("signal").augmentations


def signals(count=6, *, length=40, channels=2):
    times = np.linspace(0, 12, length)[None, :, None] + np.arange(count)[:, None, None]
    return (300 * np.sin(times * np.arange(1, channels + 1))).astype("float32")


def test_there_are_steps_for_signals():
    assert {"shift", "scale", "noise", "time_mask"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_step_changes_signals_differently_for_different_seeds_and_clips_nothing(name):
    same = np.repeat(signals(1), 12, axis=0)
    changed = build([{name: 0.4}], kind="signal").batch(same, np.arange(12))
    assert changed.shape == same.shape
    assert len(np.unique(changed, axis=0)) >= 6
    assert changed.min() < -100


@pytest.mark.parametrize("name", NAMES)
def test_a_sound_without_channels_is_changed_too(name):
    sound = signals(channels=1)[..., 0]
    changed = build([{name: 0.4}], kind="sound").batch(sound, np.arange(6))
    assert changed.shape == sound.shape
    assert not np.array_equal(changed, sound)


@pytest.mark.parametrize("name", NAMES)
def test_a_step_of_nothing_changes_nothing(name):
    changed = build([{name: 0.0}], kind="signal").batch(signals(), np.arange(6))
    np.testing.assert_allclose(changed, signals(), rtol=1e-4, atol=1e-3)


def test_a_signal_is_changed_alike_alone_and_in_any_order():
    steps = build([{name: 0.3} for name in NAMES], kind="signal")
    seeds = np.arange(6) + 2**40
    together = steps.batch(signals(), seeds)
    np.testing.assert_array_equal(steps.batch(signals()[4:5], seeds[4:5])[0], together[4])
    np.testing.assert_array_equal(steps.batch(signals()[::-1], seeds[::-1])[::-1], together)


def test_a_shifted_signal_is_the_old_one_with_its_end_value_held():
    ramp = np.arange(10, dtype="float32")[None, :, None]
    for seed in range(20):
        moved = build([{"shift": 0.5}], kind="signal").batch(ramp, np.array([seed]))[0, :, 0]
        assert np.all(np.diff(moved) >= 0)
        assert set(np.diff(moved)) <= {0.0, 1.0}
        assert moved[0] == 0 or moved[-1] == 9


def test_scaling_keeps_the_form_and_stays_in_its_range():
    factors = build([{"scale": 1.0}], kind="signal").batch(np.ones((50, 3, 1), "float32"), np.arange(50))[:, :, 0]
    np.testing.assert_allclose(np.ptp(factors, axis=1), 0, atol=1e-6)
    assert 0.5 <= factors.min() < 0.7
    assert 1.5 < factors.max() <= 2.0


def test_a_mask_covers_no_more_than_it_was_given():
    ramp = np.arange(100, dtype="float32")[None, :, None]
    covered = [np.sum(build([{"time_mask": 0.2}], kind="signal").batch(ramp, np.array([seed])) != ramp)
               for seed in range(20)]  # fmt: skip
    assert max(covered) <= 21
    assert max(covered) > 10


@pytest.mark.parametrize("kind", ["signal", "sound", "table"])
def test_a_step_that_does_not_suit_the_kind_is_refused_in_one_line(kind):
    with pytest.raises(RecipeError) as caught:
        build([{"flip": "horizontal"}], kind=kind)
    assert str(caught.value).startswith(f"augment[0]: 'flip' is for data of kind image, this is {kind}. For it: ")
    assert "\n" not in str(caught.value)


def test_arrays_from_python_may_be_changed_by_any_step():
    assert len(read_steps([{"flip": "horizontal"}, {"shift": 0.1}], kind="array")) == 2
    floats = np.random.default_rng(0).random((2, 8, 8, 1), "float32") - 0.5
    flipped = build([{"flip": "horizontal"}], kind="array").batch(floats, np.arange(2))
    assert flipped.min() < 0


def test_only_whole_numbers_are_rounded_afterwards():
    assert as_before(np.array([0.4, -3.0, 256.0]), np.dtype("uint8")).tolist() == [0, 0, 255]
    np.testing.assert_array_equal(
        as_before(np.array([0.4, -3.5], "float32"), np.dtype("float32")), np.float32([0.4, -3.5])
    )


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"shift": "far"}, "shift: most: expected a number from 0 up, received 'far'"),
        ({"noise": -1}, "noise: most: expected a number from 0 up, received -1"),
        ({"scale": {"mots": 1}}, "unknown argument 'mots'. Did you mean 'most'"),
    ],
)
def test_a_step_that_makes_no_sense_is_refused(step, told):
    with pytest.raises(RecipeError, match=told):
        build([step], kind="signal")
