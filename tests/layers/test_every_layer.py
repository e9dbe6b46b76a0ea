"""What every layer must do: run under each precision and as a graph, save and load, and answer on another engine."""

import importlib.util
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from tlkit.layers.appended import Appended
from tlkit.layers.filter_bank import FilterBank
from tlkit.layers.local_response_normalization import LocalResponseNormalization
from tlkit.layers.locally_connected import LocallyConnected1D, LocallyConnected2D
from tlkit.layers.maxout import Maxout
from tlkit.layers.random_kernels import RandomKernels
from tlkit.layers.views import PerView, ViewPooling

CASES = {
    "lrn": (lambda **given: LocalResponseNormalization(**given), (6, 6, 8)),
    "maxout": (lambda **given: Maxout(2, **given), (6, 6, 8)),
    "local1d": (lambda **given: LocallyConnected1D(4, 3, strides=2, **given), (10, 3)),
    "local2d": (lambda **given: LocallyConnected2D(4, (3, 2), **given), (7, 7, 2)),
    "per_view": (lambda **given: PerView(keras.layers.Conv2D(4, 3), **given), (3, 8, 8, 2)),
    "view_pooling": (lambda **given: ViewPooling(**given), (3, 4, 4, 2)),
    "random_kernels": (lambda **given: RandomKernels(20, **given), (600, 2)),  # long: shares above 0 go in steps
    "appended": (lambda **given: Appended([0.5, -2.0], **given), (6,)),
    "filter_bank": (lambda **given: FilterBank(scales=[1.0], angles=2, **given), (9, 9, 2)),
}
EACH = pytest.mark.parametrize("name", CASES)


def model_of(name, **given):
    make, shape = CASES[name]
    inputs = keras.Input(shape)
    return keras.Model(inputs, make(**given)(inputs))


def examples(name):
    return np.random.default_rng(0).random((3, *CASES[name][1]), dtype="float32")


@EACH
def test_the_promised_shape_is_the_shape_that_comes(name):
    model = model_of(name)
    assert model(examples(name)).shape == (3, *model.output_shape[1:])
    assert model.layers[1].compute_output_shape((None, *CASES[name][1])) == model.output_shape


@EACH
def test_a_saved_layer_answers_the_same(name, tmp_path):
    model = model_of(name)
    model.save(tmp_path / "layer.keras")
    loaded = keras.saving.load_model(tmp_path / "layer.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded(examples(name)), model(examples(name)))


@EACH
def test_a_graph_answers_as_the_layer_does(name):
    model = model_of(name)
    graph = tf.function(model, input_signature=[tf.TensorSpec((None, *CASES[name][1]))])
    np.testing.assert_allclose(graph(examples(name)), model(examples(name)), rtol=1e-5, atol=1e-6)


@EACH
def test_mixed_precision_stays_near(name):
    exact, mixed = model_of(name), model_of(name, dtype="mixed_bfloat16")
    mixed.set_weights(exact.get_weights())
    answer = mixed(examples(name))
    np.testing.assert_allclose(np.asarray(answer, "float32"), exact(examples(name)), rtol=0.1, atol=0.05)


@EACH
def test_gradients_reach_the_input(name):
    x = tf.constant(examples(name))
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(model_of(name)(x) ** 2)
    assert np.abs(tape.gradient(total, x)).max() > 0


@pytest.mark.skipif(importlib.util.find_spec("openvino") is None, reason="openvino is not installed")
def test_every_layer_answers_the_same_on_openvino(tmp_path):
    for name in CASES:
        model = model_of(name)
        model.save(tmp_path / f"{name}.keras")
        np.savez(tmp_path / f"{name}.npz", x=examples(name), y=model(examples(name)))
    environment = {**os.environ, "KERAS_BACKEND": "openvino", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", _ON_OPENVINO, str(tmp_path), *CASES]
    subprocess.run(command, env=environment, check=True, timeout=120)


_ON_OPENVINO = """
import sys
import keras, numpy as np
import tlkit.layers.appended, tlkit.layers.filter_bank, tlkit.layers.local_response_normalization
import tlkit.layers.locally_connected, tlkit.layers.maxout, tlkit.layers.random_kernels, tlkit.layers.views
folder, *names = sys.argv[1:]
for name in names:
    pair = np.load(f"{folder}/{name}.npz")
    answer = keras.saving.load_model(f"{folder}/{name}.keras").predict(pair["x"], verbose=0)
    np.testing.assert_allclose(answer, pair["y"], rtol=2e-2, atol=2e-2, err_msg=name)
"""
