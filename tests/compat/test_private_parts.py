"""Each part that a dependency keeps to itself and tlkit uses; a release that moves one fails here, and says which."""

import contextlib
import importlib.metadata
import os
import subprocess
import sys
import tempfile
import zipfile

import keras
import numpy as np
import pytest

from tlkit.compat import keras_graph, keras_optimizers, keras_saving, unallocated
from tlkit.recipe.schema import Recipe
from tlkit.recipe.space import read_space

pytestmark = pytest.mark.contract


def version(package):
    return f"{package} {importlib.metadata.version(package)}"


@contextlib.contextmanager
def held(package, part):
    """Fail with a sentence where a part is not there, or not as it was."""
    try:
        yield
    except (AttributeError, ImportError, TypeError) as error:
        pytest.fail(f"{version(package)} moved {part}: {error}")


def two_branches():
    inputs = keras.Input((4, 4, 1))
    first = keras.layers.Conv2D(2, 3, padding="same", name="first")(inputs)
    second = keras.layers.ReLU(name="second")(first)
    return keras.Model(inputs, keras.layers.Add(name="sum")([first, second]))


def test_a_functional_model_tells_its_calls_in_order():
    model = two_branches()
    with held("keras", "_nodes_by_depth"):
        told = [node.operation.name for node in keras_graph.nodes(keras_graph.functional(model))]
    assert told[1:] == ["first", "second", "sum"], f"{version('keras')} tells the calls of a model in another way"
    assert keras_graph.last_node(model, model.get_layer("second")).operation is model.get_layer("second")


def test_a_tensor_knows_the_layer_that_it_comes_from():
    model = two_branches()
    with held("keras", "_keras_history"):
        assert keras_graph.origin(model.outputs[0]) is model.get_layer("sum")


def test_what_keras_unpacks_of_a_model_is_gone_when_that_fails(tmp_path, monkeypatch):
    path, aside = tmp_path / "model.keras", tmp_path / "aside"
    aside.mkdir()
    two_branches().save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("page.json", "a fourth file, which Keras takes for assets")
    path.write_bytes(path.read_bytes().replace(b"a fourth file", b"a fifth file!"))  # not what its checksum says
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    with held("keras", "saving_lib.get_temp_dir"), pytest.raises(zipfile.BadZipFile), keras_saving.unpacked_aside():
        keras.saving.load_model(path)
    assert list(aside.iterdir()) == []


def test_a_layer_knows_its_readers():
    with held("keras", "_outbound_nodes"):
        found = {each.name for each in keras_graph.readers(two_branches().get_layer("first"))}
    assert found == {"second", "sum"}, f"{version('keras')} tells the readers of a layer in another way"


def test_layers_are_found_within_layers():
    inner = two_branches()
    outer = keras.Sequential([keras.Input((4, 4, 1)), inner])
    with held("keras", "_flatten_layers"):
        found = {each.name for each in keras_graph.layers_within(outer)}
    assert {"first", "second", "sum"} <= found, f"{version('keras')} finds layers within layers in another way"
    assert keras_graph.functional(outer).inputs, f"{version('keras')} hides the functional model of a sequential one"


def test_averaged_weights_change_places_with_weights():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9), "mse")
    for _ in range(3):
        model.train_on_batch(np.ones((4, 2)), np.ones((4, 1)))  # `fit` would end with the averages put in
    before = [np.array(each) for each in model.get_weights()]
    with held("keras", "SwapEMAWeights._swap_variables"):
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
    with held("keras", "_learning_rate"):
        assert keras_optimizers.learning_rate(keras.optimizers.SGD(schedule)) is schedule


OPTIMIZERS = {"Adam": ("_momentums", "_velocities"), "SGD": ("momentums",), "RMSprop": ("_momentums", "_velocities")}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_has_the_moments_that_the_fused_kernels_write(name):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    optimizer = getattr(keras.optimizers, name)(**({} if name == "Adam" else {"momentum": 0.9}))
    optimizer.build(model.trainable_variables)
    with held("keras", f"{name}'s {', '.join(OPTIMIZERS[name])} or _get_variable_index"):
        index = optimizer._get_variable_index(model.trainable_variables[0])
        shapes = {tuple(getattr(optimizer, each)[index].value.shape) for each in OPTIMIZERS[name]}
    assert shapes == {(2, 1)}, f"{version('keras')} keeps the moments of {name} in another form"


