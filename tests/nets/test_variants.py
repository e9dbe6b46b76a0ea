"""What the nets' own arguments change."""

import keras
import numpy as np
import pytest

from tlkit.errors import ModelError
from tlkit.layers.locally_connected import LocallyConnected1D
from tlkit.nets.alexnet import alexnet
from tlkit.nets.inception import inception
from tlkit.nets.inception1d import inception1d
from tlkit.nets.local import local
from tlkit.nets.mlp import mlp
from tlkit.nets.mobilenet import mobilenet
from tlkit.nets.multiview import multiview
from tlkit.nets.nin import nin
from tlkit.nets.resnet1d import resnet1d
from tlkit.nets.resnet_small import resnet20
from tlkit.nets.voxnet import voxnet


def names(model):
    return [layer.name for layer in model.layers]


def test_a_residual_net_of_zero_weights_passes_its_input_on():
    model = resnet20((8, 8, 3), filters=[3], repeats=2, batch_norm="none")
    model.set_weights([np.zeros_like(each) for each in model.get_weights()])
    stem = model.get_layer("stem0_conv")
    identity = np.zeros((3, 3, 3, 3))
    identity[1, 1] = np.eye(3)
    stem.set_weights([identity, np.zeros(3)])
    x = np.random.default_rng(0).random((1, 8, 8, 3), dtype="float32")
    np.testing.assert_allclose(model(x), x, rtol=1e-6)


def test_a_plain_net_of_zero_weights_passes_nothing_on():
    model = resnet20((8, 8, 3), filters=[3], repeats=2, batch_norm="none", shortcut=False, initializer="zeros")
    assert not np.any(model(np.ones((1, 8, 8, 3))))


def test_a_shortcut_without_weights_adds_zero_channels_around_every_second_pixel():
    model = resnet20((8, 8, 4), filters=[4, 8], repeats=1)
    x = np.random.default_rng(0).random((1, 8, 8, 4), dtype="float32")
    before, after = model.get_layer("block1_activation").output, model.get_layer("block2_shortcut_pad").output
    stage, around = keras.Model(model.input, [before, after])(x)
    expected = np.pad(np.asarray(stage)[:, ::2, ::2], ((0, 0), (0, 0), (0, 0), (2, 2)))
    np.testing.assert_array_equal(around, expected)


def test_maxout_in_a_residual_net_is_refused():
    with pytest.raises(ModelError, match="maxout halves the channels"):
        resnet20((8, 8, 3), activation="maxout")


def test_a_plain_twin_has_no_addition():
    for build in (resnet20, lambda shape, **given: resnet1d((16, 2), **given)):
        assert any("_add" in name for name in names(build((8, 8, 3))))
        assert not any("_add" in name for name in names(build((8, 8, 3), shortcut=False)))


def test_groups_keep_the_two_towers_apart():
    model = alexnet((67, 67, 3), filters=[4, 4, 4, 4, 4], groups=2, response_norm=False)
    assert model.get_layer("conv2_conv").kernel.shape == (5, 5, 2, 4)
    assert model.get_layer("conv3_conv").kernel.shape == (3, 3, 4, 4)


def test_response_norm_can_be_left_out():
    assert "conv1_lrn" not in names(alexnet((67, 67, 3), filters=[4] * 5, response_norm=False))


def test_alexnet_names_the_smallest_input():
    with pytest.raises(ModelError, match=r"alexnet: conv5_pool: .* The smallest input that works is 67 x 67"):
        alexnet((64, 64, 3))


def test_the_naive_inception_module_has_no_1_x_1_reductions():
    model = inception((32, 32, 3), width=0.125, bottleneck=False)
    assert not any("reduce" in name or "project" in name for name in names(model))


@pytest.mark.parametrize("activation", ["relu", "maxout"])
@pytest.mark.parametrize("batch_norm", ["none", "before", "after"])
def test_separable_blocks_take_any_activation_and_batch_norm(activation, batch_norm):
    model = mobilenet((8, 8, 3), filters=[4], stride=1, stem_filters=2, activation=activation, batch_norm=batch_norm)
    assert model.output_shape == (None, 4, 4, 4)


def test_a_local_net_works_on_signals_too():
    model = local((16, 2), filters=[3], padding=1)
    assert isinstance(model.get_layer("block1_conv"), LocallyConnected1D)
    assert model.output_shape == (None, 8, 3)


def test_a_local_net_refuses_same_padding():
    with pytest.raises(ModelError, match="'valid' or a number"):
        local((16, 16, 1), padding="same")


def test_pooling_shortens_long_signals():
    assert resnet1d((64, 1), filters=[2, 2], pooling="max").output_shape == (None, 16, 2)
    assert inception1d((64, 1), filters=2, pooling="max").output_shape == (None, 16, 8)


def test_mixing_must_fit_the_stages():
    with pytest.raises(ModelError, match="mixing: expected 2 lists"):
        nin((8, 8, 3), filters=[4, 4], kernel=3)


def test_a_perceptron_takes_input_of_any_shape():
    assert mlp((5, 4, 3, 2), units=7).output_shape == (None, 7)


def test_voxnet_takes_one_dropout_or_one_a_stage():
    rates = [layer.rate for layer in voxnet((12, 12, 12, 1)).layers if "dropout" in layer.name]
    assert rates == [0.2, 0.3]
    one_stage = voxnet((12, 12, 12, 1), filters=[2], kernel=3, stride=1).layers
    assert [layer.rate for layer in one_stage if "dropout" in layer.name] == [0.2]
    assert [layer.rate for layer in voxnet((12, 12, 12, 1), dropout=0.1).layers if "dropout" in layer.name] == [
        0.1,
        0.1,
    ]
    with pytest.raises(ModelError, match="dropout: expected one number or 2"):
        voxnet((12, 12, 12, 1), dropout=[0.1])


def test_the_order_of_the_views_does_not_matter():
    model = multiview((3, 8, 8, 1), options={"filters": [2]})
    x = np.random.default_rng(0).random((2, 3, 8, 8, 1), dtype="float32")
    np.testing.assert_allclose(model(x), model(x[:, ::-1]), rtol=1e-6)


def test_a_multiview_net_takes_a_function_as_backbone():
    model = multiview((3, 4, 4, 1), backbone=mlp, options={"units": 5}, pooling="average")
    assert model.output_shape == (None, 5)


def test_a_multiview_net_takes_a_pretrained_backbone():
    model = multiview((2, 32, 32, 3), backbone="efficientnet-lite0", weights="none")
    assert model.output_shape == (None, 1, 1, 1280)


def test_a_backbone_that_is_a_net_of_ours_too_is_ours():
    model = multiview((2, 32, 32, 1), backbone="resnet18", options={"filters": [2], "repeats": 1})
    assert model.output_shape == (None, 8, 8, 2)
