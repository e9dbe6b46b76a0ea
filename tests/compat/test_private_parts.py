"""Each part that a dependency keeps to itself and tlkit uses; a release that moves one fails here, and says which."""

import importlib.metadata
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from tlkit.compat import keras_graph, keras_optimizers


def version(package):
    return f"{package} {importlib.metadata.version(package)}"


def two_branches():
    inputs = keras.Input((4, 4, 1))
    first = keras.layers.Conv2D(2, 3, padding="same", name="first")(inputs)
    second = keras.layers.ReLU(name="second")(first)
    return keras.Model(inputs, keras.layers.Add(name="sum")([first, second]))


def test_a_functional_model_tells_its_calls_in_order():
    model = two_branches()
    told = [node.operation.name for node in keras_graph.nodes(keras_graph.functional(model))]
    assert told[1:] == ["first", "second", "sum"], f"{version('keras')} tells the calls of a model in another way"
    assert keras_graph.last_node(model, model.get_layer("second")).operation is model.get_layer("second")


def test_a_tensor_knows_the_layer_that_it_comes_from():
    model = two_branches()
    assert keras_graph.origin(model.outputs[0]) is model.get_layer("sum"), f"{version('keras')} moved _keras_history"


def test_a_layer_knows_its_readers():
    found = {each.name for each in keras_graph.readers(two_branches().get_layer("first"))}
    assert found == {"second", "sum"}, f"{version('keras')} moved _outbound_nodes"


def test_layers_are_found_within_layers():
    inner = two_branches()
    outer = keras.Sequential([keras.Input((4, 4, 1)), inner])
    found = {each.name for each in keras_graph.layers_within(outer)}
    assert {"first", "second", "sum"} <= found, f"{version('keras')} moved _flatten_layers"
    assert keras_graph.functional(outer).inputs, f"{version('keras')} hides the functional model of a sequential one"


def test_averaged_weights_change_places_with_weights():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9), "mse")
    for _ in range(3):
        model.train_on_batch(np.ones((4, 2)), np.ones((4, 1)))  # `fit` would end with the averages put in
    before = [np.array(each) for each in model.get_weights()]
    keras_optimizers.swap_averages(model)
    averages = [np.array(each) for each in model.get_weights()]
    assert any((one != other).any() for one, other in zip(before, averages, strict=True)), (
        f"{version('keras')} no longer swaps averages by SwapEMAWeights._swap_variables"
    )
    keras_optimizers.swap_averages(model)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)  # Keras adds and takes away


def test_an_optimizer_gives_back_its_schedule():
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
    found = keras_optimizers.learning_rate(keras.optimizers.SGD(schedule))
    assert found is schedule, f"{version('keras')} moved _learning_rate"


def test_keras_tuner_has_the_parts_that_searches_use():
    from tlkit.compat import tuner_parts
    from tlkit.compat.tuner_oracles import make_oracle

    oracle = make_oracle("random", [], lambda _: None, objective="val/loss", direction="min", seed=1, epochs=1)
    tuner_parts.set_seed_state(oracle, 7)
    assert tuner_parts.seed_state(oracle) == 7, f"{version('keras-tuner')} moved _seed_state"
    assert hasattr(oracle, "_tried_so_far"), f"{version('keras-tuner')} moved _tried_so_far"
    assert hasattr(tuner_parts.protos.get_service_grpc(), "add_OracleServicer_to_server")


def test_mlflow_says_its_limits():
    from tlkit.compat import mlflow_parts

    limits = [getattr(mlflow_parts, name) for name in mlflow_parts.__all__ if name.startswith("MAX_")]
    assert all(isinstance(each, int) and each > 50 for each in limits), f"{version('mlflow')} moved its limits"


def test_a_keras_model_becomes_one_of_openvino():
    pytest.importorskip("openvino")
    code = (
        "import keras, numpy as np, openvino\n"
        "from tlkit.compat.keras_openvino import as_openvino\n"
        "model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, kernel_initializer='ones')])\n"
        "compiled = openvino.compile_model(as_openvino(model), 'CPU')\n"
        "print(compiled(np.ones((5, 3), np.float32))[0].tolist())"
    )
    env = {**os.environ, "KERAS_BACKEND": "openvino"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{version('keras')} moved its OpenVINO tensors: {done.stderr}"
    assert done.stdout.strip() == str([[3.0, 3.0]] * 5)