def test_layers_are_built_without_memory_and_nothing_is_made_up_for_later():
    with held("keras", "StatelessScope or global_state"), unallocated.unallocated():
        model = keras.Sequential([keras.Input((1000,)), keras.layers.Dense(10**12)])
    assert model.count_params() == 1001 * 10**12
    with held("keras", "global_state's uninitialized_variables"):
        left = unallocated.global_state.get_global_attribute("uninitialized_variables", [])
    assert not left, f"{version('keras')} notes elsewhere what it is to fill in later"


@pytest.mark.parametrize("tuner", ["random", "bayesian", "grid", "hyperband"])
def test_keras_tuner_has_the_parts_that_searches_use(tuner):
    space = {"model.kernel": {"choice": [3, 5, 7, 9]}, "train.batch_size": {"int": [8, 64]}}
    domains = read_space(Recipe(name="x", model={"net": "cnn"}, tune={"space": space}))
    with held("keras-tuner", "a part of its oracles"):
        from tlkit.compat import tuner_parts
        from tlkit.compat.tuner_oracles import make_oracle

        oracle = make_oracle(tuner, domains, lambda _: None, objective="val/loss", direction="min", seed=1, epochs=4)
        tuner_parts.set_seed_state(oracle, 7)
        assert tuner_parts.seed_state(oracle) == 7, f"{version('keras-tuner')} moved _seed_state"
        assert hasattr(oracle, "_tried_so_far"), f"{version('keras-tuner')} moved _tried_so_far"
        for score in range(8):  # more than the Bayesian one draws at random
            trial = oracle.create_trial("w")
            assert set(trial.hyperparameters.values) >= set(space), f"{version('keras-tuner')} draws in another way"
            oracle.update_trial(trial.trial_id, {"val/loss": float(score)})
            trial.status = "COMPLETED"
            oracle.end_trial(trial)


def test_keras_tuner_has_the_service_that_searches_on_several_machines_use():
    with held("keras-tuner", "its chief, its client or their protocol"):
        from tlkit.compat import tuner_parts

        assert tuner_parts.protos.get_service_grpc().add_OracleServicer_to_server
        assert tuner_parts.OracleServicer.GetSpace
        assert tuner_parts.OracleClient.create_trial


def test_mlflow_says_its_limits():
    with held("mlflow", "its limits"):
        from tlkit.compat import mlflow_parts

    limits = [getattr(mlflow_parts, name) for name in mlflow_parts.__all__ if name.startswith("MAX_")]
    assert all(isinstance(each, int) and each > 50 for each in limits), f"{version('mlflow')} moved its limits"


def test_mlflow_keeps_an_example_beside_a_model(tmp_path):
    from mlflow.models import Model

    with held("mlflow", "_save_example"):
        from tlkit.compat.mlflow_parts import save_example

        model = Model()
        save_example(model, np.zeros((2, 3), np.float32), str(tmp_path))
    assert model.saved_input_example_info, f"{version('mlflow')} notes a model's example elsewhere"
    assert list(tmp_path.iterdir()), f"{version('mlflow')} writes a model's example elsewhere"


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


LEAN = """
import sys
from tlkit.compat.lean_mlflow import lean_import
with lean_import():
    from tlkit.tracking.sending.mlflow_sender import RunSender
assert not {"fastapi", "mlflow.genai", "mlflow.gateway"} & {*sys.modules}
import mlflow.genai, mlflow.gateway
assert mlflow.genai.evaluate and mlflow.gateway.__file__
"""


def test_mlflow_is_imported_without_what_no_record_needs():
    with held("mlflow", "what it imports"):
        ended = subprocess.run([sys.executable, "-c", LEAN], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, f"{version('mlflow')} imports more: {ended.stderr}"
