"""Every net of the catalog can be explained, or says which methods still work."""

import keras
import numpy as np
import pytest
from small_nets import SMALL

import tlkit
from tlkit import catalog
from tlkit.errors import ModelError
from tlkit.model.building import assemble
from tlkit.model.heads import Head, build_head

WITHOUT_MAPS = ("mlp", "rocket", "filter-bank")
WITHOUT_SHARED_WINDOWS = (*WITHOUT_MAPS, "local")
EACH = pytest.mark.parametrize("name", SMALL)


def model_of(name):
    shape, sizes = SMALL[name]
    keras.utils.set_random_seed(0)
    inputs = keras.Input(shape)
    preprocessing = keras.Model(inputs, keras.layers.Rescaling(2.0, name="to_float")(inputs), name="preprocessing")
    backbone = catalog.resolve(name, catalog.NETS, kind="net")(shape, **sizes)
    backbone.name = "backbone"
    head = build_head(backbone.output_shape[1:], Head("softmax", 3, pooling="average", dropout=0.1))
    return assemble(preprocessing, backbone, head)


def example(name):
    return np.random.default_rng(1).random(SMALL[name][0], dtype="float32")


def test_every_net_is_tried():
    assert set(SMALL) == set(catalog.NETS)


@EACH
def test_a_heat_map_from_the_layers_of_a_net(name):
    if name in WITHOUT_MAPS:
        with pytest.raises(ModelError, match="still work: occlusion, invariance"):
            tlkit.explain(model_of(name), example(name), "gradcam")
        return
    found = tlkit.explain(model_of(name), example(name), "gradcam", class_name="1")
    assert found.heat.shape == SMALL[name][0][:-1]
    assert np.isfinite(found.heat).all()
    assert found.figures


@EACH
def test_a_heat_map_by_covering_a_window(name):
    patch = 2 if min(SMALL[name][0][:-1]) < 8 else 4
    found = tlkit.explain(model_of(name), example(name), "occlusion", patch=patch, stride=patch)
    assert found.heat.shape == SMALL[name][0][:-1]
    assert np.ptp(found.arrays["probabilities"]) > 0


@EACH
def test_the_first_filters_of_a_net(name):
    if name in WITHOUT_SHARED_WINDOWS:
        with pytest.raises(ModelError):
            tlkit.explain(model_of(name), example(name), "filters")
    else:
        filters = tlkit.explain(model_of(name), example(name), "filters").arrays["filters"]
        assert filters.ndim in (3, 4, 5)
