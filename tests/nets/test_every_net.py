"""What every net of the catalog must do, shown on tiny inputs and widths."""

import re

import keras
import numpy as np
import pytest
from keras import layers
from small_nets import SMALL
from textbook import heads_of

from tlkit import catalog
from tlkit.errors import ModelError

EACH = pytest.mark.parametrize("name", SMALL)


def net(name):
    shape, sizes = SMALL[name]
    return catalog.resolve(name, catalog.NETS, kind="net")(shape, **sizes)


def classifier(name):
    backbone = net(name)
    outputs = layers.Dense(2, activation="softmax")(layers.Flatten()(backbone.output))
    model = keras.Model(backbone.input, outputs)
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def examples(name):
    return np.random.default_rng(0).random((4, *SMALL[name][0]), dtype="float32"), np.array([0, 1, 0, 1])


def test_the_harness_knows_every_net():
    assert set(SMALL) == set(catalog.NETS)


@EACH
def test_a_net_trains_a_step_and_answers_the_same_when_reloaded(name, tmp_path):
    model = classifier(name)
    before = model.get_weights()
    x, y = examples(name)
    assert np.isfinite(model.train_on_batch(x, y))
    assert any(not np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True))
    model.save(tmp_path / "net.keras")
    loaded = keras.saving.load_model(tmp_path / "net.keras", safe_mode=True)
    np.testing.assert_allclose(loaded(x), model(x), rtol=1e-5, atol=1e-6)


@EACH
def test_a_net_trains_every_weight_it_has(name):
    model = net(name)
    x, _ = examples(name)
    backend = keras.backend.backend()
    if backend != "tensorflow":
        pytest.skip("gradients are asked of TensorFlow")
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(x, training=True) ** 2)
    gradients = tape.gradient(loss, [each.value for each in model.trainable_weights])
    idle = [each.path for each, gradient in zip(model.trainable_weights, gradients, strict=True) if gradient is None]
    assert idle == []


@EACH
def test_a_net_survives_as_its_config(name):
    model = net(name)
    twin = keras.Model.from_config(model.get_config())
    assert twin.output_shape == model.output_shape
    assert twin.count_params() == model.count_params()


def blocks_of(model):
    """Block name -> its last layer; the input belongs to none."""
    found = {}
    for layer in model.layers:
        if not isinstance(layer, layers.InputLayer):
            found[re.match(r"[a-z]+\d+(?=_)", layer.name).group()] = layer
    return found


@EACH
def test_a_net_can_be_cut_after_every_block(name):
    model = net(name)
    x, _ = examples(name)
    *before_last, _ = blocks_of(model).items()
    for block, end in before_last:
        middle = keras.Model(model.input, end.output)(x)
        rest = keras.Model(end.output, model.output)
        np.testing.assert_allclose(rest(middle), model(x), rtol=1e-5, atol=1e-5, err_msg=block)


@EACH
def test_defaults_can_be_read_without_importing_the_net(name):
    defaults = catalog.arguments(name, catalog.NETS, kind="net")
    assert defaults
    assert ... not in defaults.values()


@EACH
def test_a_net_names_the_head_of_its_paper(name):
    head = heads_of(name)
    assert set(head) == {"pooling", "units", "activation", "dropout", "classes", "input_shape"}
    assert len(head["input_shape"]) == len(SMALL[name][0])


@EACH
def test_an_input_of_another_rank_is_refused(name):
    if name in ("mlp",):
        pytest.skip("takes input of any shape")
    with pytest.raises(ModelError, match="Received"):
        catalog.resolve(name, catalog.NETS, kind="net")((8,))
