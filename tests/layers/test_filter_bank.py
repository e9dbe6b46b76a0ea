import numpy as np
import pytest

from tlkit.layers.filter_bank import FilterBank
from tlkit.layers.texture_filters import texture_filters


def mean_absolute_response(picture, kernel):
    size = len(kernel)
    rows, columns = (length - size + 1 for length in picture.shape)
    windows = [picture[row : row + size, column : column + size] for row in range(rows) for column in range(columns)]
    return np.mean([abs((window * kernel).sum()) for window in windows])


def test_it_gives_the_mean_absolute_response_to_each_filter():
    picture = np.random.default_rng(0).random((20, 17)).astype("float32")
    features = FilterBank(scales=[1.0, 2.0], angles=3)(picture[None, :, :, None])
    expected = [mean_absolute_response(picture, kernel) for _, kernel in sorted_by_size([1.0, 2.0], 3)]
    np.testing.assert_allclose(features[0], expected, rtol=1e-4)


def sorted_by_size(scales, angles):
    return sorted(texture_filters(scales, angles), key=lambda each: len(each[1]))


def test_a_flat_picture_has_no_texture():
    features = FilterBank()(np.full((1, 20, 20, 1), 0.7, "float32"))
    np.testing.assert_allclose(features, np.zeros((1, 18)), atol=1e-6)


def test_upright_stripes_answer_to_the_upright_bar():
    stripes = np.tile(np.sin(np.arange(40) * 1.4), (40, 1)).astype("float32")
    names = [name for name, _ in sorted_by_size([1.0], 6)]
    features = np.asarray(FilterBank(scales=[1.0])(stripes[None, :, :, None]))[0]
    bars = {name: value for name, value in zip(names, features, strict=True) if name.startswith("bar")}
    assert max(bars, key=bars.get) == "bar 1.0 0°"


def test_lying_stripes_answer_to_the_lying_bar():
    stripes = np.tile(np.sin(np.arange(40) * 1.4), (40, 1)).T.astype("float32")
    names = [name for name, _ in sorted_by_size([1.0], 6)]
    features = np.asarray(FilterBank(scales=[1.0])(stripes[None, :, :, None]))[0]
    bars = {name: value for name, value in zip(names, features, strict=True) if name.startswith("bar")}
    assert max(bars, key=bars.get) == "bar 1.0 90°"


def test_nothing_in_it_can_be_trained():
    layer = FilterBank()
    layer(np.ones((1, 20, 20, 1), "float32"))
    layer.trainable = True
    assert layer.trainable_weights == []


@pytest.mark.parametrize(("name", "kernel"), texture_filters())
def test_every_filter_is_balanced(name, kernel):
    assert kernel.sum() == pytest.approx(0, abs=1e-9), name
    assert kernel[kernel > 0].sum() == pytest.approx(1), name
