"""`tlkit doctor --determinism`: this machine is deterministic, and what is not is named."""

import pytest
from command_line import refused, tlkit

OWN = """
import keras
import numpy as np
import tensorflow as tf
from pathlib import Path
from PIL import Image
from tlkit.data.splits import Examples, Info, Splits


def source(path):
    files = sorted({str(file) for file in Path(path).rglob("*.png")}, key=hash)  # each process hashes words its own way

    def part(number):
        names = [file for file in files if sum(Path(file).name.encode()) % 3 == number]
        labels = np.array([int("red" in Path(name).name) for name in names])
        return Examples(names, labels, names, names, lambda file: np.asarray(Image.open(file).resize((8, 8))))

    return Splits(part(0), part(1), part(2), Info("label", (8, 8, 3), class_names=("blue", "red")))


def net(shape):
    inputs, kernel = keras.Input(shape), np.random.default_rng().normal(size=(192, 4))
    return keras.Model(inputs, keras.layers.Dense(4, kernel_initializer=keras.initializers.Constant(kernel))(
        keras.layers.Flatten()(inputs)))


def step(image, seed):
    return image * np.random.default_rng().random()
"""
RECIPE = """
data: {source: "own.py:source", path: pictures}
model: {net: "own.py:net", weights: none}
augment: ["own.py:step": {}]
train: {epochs: 1}
"""


@pytest.mark.long
def test_this_machine_is_deterministic_in_what_tlkit_does():
    done = tlkit("doctor", "--determinism")
    assert done.exit_code == 0, done.output
    assert "features by" in done.output
    assert done.output.splitlines()[-1] == "deterministic: both runs are equal to the last bit"


@pytest.mark.slow
def test_what_a_recipe_leaves_to_chance_is_named_part_by_part(project):
    (project / "own.py").write_text(OWN)
    (project / "own.yaml").write_text(RECIPE)
    done = tlkit("doctor", "--determinism", "own.yaml")
    assert done.exit_code == 1, done.output
    assert done.output.splitlines()[-1] == "not deterministic: order of examples, first weights, augmentation"
    assert "equal: data, reading of examples; not equal:" in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--determinism", "nowhere.yaml"], "nowhere.yaml: cannot be read"),
        (["--determinism", "tiny.yaml", "--set", "train.epochs=0"], "--set train.epochs: expected greater"),
        (["tiny.yaml"], "Error: RECIPE and --set go with --determinism"),
    ],
)
def test_what_cannot_be_run_twice_is_refused_in_a_line(project, words, said):
    assert refused("doctor", *words).startswith(said)
