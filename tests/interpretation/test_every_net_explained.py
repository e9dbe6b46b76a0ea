"""Every net of the catalog can be explained, or says which methods still work."""

import keras
import numpy as np
import pytest

import tlkit
from tlkit import catalog
from tlkit.errors import ModelError
from tlkit.model.building import Head, assemble, build_head

THIN = {"filters": [2, 3]}
RESIDUAL = {"filters": [2, 3], "repeats": 1}
CASES = {
    "cnn": ((16, 16, 3), THIN),
    "lenet5": ((24, 24, 1), {}),
    "alexnet": ((67, 67, 3), {"filters": [4, 4, 4, 4, 4], "groups": 2}),
    "vgg16": ((16, 16, 3), {"filters": [2, 3], "repeats": [1, 2]}),
    "vgg19": ((16, 16, 3), {"filters": [2, 3], "repeats": [1, 2]}),
    "resnet18": ((32, 32, 3), RESIDUAL),
    "resnet34": ((32, 32, 3), RESIDUAL),
    "resnet50": ((32, 32, 3), RESIDUAL),
    "resnet20": ((16, 16, 3), RESIDUAL),
    "resnet56": ((16, 16, 3), RESIDUAL),
    "resnet110": ((16, 16, 3), RESIDUAL),
    "inception": ((32, 32, 3), {"modules": [[3, 3, 4, 2, 3, 3]] * 3, "stem_filters": [4, 4, 4]}),
    "mobilenet": ((16, 16, 3), {"filters": [4, 6], "stride": [1, 2], "stem_filters": 2}),
    "nin": ((16, 16, 3), {"filters": [2, 3], "kernel": 3, "mixing": [[2], [3]]}),
    "mlp": ((4, 4, 1), {"units": [4, 3]}),
    "local": ((12, 12, 1), THIN),
    "cnn1d": ((16, 2), THIN),
    "resnet1d": ((16, 2), THIN),
    "inception1d": ((16, 2), {"modules": 2, "filters": 2, "bottleneck_filters": 2, "shortcut_every": 1}),
    "rocket": ((16, 2), {"kernels": 20}),
    "multiview": ((3, 8, 8, 1), {"options": THIN}),
    "voxnet": ((12, 12, 12, 1), {"filters": [2, 3]}),
    "filter-bank": ((16, 16, 1), {}),
}
WITHOUT_MAPS = ("mlp", "rocket", "filter-bank")
WITHOUT_SHARED_WINDOWS = (*WITHOUT_MAPS, "local")
EACH = pytest.mark.parametrize("name", CASES)


def model_of(name):
    shape, sizes = CASES[name]
    keras.utils.set_random_seed(0)
    inputs = keras.Input(shape)
    preprocessing = keras.Model(inputs, keras.layers.Rescaling(2.0, name="to_float")(inputs), name="preprocessing")
    backbone = catalog.resolve(name, catalog.NETS, kind="net")(shape, **sizes)
    backbone.name = "backbone"
    head = build_head(backbone.output_shape[1:], Head("label", 3, "average", dropout=0.1))
    return assemble(preprocessing, backbone, head)


def example(name):
    return np.random.default_rng(1).random(CASES[name][0], dtype="float32")


def test_every_net_is_tried():
    assert set(CASES) == set(catalog.NETS)


@EACH
def test_a_heat_map_from_the_layers_of_a_net(name):
    if name in WITHOUT_MAPS:
        with pytest.raises(ModelError, match="still work: occlusion, invariance"):
            tlkit.explain(model_of(name), example(name), "gradcam")
        return
    found = tlkit.explain(model_of(name), example(name), "gradcam", class_name="1")
    assert found.heat.shape == CASES[name][0][:-1]
    assert np.isfinite(found.heat).all()
    assert found.figures


@EACH
def test_a_heat_map_by_covering_a_window(name):
    patch = 2 if min(CASES[name][0][:-1]) < 8 else 4
    found = tlkit.explain(model_of(name), example(name), "occlusion", patch=patch, stride=patch)
    assert found.heat.shape == CASES[name][0][:-1]
    assert np.ptp(found.arrays["probabilities"]) > 0


@EACH
def test_the_first_filters_of_a_net(name):
    if name in WITHOUT_SHARED_WINDOWS:
        with pytest.raises(ModelError):
            tlkit.explain(model_of(name), example(name), "filters")
    else:
        filters = tlkit.explain(model_of(name), example(name), "filters").arrays["filters"]
        assert filters.ndim in (3, 4, 5)
