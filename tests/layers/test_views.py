import keras
import numpy as np
import pytest

from tlkit.layers.views import PerView, ViewPooling


def test_the_same_layer_sees_every_view():
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 5, 2)).astype("float32")
    convolution = keras.layers.Conv2D(4, 3)
    result = PerView(convolution)(x)
    for view in range(3):
        np.testing.assert_allclose(result[:, view], convolution(x[:, view]), rtol=1e-4, atol=1e-5)


def test_a_frozen_view_layer_freezes_what_it_wraps():
    layer = PerView(keras.layers.Dense(4))
    layer(np.ones((1, 3, 2), "float32"))
    layer.trainable = False
    assert layer.trainable_weights == []
    assert len(layer.weights) == 2


@pytest.mark.parametrize(("pooling", "expected"), [("max", np.max), ("average", np.mean)])
def test_views_are_pooled_over_their_axis(pooling, expected):
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 4, 2)).astype("float32")
    np.testing.assert_allclose(ViewPooling(pooling)(x), expected(x, axis=1), rtol=1e-5, atol=1e-6)


def test_another_pooling_is_refused():
    with pytest.raises(ValueError, match="expected 'max' or 'average'"):
        ViewPooling("median")
