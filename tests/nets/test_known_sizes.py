"""Parameters and multiply-adds as the literature counts them."""

import math

import pytest
from textbook import multiply_adds, trainable, whole

START = {"initializer": "zeros"}  # the numbers do not depend on it, and it is fast


def test_lenet5_has_the_textbook_s_parameters():
    model = whole("lenet5")
    assert [layer.count_params() for layer in model.layers if layer.weights] == [456, 2_416, 48_120, 10_164, 850]
    assert model.count_params() == 62_006


def test_lenet5_has_the_textbook_s_activations():
    model = whole("lenet5")
    names = ["block1_conv", "block1_pool", "block2_conv", "block2_pool"]
    assert [math.prod(model.get_layer(name).output.shape[1:]) for name in names] == [4704, 1176, 1600, 400]


@pytest.mark.parametrize(("groups", "parameters"), [(1, 62_378_344), (2, 60_965_224)])
def test_alexnet(groups, parameters):
    assert whole("alexnet", groups=groups, **START).count_params() == parameters


def test_vgg16():
    assert whole("vgg16", **START).count_params() == 138_357_544


@pytest.mark.parametrize(
    ("name", "weights", "statistics"),
    [
        ("resnet18", 11_689_512, 9_600),
        ("resnet34", 21_797_672, 17_024),
        ("resnet50", 25_557_032, 53_120),
        ("resnet20", 269_722, 1_376),
        ("resnet56", 853_018, 4_064),
        ("resnet110", 1_727_962, 8_096),
        ("mobilenet", 4_231_976, 21_888),
    ],
)
def test_nets_with_batch_norm(name, weights, statistics):
    model = whole(name, **START)
    assert (trainable(model), model.count_params() - trainable(model)) == (weights, statistics)


@pytest.mark.parametrize("name", ["resnet20", "resnet56"])
def test_a_plain_twin_has_as_many_parameters(name):
    assert whole(name, shortcut=False).count_params() == whole(name).count_params()


def test_googlenet_with_biases_and_without_auxiliary_heads():
    assert whole("inception", **START).count_params() == 6_998_552


def test_network_in_network_for_ten_classes():
    assert whole("nin", **START).count_params() == 966_986


def test_voxnet_for_the_forty_classes_of_its_paper():
    assert whole("voxnet", classes=40).count_params() == 921_736


def test_mobilenet_of_half_the_width():
    assert trainable(whole("mobilenet", width=0.5, **START)) == 1_331_592


@pytest.mark.parametrize(
    ("name", "sizes", "low", "high"),
    [
        ("mobilenet", {}, 568.5e6, 569.5e6),
        ("resnet50", {}, 3.8e9, 4.1e9),
        ("alexnet", {"groups": 2}, 0.71e9, 0.73e9),
        ("inception", {}, 1.5e9, 1.6e9),
    ],
)
def test_multiply_adds(name, sizes, low, high):
    assert low <= multiply_adds(whole(name, **sizes, **START)) <= high


def test_separable_convolutions_save_what_the_formula_says():
    ordinary, separable = (multiply_adds(whole("mobilenet", separable=each, **START)) for each in (False, True))
    assert 8 < ordinary / separable < 9  # 1 / (1/n + 1/9), a little less for the stem and the head


def test_the_bottleneck_saves_multiply_adds():
    naive, thin = (multiply_adds(whole("inception", width=0.25, bottleneck=each)) for each in (False, True))
    assert naive > 5 * thin
