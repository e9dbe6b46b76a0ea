import numpy as np
import pytest

from tlkit.layers.maxout import Maxout


def test_it_keeps_the_largest_of_neighbouring_channels():
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 6)).astype("float32")
    expected = np.stack([x[..., start : start + 3].max(axis=-1) for start in (0, 3)], axis=-1)
    np.testing.assert_array_equal(Maxout(3)(x), expected)


def test_channels_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="5 channels do not divide into pieces of 2"):
        Maxout(2)(np.ones((1, 5), "float32"))
