import keras
import numpy as np
import pytest

from tlkit.layers.locally_connected import LocallyConnected1D, LocallyConnected2D


def test_each_position_of_a_signal_has_its_own_weights():
    x = np.random.default_rng(0).normal(size=(2, 9, 3)).astype("float32")
    layer = LocallyConnected1D(4, kernel_size=3, strides=2)
    result = layer(x)
    kernel, bias = (np.asarray(each) for each in layer.get_weights())
    for position in range(4):
        patch = x[:, 2 * position : 2 * position + 3].reshape(2, -1)
        np.testing.assert_allclose(result[:, position], patch @ kernel[position] + bias[position], rtol=1e-4, atol=1e-5)


def test_each_position_of_a_picture_has_its_own_weights():
    x = np.random.default_rng(0).normal(size=(2, 7, 6, 3)).astype("float32")
    layer = LocallyConnected2D(4, kernel_size=(3, 2), strides=(2, 1), use_bias=False)
    result = np.asarray(layer(x))
    (kernel,) = layer.get_weights()
    assert result.shape == (2, 3, 5, 4)
    for row in range(3):
        for column in range(5):
            patch = x[:, 2 * row : 2 * row + 3, column : column + 2].reshape(2, -1)
            expected = patch @ kernel[5 * row + column]
            np.testing.assert_allclose(result[:, row, column], expected, rtol=1e-4, atol=1e-5)


def test_with_the_same_weights_everywhere_it_is_a_convolution():
    x = np.random.default_rng(0).normal(size=(2, 7, 7, 3)).astype("float32")
    convolution = keras.layers.Conv2D(4, 3)
    expected = convolution(x)
    layer = LocallyConnected2D(4, kernel_size=3)
    layer.build(x.shape)
    shared = np.asarray(convolution.kernel).reshape(1, 27, 4)
    layer.set_weights([np.repeat(shared, 25, axis=0), np.zeros((25, 4))])
    np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("initializer", ["he_normal", "glorot_uniform", "lecun_normal"])
def test_weights_start_as_wide_as_those_of_a_dense_layer_on_one_window(initializer):
    layer = LocallyConnected1D(32, kernel_size=5, kernel_initializer=initializer)
    layer.build((None, 60, 8))
    dense = keras.layers.Dense(32, kernel_initializer=initializer)
    dense.build((None, 40))
    assert np.std(layer.get_weights()[0]) == pytest.approx(np.std(dense.get_weights()[0]), rel=0.1)


def test_a_window_larger_than_the_input_is_refused():
    with pytest.raises(ValueError, match="needs a fixed input"):
        LocallyConnected1D(4, kernel_size=9).build((None, 5, 1))
