import keras
import numpy as np
import pytest

from tlkit.errors import ModelError
from tlkit.nets import blocks
from tlkit.nets.cnn import cnn

ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish", "maxout", "softmax", "none")


def names(model):
    return [layer.name for layer in model.layers if layer.name.startswith("block1_")]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_of_the_notes_leaves_the_filters_asked_for(activation):
    model = cnn((8, 8, 1), filters=[4], activation=activation)
    assert model.output_shape == (None, 4, 4, 4)
    assert np.isfinite(model(np.ones((1, 8, 8, 1)))).all()


def test_a_misspelt_activation_names_its_neighbour():
    with pytest.raises(ModelError, match="Did you mean 'relu'"):
        cnn((8, 8, 1), activation="rellu")


def test_batch_norm_stands_before_the_activation_and_replaces_the_bias():
    model = cnn((8, 8, 1), filters=[4], batch_norm="before")
    assert names(model) == ["block1_conv", "block1_bn", "block1_activation", "block1_pool"]
    assert not model.get_layer("block1_conv").use_bias


def test_batch_norm_stands_after_the_activation_and_leaves_the_bias():
    model = cnn((8, 8, 1), filters=[4], batch_norm="after")
    assert names(model) == ["block1_conv", "block1_activation", "block1_bn", "block1_pool"]
    assert model.get_layer("block1_conv").use_bias


def test_without_batch_norm_and_pooling_only_the_convolution_is_left():
    model = cnn((8, 8, 1), filters=[4], batch_norm="none", pooling="none", dropout=0.5, padding=1)
    assert names(model) == ["block1_pad", "block1_conv", "block1_activation", "block1_dropout"]


def test_another_place_for_batch_norm_is_refused():
    with pytest.raises(ModelError, match="batch_norm: expected one of none, before, after"):
        cnn((8, 8, 1), batch_norm="inside")


def test_another_pooling_is_refused():
    with pytest.raises(ModelError, match="pooling: expected 'max', 'average' or 'none'"):
        cnn((8, 8, 1), pooling="median")


@pytest.mark.parametrize(("padding", "kernel", "size"), [("valid", 3, 6), ("same", 3, 8), (2, 3, 10), (0, 3, 6)])
def test_padding_is_a_name_or_a_number(padding, kernel, size):
    model = cnn((8, 8, 1), filters=[2], kernel=kernel, padding=padding, pooling="none")
    assert model.output_shape == (None, size, size, 2)


def test_padding_2_for_ten_filters_of_five_costs_760_parameters():
    model = cnn((32, 32, 3), filters=[10], kernel=5, padding=2, pooling="none", batch_norm="none")
    assert model.output_shape == (None, 32, 32, 10)
    assert model.count_params() == 760


def test_zeros_as_initializer_give_zero_weights():
    kernel = cnn((8, 8, 1), filters=[2], initializer="zeros").get_layer("block1_conv").get_weights()[0]
    assert not kernel.any()


def test_large_normals_are_far_larger_than_he_s():
    large, usual = (
        cnn((8, 8, 16), filters=[64], initializer=each).get_layer("block1_conv").get_weights()[0].std()
        for each in ("large_normal", "he_normal")
    )
    assert large > 5 * usual


def test_two_layers_do_not_start_with_the_same_weights():
    model = cnn((8, 8, 4), filters=[4, 4])
    first, second = (model.get_layer(f"block{each}_conv").get_weights()[0] for each in (1, 2))
    assert not np.array_equal(first, second)


def test_a_misspelt_initializer_names_its_neighbour():
    with pytest.raises(ModelError, match="Did you mean 'he_normal'"):
        cnn((8, 8, 1), initializer="he_norml")


@pytest.mark.parametrize("shape", [(9, 2), (9, 9, 2), (9, 9, 9, 2)])
def test_one_block_serves_signals_pictures_and_volumes(shape):
    x = blocks.convolution(keras.Input(shape), 4, 3, name="block1", padding=1)
    x = blocks.pool(x, "average", 3, name="block1_pool")
    assert x.shape == (None, *[3] * (len(shape) - 1), 4)
