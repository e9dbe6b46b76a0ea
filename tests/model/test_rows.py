"""The summary's numbers: right for every net of the catalog, and against TensorFlow's own count of operations."""

import keras
import pytest
import tensorflow as tf
from keras import layers
from tensorflow.python.framework import ops

from tlkit import catalog
from tlkit.model.building import build_paper_net
from tlkit.model.layer_table import layer_rows, totals

ZEROS = {"initializer": "zeros"}  # the numbers do not depend on it, and it is fast


SMALL = {"vgg16": (32, 32, 3), "vgg19": (32, 32, 3), "alexnet": (67, 67, 3)}  # for what does not hang on the head


def paper(name, shape=None, classes=None, **arguments):
    taken = catalog.arguments(name, catalog.NETS, kind="net") or {}
    return build_paper_net(name, shape, classes, {**(ZEROS if "initializer" in taken else {}), **arguments})


def single(layer, shape):
    inputs = keras.Input(shape)
    (row,) = layer_rows(keras.Model(inputs, layer(inputs)))
    return row


@pytest.mark.parametrize("name", catalog.NETS)
def test_every_parameter_of_a_catalog_net_stands_in_one_row(name):
    model = paper(name, SMALL.get(name))
    sums = totals(layer_rows(model))
    assert sums.trainable + sums.frozen == model.count_params()
    assert sums.exact
    assert sums.multiply_adds > 0


def counted_by_tensorflow(model):
    """Multiply-adds of convolutions and matrix products, by TensorFlow's own statistics of its graph."""
    spec = tf.TensorSpec((1, *model.input_shape[1:]), "float32")
    graph = tf.function(lambda x: model(x, training=False)).get_concrete_function(spec).graph
    counted = 0
    for op in graph.get_operations():
        if op.type in ("Conv2D", "DepthwiseConv2dNative", "MatMul", "BatchMatMulV2"):
            counted += ops.get_stats_for_node_def(graph, op.node_def, "flops").value or 0
    return counted // 2


TF_SEES = (
    "lenet5",
    "alexnet",
    "vgg16",
    "resnet18",
    "resnet50",
    "resnet20",
    "inception",
    "mobilenet",
    "nin",
    "mlp",
    "cnn",
)


@pytest.mark.parametrize("name", TF_SEES)
def test_multiply_adds_are_those_that_tensorflow_counts(name):
    norm = {"response_norm": False} if name in ("alexnet", "inception") else {}  # TensorFlow counts its matrix product
    model = paper(name, SMALL.get(name), **norm)
    assert totals(layer_rows(model)).multiply_adds == counted_by_tensorflow(model)


def test_the_table_of_lenet5_is_the_textbook_s():
    rows = {row.layer: row for row in layer_rows(paper("lenet5"))}
    weighty = ["block1_conv", "block2_conv", "dense1", "dense2", "output"]
    assert [rows[name].trainable for name in weighty] == [456, 2_416, 48_120, 10_164, 850]
    places = ["block1_conv", "block1_pool", "block2_conv", "block2_pool"]
    assert [rows[name].activations for name in places] == [4704, 1176, 1600, 400]
    assert [rows[name].receptive_field for name in places] == ["5", "6", "14", "16"]
    assert [rows[name].multiply_adds for name in weighty] == [352_800, 240_000, 48_000, 10_080, 840]
    assert rows["flatten"].receptive_field == rows["output"].receptive_field == "all"


@pytest.mark.parametrize(
    ("name", "arguments", "trainable", "frozen", "low", "high"),
    [
        ("alexnet", {}, 62_378_344, 0, 1.13e9, 1.14e9),
        ("alexnet", {"groups": 2}, 60_965_224, 0, 0.71e9, 0.73e9),
        ("resnet50", {}, 25_557_032, 53_120, 3.8e9, 4.1e9),
        ("resnet18", {}, 11_689_512, 9_600, 1.81e9, 1.82e9),
        ("mobilenet", {}, 4_231_976, 21_888, 568.5e6, 569.5e6),
        ("inception", {}, 6_998_552, 0, 1.5e9, 1.6e9),
    ],
)
def test_nets_have_the_literature_s_sizes(name, arguments, trainable, frozen, low, high):
    sums = totals(layer_rows(paper(name, **arguments)))
    assert (sums.trainable, sums.frozen) == (trainable, frozen)
    assert low <= sums.multiply_adds <= high


