"""TensorFlow's fused batch normalisation against Keras's own."""

import keras
import numpy as np
import pytest

from tlkit.compat.fused_norms import fuse_norms

pytestmark = pytest.mark.contract

SHAPES = {"pictures": (6, 6, 4), "signals": (10, 4), "voxels": (4, 4, 4, 2)}


def net(shape, **options):
    keras.utils.set_random_seed(3)
    inputs = keras.Input(shape)
    norm = keras.layers.BatchNormalization(momentum=0.9, name="norm", **options)(inputs)
    return keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(norm)))


def trained(model, steps=5):
    """Weights and statistics behind a few steps."""
    model.compile(optimizer=keras.optimizers.SGD(0.05), loss="mse")
    rng = np.random.default_rng(1)
    for _ in range(steps):
        x = rng.normal(2, 3, size=(8, *model.input_shape[1:])).astype("float32")
        model.train_on_batch(x, rng.normal(size=(8, 2)).astype("float32"))
    return model.get_weights()


def fused(model):
    fuse_norms(model)
    assert "call" in vars(model.get_layer("norm"))
    return model


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_weights_and_statistics_move_as_keras_moves_them(shape):
    for mine, own in zip(trained(fused(net(shape))), trained(net(shape)), strict=True):
        np.testing.assert_allclose(mine, own, rtol=1e-3, atol=1e-5)


def test_a_norm_without_gain_and_shift_is_fused_as_well():
    options = {"scale": False, "center": False}
    for mine, own in zip(trained(fused(net((6, 6, 4), **options))), trained(net((6, 6, 4), **options)), strict=True):
        np.testing.assert_allclose(mine, own, rtol=1e-3, atol=1e-5)


def test_a_frozen_norm_keeps_its_statistics():
    model = fused(net((6, 6, 4)))
    model.get_layer("norm").trainable = False
    before = [np.array(each) for each in model.get_layer("norm").get_weights()]
    trained(model)
    for mine, own in zip(model.get_layer("norm").get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, own)


def test_bfloat16_keeps_its_statistics_in_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = fused(net((6, 6, 4)))
        weights = trained(model)
    finally:
        keras.config.set_dtype_policy("float32")
    assert all(each.dtype == np.float32 for each in weights)
    np.testing.assert_allclose(model.get_layer("norm").moving_mean, trained(net((6, 6, 4)))[2], rtol=0.02)


def test_norms_of_vectors_and_of_other_axes_are_left_alone():
    model = keras.Sequential(
        [keras.Input((6, 4)), keras.layers.BatchNormalization(axis=1), keras.layers.Flatten(),
         keras.layers.BatchNormalization()]
    )  # fmt: skip
    fuse_norms(model)
    assert not any("call" in vars(layer) for layer in model.layers)
