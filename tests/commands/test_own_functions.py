"""Functions that a recipe or a model file may name: those of the tables, and those in files beside the recipe."""

import shutil
from dataclasses import replace

import keras
import pytest
from command_line import run_offline, tlkit
from mlflow.exceptions import MlflowException

from tlkit.commands.run import run
from tlkit.engines.predictor import load_model
from tlkit.errors import DataError
from tlkit.interpretation.target import example_of, subject_of
from tlkit.model.saving import save_model
from tlkit.recipe.loading import load_recipe
from tlkit.serving.mlflow_loader import _load_pyfunc
from tlkit.training.planning import load_data


@pytest.fixture
def victim(tmp_path):
    """A folder that a hostile page would have deleted."""
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim" / "kept").touch()
    return tmp_path / "victim"


@pytest.mark.parametrize(
    "fields",
    [
        'data: {source: "shutil:rmtree", path: victim}',
        'data: {source: "os.path.py:shutil", path: victim}',
        f'data: {{source: "{shutil.__file__}:rmtree", path: victim}}',
        'data: {source: "../elsewhere/own.py:read", path: victim}',
        'data: {source: "linked.py:read", path: victim}',
        'data: {path: victim}\nmodel: {net: "shutil:rmtree"}',
        'data: {path: victim}\nmodel: {net: multiview, backbone: "shutil:rmtree"}',
        'data: {path: victim}\naugment: ["shutil:rmtree": {}]',
        'data: {path: victim, sample: "shutil:rmtree"}',
    ],
)
@pytest.mark.parametrize("command", [["check"], ["check", "--data"], ["summary"], ["run"]])
def test_a_recipe_calls_no_function_from_elsewhere(project, victim, fields, command):
    elsewhere = project.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    (elsewhere / "own.py").write_text("import shutil\ndef read(path): shutil.rmtree(path)\n")
    (project / "linked.py").symlink_to(elsewhere / "own.py")
    (project / "evil.yaml").write_text(fields)
    done = tlkit(*command, "evil.yaml")
    assert done.exit_code == 2, done.output
    assert len(done.output.strip().splitlines()) == 1, done.output
    assert [each.name for each in victim.iterdir()] == ["kept"]


def test_a_file_that_cannot_be_run_is_told_with_its_line(project):
    (project / "own.py").write_text("\nimport no_such_package\ndef read(path): ...\n")
    (project / "tiny.yaml").write_text("data: {source: 'own.py:read', path: pictures}")
    done = tlkit("run", "tiny.yaml")
    assert done.exit_code == 2
    assert "own.py:2: ModuleNotFoundError: No module named 'no_such_package'" in done.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def read(path, **_): return 7", "own.py:read: expected to return Splits"),
        (
            "from tlkit.data.splits import Examples, Info, Splits\n"
            "def read(path, **_):\n"
            "    part = Examples([1, 2], [0], ['a', 'b'], ['a', 'b'], None)\n"
            "    return Splits(part, part, part, Info('label', (1,)))",
            "own.py:read: train: expected as many of each; received 2, 1, 2, 2, 2 items, targets, ids, names, keys",
        ),
        (
            "from tlkit.data.splits import Examples, Info, Splits\n"
            "def read(path, **_):\n"
            "    part = Examples([1], [0], ['a'], ['a'], None)\n"
            "    return Splits(part, part, part, Info('label', (1,), kind='pressure'))",
            "own.py:read: expected a kind of data among image, signal, ",
        ),
    ],
)
def test_a_source_that_gives_no_splits_is_refused(project, text, said):
    (project / "own.py").write_text(text)
    (project / "tiny.yaml").write_text("data: {source: 'own.py:read', path: pictures}")
    done = tlkit("run", "tiny.yaml")
    assert done.exit_code == 2
    assert said in done.output
    assert len(done.output.strip().splitlines()) == 1, done.output


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ("3", "received int"),
        ("keras.Model(inputs, [x, x])", "received one of 1 inputs and 2 outputs"),
        ("keras.Model(keras.Input((5, 5, 3)), x)", "net.py:net"),
        (
            "keras.Model(inputs, keras.layers.Dense(2, activation='softmax', name='top')(x))",
            "ends in a softmax ('top')",
        ),
    ],
)
def test_a_net_that_gives_no_headless_model_is_refused(project, returned, said):
    lines = ["import keras", "def net(shape):", "    inputs = keras.Input(shape)"]
    lines += ["    x = keras.layers.GlobalAveragePooling2D()(inputs)", f"    return {returned}"]
    (project / "net.py").write_text("\n".join(lines))
    done = tlkit("run", "tiny.yaml", "--set", "model={net: 'net.py:net', weights: none}")
    assert done.exit_code == 2, done.output
    assert said in done.output.splitlines()[-1]


