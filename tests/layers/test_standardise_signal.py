"""Signals of any size at mean 0 and deviation 1."""

import numpy as np
import pytest

from tlkit.layers.standardise_signal import StandardiseSignal

WAVE = np.sin(np.arange(40, dtype=np.float32)).reshape(1, 40, 1)


@pytest.mark.parametrize("size", [1e38, 1e30, 1e16, 1e-3, 1e-9, 1e-21, 1e-30])
def test_the_size_of_a_signal_does_not_matter(size):
    out = np.asarray(StandardiseSignal()(WAVE * np.float32(size)))
    np.testing.assert_allclose(out, StandardiseSignal()(WAVE), atol=1e-5)


@pytest.mark.parametrize("value", [0.0, 1e-21, 0.1, 3e38])
def test_a_flat_channel_becomes_zero(value):
    assert not np.asarray(StandardiseSignal()(np.full((1, 40, 1), value, np.float32))).any()


def test_each_channel_has_a_size_of_its_own():
    both = np.concatenate([WAVE * np.float32(1e-21), WAVE * np.float32(1e21)], axis=2)
    out = np.asarray(StandardiseSignal()(both))
    np.testing.assert_allclose(out[..., 0], out[..., 1], atol=1e-5)
