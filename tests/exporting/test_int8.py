"""Files below float32: one in int8 that loses too much has its outermost layers in float32, and says so."""

import json

import keras
import numpy as np
import onnx
import openvino
import pytest
import tensorflow as tf
from waves import write_tones

import tlkit
from tlkit.engines.predictor import Predictor
from tlkit.exporting.certificate import Judge
from tlkit.exporting.exporter import SPECTRUM
from tlkit.exporting.jobs import Measured, Reference
from tlkit.kinds.signal.sounds import sounds
from tlkit.model.metadata import page_of
from tlkit.tasks.task import task_of


@pytest.fixture(scope="module")
def shades():
    """Dark or light by green; red is always 0, and weighs so much that int8 has no step left for green."""
    rng = np.random.default_rng(7)
    labels = np.arange(80) % 2
    pictures = np.zeros((80, 8, 8, 3), np.uint8)
    pictures[..., 1] = (60 + 120 * labels[:, None, None] + rng.integers(-20, 20, (80, 8, 8))).astype(np.uint8)
    splits = tlkit.Splits.from_arrays(pictures, labels, class_names=["dark", "light"])
    inputs = keras.Input((8, 8, 3), dtype="uint8")
    x = keras.layers.Rescaling(1 / 255)(inputs)
    layers = [keras.layers.Conv2D(1, 1, activation="relu", name=name) for name in ("weigh", "pass")]
    for layer in layers:
        x = layer(x)
    last = keras.layers.Dense(2, activation="softmax", name="decide")
    model = keras.Model(inputs, last(keras.layers.GlobalAveragePooling2D()(x)))
    layers[0].set_weights([np.array([1e5, 1.0, 0.0]).reshape(1, 1, 3, 1), np.zeros(1)])
    layers[1].set_weights([np.ones((1, 1, 1, 1)), np.zeros(1)])
    last.set_weights([np.array([[-20.0, 20.0]]), np.array([10.0, -10.0])])
    return Predictor(page_of(splits.info), model=model), splits


@pytest.mark.slow
def test_int8_files_that_lose_too_much_keep_their_first_and_last_layers_in_float32(shades, tmp_path):
    model, splits = shades
    made = tlkit.export(model, tmp_path, ["onnx", "openvino"], precisions=["int8"], splits=splits, max_loss=1)
    pages = json.loads((tmp_path / "certificate.json").read_text())
    assert pages == {f"{each.format}/int8": each.certificate for each in made}
    names = [[each.rpartition("_")[0] for each in page["kept_float32"]] for page in pages.values()]
    assert names == [["weigh", "decide"], ["Convolution", "decide"]]
    assert max(page["lost_points"] for page in pages.values()) <= 1


@pytest.mark.slow
def test_a_savedmodel_computes_in_bfloat16(shades, tmp_path):
    model, splits = shades
    (made,) = tlkit.export(model, tmp_path, ["savedmodel"], precisions=["bfloat16"], splits=splits)
    assert (made.precision, made.path.name, made.certificate["flips"]) == ("bfloat16", "savedmodel.bfloat16", 0)
    graph = tf.saved_model.load(str(made.path)).signatures["serving_default"].graph.as_graph_def()
    assert "DT_BFLOAT16" in str(graph.library)


@pytest.mark.slow
def test_spectrograms_stay_float32_in_int8_files(tmp_path):
    splits = sounds(write_tones(tmp_path), val=0.2, test=0.2)
    phases = [tlkit.Phase(epochs=1, batch_size=8)]
    trained = tlkit.fit(tlkit.build("cnn", splits.info, filters=[8]), splits, phases)
    made = tlkit.export(trained, tmp_path / "out", ["onnx", "openvino"], precisions=["int8"])
    graph = onnx.load(made[0].path).graph
    makers = {name: each.op_type for each in graph.node for name in each.output}
    spectrum = [each for each in graph.node if SPECTRUM in each.name]
    assert {"Conv", "MatMul", "Log"} <= {each.op_type for each in spectrum}
    assert "DequantizeLinear" not in {makers.get(name) for each in spectrum for name in each.input}
    steps = openvino.Core().read_model(str(made[1].path)).get_ordered_ops()
    names = [each.get_friendly_name() for each in steps if each.get_type_name() == "FakeQuantize"]
    assert names
    assert not [each for each in names if each.startswith("inputs") or SPECTRUM in each]


@pytest.mark.parametrize(("examples", "lost", "most", "too_much"), [
    (94, 1, 1.0, False), (94, 2, 1.0, True), (94, 1, 0.0, True), (500, 5, 1.0, False), (500, 6, 1.0, True),
])  # fmt: skip
def test_one_example_is_not_too_much_to_lose_unless_nothing_may_be_lost(examples, lost, most, too_much):
    saved = np.eye(2, dtype=np.float32)[np.arange(examples) % 2]
    file = saved.copy()
    file[:lost] = saved[:lost, ::-1]
    judge = Judge(task_of("label"), ["a", "b"], Reference(saved, [saved]), saved.argmax(1), "test", most)
    page = judge.certificate("int8", Measured([file], 1.0, 1.0, 1), bytes=1, seconds=1.0)
    assert judge.loses_too_much(page) == too_much == bool(page["fault"])
