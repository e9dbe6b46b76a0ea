"""A recorded run done again: equal to the last bit on a CPU, refused on other data."""

import json
import shutil

import numpy as np
import pytest
from command_line import refused, run_json, tlkit

import tlkit as package
from tlkit.commands.rerun import rerun
from tlkit.tracking import lookup

SCRATCH = ["--set", "model={net: cnn, filters: [4, 8]}", "--set", "augment=[{flip: horizontal}]"]


def outputs(run, pictures):
    return package.load_run(run).outputs(pictures)


@pytest.mark.slow
@pytest.mark.parametrize("settings", [[], SCRATCH], ids=["frozen", "scratch"])
def test_a_rerun_is_equal_to_the_last_bit_even_with_an_empty_cache(project, monkeypatch, settings):
    monkeypatch.setenv("TLKIT_CACHE", str(project / "one"))
    first = run_json("tiny.yaml", "--set", "train.learning_rate=0.02", *settings)
    monkeypatch.setenv("TLKIT_CACHE", str(project / "two"))
    resolved = project / "mlruns" / "artifacts" / first["run_id"] / "artifacts" / "recipe_resolved.yaml"
    resolved.write_text(resolved.read_text().replace("  few_examples: as_written\n", ""))  # as runs were once recorded
    found = rerun(first["run_id"][:8])
    assert found.exact
    assert found.before.id != found.after.id
    assert found.after.params["train.learning_rate"] == "0.02"
    scores = {name: value for name, value in found.before.metrics.items() if name.startswith("test/")}
    assert {name: found.after.metrics[name] for name in scores} == scores
    pictures = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    assert np.array_equal(outputs(found.before.id, pictures), outputs(found.after.id, pictures))
    epochs = [lookup.metric_history(run, "val/loss") for run in (found.before, found.after)]
    assert epochs[0] == epochs[1]


@pytest.mark.slow
def test_another_seed_is_not_called_equal(project):
    first = run_json("tiny.yaml", *SCRATCH)
    second = run_json("tiny.yaml", *SCRATCH, "--set", "train.learning_rate=0.02")
    found = rerun("latest")
    assert found.before.id == second["run_id"]
    assert lookup.find(first["run_id"]).name == "tiny model={net: cnn, filters: [4,… augment=[{flip: horizontal}]"
    assert found.after.name == found.before.name == f"{lookup.find(first['run_id']).name} learning_rate=0.02"
    assert found.before.tags["tlkit.digest.weights"] != lookup.find(first["run_id"]).tags["tlkit.digest.weights"]


@pytest.mark.slow
def test_other_data_are_refused_before_training(project):
    run_json("tiny.yaml", *SCRATCH)
    shutil.copy(next((project / "pictures" / "red").iterdir()), project / "pictures" / "blue" / "stray.png")
    result = tlkit("rerun", "latest")
    assert (result.exit_code, len(result.output.strip().splitlines())) == (2, 1)
    assert "expected the examples of run" in result.output
    assert len(lookup.recent()) == 1


@pytest.mark.slow
def test_a_run_on_arrays_cannot_be_done_again_from_here(project):
    inputs = np.random.default_rng(0).random((40, 6)).astype(np.float32)
    splits = package.Splits.from_arrays(inputs, (inputs[:, 0] > 0.5).astype(int))
    package.run(package.load_recipe("tiny.yaml", ["model={net: mlp}", "data={}"]), splits=splits)
    result = tlkit("rerun", "latest")
    assert result.exit_code == 2
    assert "handed over in Python" in result.output
    assert "not repeatable (its data were handed over in Python)" in tlkit("list", "runs").output


UNSEEDED = """
import keras
import numpy as np

def build(shape):
    kernel = keras.initializers.Constant(np.random.default_rng().normal(size=(27, 4)))
    inputs = keras.Input(shape)
    small = keras.layers.Flatten()(keras.layers.AveragePooling2D(10)(inputs))
    return keras.Model(inputs, keras.layers.Dense(4, kernel_initializer=kernel)(small))
"""


@pytest.mark.slow
def test_what_a_net_of_ones_own_leaves_to_chance_is_said_and_another_net_refused(project):
    (project / "net.py").write_text(UNSEEDED)
    run_json("tiny.yaml", "--set", "model={net: 'net.py:build', weights: none}", "--set", "train.epochs=1")
    done = tlkit("rerun", "latest", "--json")
    answer = json.loads(done.stdout)
    assert (answer["exact"], answer["before"]) == (False, lookup.recent()[1].id)
    assert done.stderr.splitlines()[-2:] == [
        "not equal to the last bit, from here on: first weights",
        "repeatable, its record said: to the last bit on this machine, if nothing in net.py:build is drawn unseeded",
    ]
    (project / "net.py").write_text(UNSEEDED.replace("10", "9"))
    assert "net.py: is not what run" in refused("rerun", "latest")
    assert len(lookup.recent()) == 2