@pytest.mark.parametrize(
    ("name", "parameters", "low", "high"),
    [
        ("MobileNetV2", 3_538_984, 300e6, 302e6),
        ("ResNet50", 25_636_712, 3.8e9, 4.1e9),
        ("DenseNet121", 8_062_504, 2.8e9, 2.9e9),
        ("EfficientNetB0", 5_330_571, 0.38e9, 0.4e9),
        ("efficientnet-lite0", 4_694_024, 0.38e9, 0.41e9),
    ],
)
def test_backbones_have_the_literature_s_sizes(name, parameters, low, high):
    sums = totals(layer_rows(build_paper_net(name, None, None, {})))
    assert sums.trainable + sums.frozen == parameters
    assert low <= sums.multiply_adds <= high


@pytest.mark.parametrize(("name", "field"), [("resnet50", "427"), ("vgg16", "212"), ("alexnet", "195")])
def test_receptive_fields_are_those_of_the_literature(name, field):
    *_, last = [row for row in layer_rows(paper(name, SMALL.get(name))) if row.part != "head"]
    assert last.receptive_field == field


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (layers.Conv1D(4, 7, strides=2), (20, 2), 7 * 7 * 2 * 4),
        (layers.Conv2D(6, 3, groups=2), (10, 10, 4), 64 * 9 * 2 * 6),
        (layers.Conv3D(2, 3), (6, 6, 6, 1), 64 * 27 * 2),
        (layers.DepthwiseConv2D(3, depth_multiplier=2), (10, 10, 4), 64 * 9 * 8),
        (layers.SeparableConv2D(8, 3), (10, 10, 4), 64 * (9 * 4 + 4 * 8)),
        (layers.Conv2DTranspose(3, 2, strides=2), (5, 5, 4), 25 * 4 * 4 * 3),
        (layers.Dense(3), (7, 5), 7 * 15),
        (layers.BatchNormalization(), (7, 5), 0),
        (layers.Embedding(10, 4), (7,), 0),
        (layers.LSTM(4), (7, 2), None),
    ],
)
def test_multiply_adds_of_single_layers(layer, shape, expected):
    assert single(layer, shape).multiply_adds == expected


def test_a_dilated_and_a_rectangular_window_see_what_they_span():
    assert single(layers.Conv2D(1, 3, dilation_rate=2), (9, 9, 1)).receptive_field == "5"
    assert single(layers.Conv2D(1, (1, 7)), (9, 9, 1)).receptive_field == "1x7"


def test_an_activation_stands_with_the_branch_it_acts_on():
    inputs = keras.Input((4, 4, 2))
    left, right = (layers.Conv2D(3, 1, name=name)(inputs) for name in ("left", "right"))
    ends = [layers.ReLU()(left), layers.Dropout(0.5)(layers.ELU()(right))]
    rows = {row.layer: row for row in layer_rows(keras.Model(inputs, layers.Concatenate()(ends)))}
    assert (rows["left"].details, rows["right"].details) == ("1x1 relu", "1x1 elu drop 0.5")


def test_splitting_saves_all_but_one_over_n_and_one_over_f_squared():
    row = single(layers.Conv2D(64, 3, padding="same"), (8, 8, 16))
    assert row.split_multiply_adds / row.multiply_adds == pytest.approx(1 / 64 + 1 / 9)
    assert single(layers.Conv2D(64, 1), (8, 8, 16)).split_multiply_adds is None


def test_a_layer_used_twice_counts_its_weights_once_and_its_work_twice():
    inputs, layer = keras.Input((4,)), layers.Dense(4)
    sums = totals(layer_rows(keras.Model(inputs, layer(layer(inputs)))))
    assert (sums.trainable, sums.multiply_adds) == (20, 32)


def test_views_share_weights_and_each_is_worked_on():
    one, twelve = (totals(layer_rows(paper("multiview", (views, 32, 32, 1)))) for views in (1, 12))
    assert one.trainable == twelve.trainable
    head = 128 * 10
    assert twelve.multiply_adds - head == 12 * (one.multiply_adds - head)


def test_memory_is_weights_and_outputs_in_their_own_precision():
    row = single(layers.Conv2D(2, 3), (5, 5, 1))
    assert row.memory == 4 * (9 * 2 + 2) + 4 * (3 * 3 * 2)
    half = single(layers.Conv2D(2, 3, dtype="mixed_bfloat16"), (5, 5, 1))
    assert half.memory == 4 * (9 * 2 + 2) + 2 * (3 * 3 * 2)


def test_a_model_without_a_graph_is_one_row_whose_work_is_not_known():
    inputs = keras.Input((4, 2))
    row = single(layers.LSTM(3), (4, 2))
    assert row.trainable == 4 * 3 * (2 + 3 + 1)
    assert not totals(layer_rows(keras.Model(inputs, layers.LSTM(3)(inputs)))).exact
