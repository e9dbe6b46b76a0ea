"""Blocks of a backbone, and that what is frozen stays as it is to the last bit."""

import keras
import numpy as np
import pytest

from tlkit import catalog
from tlkit.errors import ModelError
from tlkit.layers.views import PerView, ViewPooling
from tlkit.model.freezing import before, behind, find_blocks, freeze
from tlkit.nets.cnn import cnn
from tlkit.pretrained.backbones import build_pretrained
from tlkit.training.fitting import trainable_part


def small_cnn():
    return cnn((16, 16, 3), filters=[4, 6, 8, 10])


def lite():
    return build_pretrained("efficientnet-lite0", (32, 32, 3), "imagenet")


def head(shape, classes=2):
    inputs = keras.Input(shape)
    x = keras.layers.GlobalAveragePooling2D(name="pooling")(inputs)
    return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax", name="output")(x), name="head")


def values(layers):
    return {(layer.name, weight.path): np.array(weight) for layer in layers for weight in layer.weights}


def names(backbone):
    return [block.name for block in find_blocks(backbone)]


def test_the_blocks_of_the_plain_net_are_its_stages():
    assert len(names(small_cnn())) == 4
    assert len(set(names(small_cnn()))) == 4


def test_the_blocks_of_efficientnet_lite_are_stem_sixteen_blocks_and_top():
    assert names(lite()) == ["stem0", *(f"block{number}" for number in range(16)), "top0"]


@pytest.mark.parametrize("build", [small_cnn, lite])
def test_blocks_hold_every_layer_once_and_in_order(build):
    backbone = build()
    inside = [name for block in find_blocks(backbone) for name in block.layers]
    expected = [each.name for each in backbone.layers if not isinstance(each, keras.layers.InputLayer)]
    assert inside == expected
    assert all(block.end == block.layers[-1] for block in find_blocks(backbone))


@pytest.mark.parametrize("name", ["MobileNetV2", "ResNet50", "DenseNet121", "EfficientNetV2B0", "VGG16", "Xception"])
def test_backbones_of_keras_have_several_blocks_that_can_be_cut(name):
    size = (71, 71, 3) if name == "Xception" else (32, 32, 3)
    backbone = catalog.resolve(name, catalog.BACKBONES, kind="backbone")(
        weights=None, include_top=False, input_shape=size
    )
    blocks = find_blocks(backbone)
    assert len(blocks) >= 5
    for block in (blocks[0], blocks[-2]):
        assert behind(backbone, block.end).output_shape == backbone.output_shape


def test_none_freezes_all_and_all_freezes_none():
    backbone = small_cnn()
    assert freeze(backbone, "none") == backbone.layers[-1].name
    assert backbone.trainable_weights == []
    assert freeze(backbone, "all") is None
    assert all(layer.trainable for layer in backbone.layers)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_number_leaves_so_many_last_blocks_to_be_trained(count):
    backbone = small_cnn()
    blocks = find_blocks(backbone)
    assert freeze(backbone, count) == blocks[-count - 1].end
    kept = {name for block in blocks[-count:] for name in block.layers}
    assert {each.name for each in backbone.layers if each.trainable_weights} <= kept
    assert {each.name for each in backbone.layers if each.trainable} == kept


def test_layers_inside_layers_are_frozen_and_given_back():
    inputs = keras.Input((4, 16, 16, 3))
    backbone = keras.Model(inputs, ViewPooling(name="pool1")(PerView(small_cnn(), name="views1")(inputs)))
    whole = len(backbone.trainable_weights)
    freeze(backbone, "none")
    assert backbone.trainable_weights == []
    freeze(backbone, 1)
    assert len(backbone.trainable_weights) == whole > 0


def test_all_can_be_trained_again_after_a_phase_with_all_frozen():
    backbone = small_cnn()
    whole = len(backbone.trainable_weights)
    freeze(backbone, "none")
    freeze(backbone, "all")
    assert len(backbone.trainable_weights) == whole > 0


def test_as_many_as_there_are_freezes_none():
    assert freeze(small_cnn(), 4) is None
    assert freeze(small_cnn(), 0) is not None


@pytest.mark.parametrize("count", [5, -1])
def test_more_blocks_than_there_are_is_refused(count):
    with pytest.raises(ModelError, match=f"expected 0 to 4 blocks for this backbone, found {count}"):
        freeze(small_cnn(), count)


def test_freezing_less_afterwards_gives_layers_back():
    backbone = small_cnn()
    freeze(backbone, "none")
    freeze(backbone, 2)
    fresh = small_cnn()
    freeze(fresh, 2)
    assert len(backbone.trainable_weights) == len(fresh.trainable_weights) > 0


@pytest.mark.parametrize("build", [small_cnn, lite])
def test_the_part_before_and_the_part_behind_make_the_whole(build):
    backbone = build()
    pictures = np.random.default_rng(0).normal(size=(2, *backbone.input_shape[1:])).astype(np.float32)
    cut = freeze(backbone, 2)
    front, tail = before(backbone, cut), behind(backbone, cut)
    np.testing.assert_allclose(tail(front(pictures)), backbone(pictures), rtol=1e-4, atol=1e-5)


def test_the_part_behind_shares_its_weights_with_the_whole():
    backbone = small_cnn()
    tail = behind(backbone, freeze(backbone, 1))
    weight = tail.trainable_weights[0]
    weight.assign(weight * 0 + 3)
    assert any(each is weight for each in backbone.trainable_weights)
    assert before(backbone, None) is backbone


def fitted(model, shape, *, epochs=2):
    rng = np.random.default_rng(0)
    inputs, targets = (
        rng.normal(3, 5, size=(16, *shape)).astype(np.float32),
        np.eye(2, dtype=np.float32)[rng.integers(0, 2, 16)],
    )
    model.compile(keras.optimizers.SGD(0.5, momentum=0.9, weight_decay=0.01), "categorical_crossentropy")
    model.fit(inputs, targets, batch_size=8, epochs=epochs, verbose=0)


@pytest.mark.parametrize("build", [small_cnn, lite])
@pytest.mark.parametrize("whole", [True, False], ids=["through the whole", "behind the cut"])
def test_frozen_weights_and_statistics_do_not_move_by_one_bit(build, whole):
    backbone = build()
    cut = freeze(backbone, 2)
    frozen = [name for block in find_blocks(backbone)[:-2] for name in block.layers]
    fixed = [backbone.get_layer(name) for name in frozen]
    moving = [layer for layer in backbone.layers if layer.name not in frozen]
    kept, started = values(fixed), values(moving)
    top = head(backbone.output_shape[1:])
    if whole:
        inputs = keras.Input(backbone.input_shape[1:])
        fitted(keras.Model(inputs, top(backbone(inputs))), backbone.input_shape[1:])
    else:
        part = trainable_part(backbone, top, cut)
        fitted(part, part.input_shape[1:])
    assert any("moving_variance" in path for _, path in kept)
    for key, value in values(fixed).items():
        np.testing.assert_array_equal(value, kept[key], err_msg=str(key), strict=True)
    assert all((value != started[key]).any() for key, value in values(moving).items())


def test_with_all_frozen_only_the_head_is_trained():
    backbone = small_cnn()
    freeze(backbone, "none")
    before_fit, top = values(backbone.layers), head(backbone.output_shape[1:])
    inputs = keras.Input((16, 16, 3))
    fitted(keras.Model(inputs, top(backbone(inputs))), (16, 16, 3))
    assert all((value == before_fit[key]).all() for key, value in values(backbone.layers).items())