@pytest.mark.parametrize("returned", ["None", "image[:4]", "'a word'"])
def test_a_step_that_gives_no_example_is_refused(project, returned):
    (project / "step.py").write_text(f"def step(image, seed): return {returned}")
    small = "model={net: cnn, filters: [4], weights: none}"
    done = tlkit("run", "tiny.yaml", "--set", "augment=[{'step.py:step': {}}]", "--set", small)
    assert done.exit_code == 2, done.output
    said = "augment[0]: step.py:step: expected to return an array of shape (32, 32, 3) as it was given, received"
    assert said in done.output.splitlines()[-1]


def test_a_model_file_calls_no_function_that_it_names(tmp_path, victim, monkeypatch):
    monkeypatch.setenv("TLKIT_SERVE_FOLDER", str(victim.parent))
    path = tmp_path / "model.keras"
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
    page = {"kind": "shutil:rmtree", "task": "label", "class_names": ["a", "b"], "input_shape": [8, 8, 3]}
    save_model(model, path, {**page, "input_dtype": "uint8"})
    with pytest.raises(MlflowException, match="cannot answer this request") as refusal:
        _load_pyfunc(str(path)).predict([str(victim)])
    assert "unknown kind of data 'shutil:rmtree'" in str(refusal.value.__cause__)
    subject = subject_of(load_model(path))
    with pytest.raises(DataError, match="learned from arrays"):
        example_of(subject, victim)
    assert [each.name for each in victim.iterdir()] == ["kept"]


READING = """
from pathlib import Path
import numpy as np
from PIL import Image
from tlkit.data.splits import Examples, Info, Splits

def read(file):
    return np.asarray(Image.open(file).convert("RGB").resize((32, 32)))

def source(path):
    files = sorted(Path(path).rglob("*.png"))
    def part(start):
        names = [str(each) for each in files[start::3]]
        labels = np.array([int(each.parent.name == "red") for each in files[start::3]])
        return Examples(files[start::3], labels, names, names, read)
    return Splits(part(0), part(1), part(2), Info("label", (32, 32, 3), class_names=("blue", "red")))
"""


def test_a_reader_beside_the_recipe_reaches_the_engine_worker(project):
    (project / "own.py").write_text(READING)
    (project / "tiny.yaml").write_text("data: {source: 'own.py:source', path: pictures}\ntrain: {epochs: 1}\n")
    result = run_offline("tiny.yaml", "--set", "train.engine=openvino")
    assert 0 <= result["metrics"]["test/accuracy"] <= 1


@pytest.mark.slow
def test_examples_that_only_this_process_can_read_are_computed_in_it(project):
    recipe = load_recipe("tiny.yaml", ["train.epochs=1"])
    splits = load_data(recipe)
    parts = {name: replace(part, read=lambda item, read=part.read: read(item)) for name, part in splits.parts().items()}
    result = run(recipe, splits=replace(splits, **parts), offline=True)
    assert 0 <= result.metrics["test/accuracy"] <= 1
