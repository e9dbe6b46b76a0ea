"""Several numbers predicted at once, from every source that can hold them, through all that is done with a run."""

import csv
import json

import keras
import mlflow
import numpy as np
import pandas as pd
import pytest
from command_line import refused, run_json, tlkit
from PIL import Image

import tlkit as package
from tlkit import Splits
from tlkit.errors import DataError
from tlkit.kinds.table.table import table
from tlkit.tasks.scoring import score

RECIPE = """
name: place
data: {source: table, path: places.csv, task: number, label: [east, "up (mm)", turn]}
model: {net: mlp, units: 32, head: {dropout: 0}}
train: {epochs: 60, batch_size: 16, learning_rate: 0.01, early_stopping: {monitor: val/mae, patience: 30}}
track: {system_metrics: false}
"""
NAMES = ["east", "up (mm)", "turn"]


def places(count=240, seed=0):
    """Inputs a, b, c and three numbers that follow from them, in units a million times apart."""
    inputs = np.random.default_rng(seed).uniform(-1, 1, (count, 3))
    a, b, c = inputs.T
    numbers = np.stack([5000 + 1000 * (a + b), 0.001 * (c - a), 2 * b - c], axis=1)
    return pd.DataFrame(np.hstack([inputs, numbers]), columns=["a", "b", "c", *NAMES])


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A project with a finished run on a table, and what the run said."""
    folder = tmp_path_factory.mktemp("places")
    places().to_csv(folder / "places.csv", index=False)
    places(30, seed=1).to_csv(folder / "more.csv", index=False)
    (folder / "place.yaml").write_text(RECIPE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield folder, run_json("place.yaml")


def test_each_number_is_learned_and_scored_whatever_its_unit(ran):
    _, result = ran
    found = result["metrics"]
    assert all(found[f"test/r2/{name}"] > 0.9 for name in NAMES)
    assert found["test/r2"] == pytest.approx(np.mean([found[f"test/r2/{name}"] for name in NAMES]))
    assert found["test/rmse/east"] > 1e5 * found["test/rmse/up (mm)"]
    assert found["test/mae_low"] < found["test/mae"] < found["test/mae_high"] < 0.3


def test_the_table_of_predictions_has_truth_and_answer_of_each_number(ran):
    folder, result = ran
    artifacts = folder / "mlruns" / "artifacts" / result["run_id"] / "artifacts"
    found = pd.read_csv(artifacts / "predictions.csv")
    errors = [np.abs(found[f"predicted_{name}"] - found[f"true_{name}"]) for name in NAMES]
    deviations = package.load_run(result["run_id"]).facts["deviations"]
    np.testing.assert_allclose(found["error"], np.mean(np.array(errors).T / deviations, axis=1), rtol=1e-3)
    assert found["error"].mean() == pytest.approx(result["metrics"]["test/mae"], rel=1e-3)
    report = (artifacts / "report.html").read_text()
    assert "mean absolute error in standard deviations" in report
    assert "All 3 numbers, each in its own units" in report


def test_the_model_file_names_its_numbers_and_plain_keras_loads_it(ran):
    _, result = ran
    facts = package.load_run("latest").facts
    assert (facts["task"], facts["class_names"], facts["reading"]["label"]) == ("number", NAMES, NAMES)
    model = keras.saving.load_model(result["model"])
    assert model.output_shape == (None, 3)


def test_new_rows_are_predicted_and_labelled_ones_scored(ran):
    folder, _ = ran
    first = tlkit("predict", "latest", "more.csv").output.splitlines()[0].split("  ")
    assert [each.strip().rpartition(" ")[0] for each in first[-3:]] == NAMES
    tlkit("predict", "latest", "more.csv", "--csv", "said.csv")
    row = next(csv.DictReader((folder / "said.csv").open()))
    assert list(row) == ["example", "predicted", *NAMES, "unknown", "known"]
    result = tlkit("evaluate", "latest", "--data", "more.csv")
    assert [line[:7].strip() for line in result.output.splitlines()[-3:]] == NAMES
    found = json.loads(tlkit("evaluate", "latest", "--data", "more.csv", "--json").stdout.splitlines()[-1])
    assert [each["number"] for each in found["per_number"]] == NAMES
    assert found["r2"] > 0.9


def test_a_server_answers_by_the_names_of_the_numbers(ran, monkeypatch):
    folder, result = ran
    places(1).to_csv(folder / "one.csv", index=False)
    monkeypatch.setenv("TLKIT_SERVE_FOLDER", str(folder))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlruns/mlflow.db")
    model = mlflow.pyfunc.load_model(f"runs:/{result['run_id']}/model")
    assert model.metadata.signature.outputs.input_names() == ["values"]
    (answer,) = model.predict(pd.DataFrame({"example": ["one.csv"]}))
    assert list(answer["values"]) == NAMES


def test_the_first_number_is_explained_unless_another_is_named(ran):
    example = np.zeros(3, np.float32)
    assert package.explain("latest", example).class_name == "east"
    assert package.explain("latest", example, class_name="turn").class_name == "turn"


def test_a_row_that_lacks_one_of_its_numbers_is_set_aside_by_that_column():
    frame = places(40)
    frame.loc[3, "turn"] = np.nan
    splits = table(frame, label=NAMES, task="number")
    assert splits.info.set_aside == {"table:3": "column 'turn': expected a finite number, found nothing"}
    assert splits.train.targets.shape[1] == splits.info.num_outputs == 3
    with pytest.raises(DataError, match=r"expected one column that names the class .*data.task: number"):
        table(frame, label=NAMES)


def test_rows_of_numbers_in_arrays_are_several_numbers():
    inputs, targets = np.random.default_rng(0).normal(size=(2, 30, 3))
    splits = Splits.from_arrays(inputs, targets, class_names=["x", "y", "z"])
    assert (splits.info.task, splits.info.class_names) == ("number", ("x", "y", "z"))
    assert Splits.from_arrays(inputs, targets).info.class_names == ("0", "1", "2")
    assert Splits.from_arrays(inputs, (targets > 0).astype(float)).info.task == "labels"
    with pytest.raises(DataError, match="expected one count of numbers, found 3 and 2 names"):
        Splits.from_arrays(inputs, targets, class_names=["x", "y"])


@pytest.mark.slow
def test_a_head_on_frozen_features_of_pictures_learns_positions(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = []
    for index in range(24):
        x, y = 4 + 3 * (index % 6), 4 + 5 * (index // 6)
        pixels = np.full((32, 32, 3), 30 + index, np.uint8)
        pixels[y - 3 : y + 3, x - 3 : x + 3] = 250
        Image.fromarray(pixels).save(tmp_path / f"{index}.png")
        rows.append((f"{index}.png", x, 1000 * y))
    pd.DataFrame(rows, columns=["path", "x", "y"]).to_csv("dots.csv", index=False)
    (tmp_path / "dots.yaml").write_text(
        "name: dots\ndata: {source: picture_table, path: dots.csv, label: [x, 'y'], image_size: 32}\n"
        "model: {net: efficientnet-lite0}\ntrain: {epochs: 3, batch_size: 8}\ntrack: {system_metrics: false}\n"
    )
    found = run_json("dots.yaml")["metrics"]
    assert {"test/mae/x", "test/mae/y", "val/mae"} <= set(found)
    assert package.load_run("latest").facts["class_names"] == ["x", "y"]


def test_a_column_of_lists_of_floats_is_several_numbers(picture_folder):
    files = sorted(picture_folder.rglob("*.png"))
    frame = pd.DataFrame({"path": files, "at": [[0.5, float(index)] for index in range(len(files))]})
    splits = Splits.from_frame(frame, label="at", image_size=8)
    assert (splits.info.task, splits.info.class_names, splits.train.targets.shape[1]) == ("number", ("0", "1"), 2)
    frame["at"] = frame["at"].astype(object)
    frame.at[2, "at"] = [1.0]
    with pytest.raises(DataError, match=r"expected 2 finite numbers an example, found \[1.0\]"):
        Splits.from_frame(frame, label="at", image_size=8)


def test_a_list_of_words_is_taken_where_a_source_takes_several_columns_and_nowhere_else(ran):
    assert "found [['east']]" in refused("check", "place.yaml", "--set", "data.label=[[east]]")
    assert "found ['east']" in refused(
        "check", "place.yaml", "--set", "data.source=signals", "--set", "data.label=[east]"
    )


def test_scores_of_all_numbers_are_means_in_deviations():
    targets = np.array([[0.0, 100.0], [2.0, 300.0]])
    found = score("number", targets, targets + np.array([0.5, 50.0]), ["x", "y"])
    assert found.metrics["mae"] == pytest.approx((0.5 / 1 + 50 / 100) / 2)
    assert found.metrics["loss"] == pytest.approx((0.5**2 + 0.5**2) / 2)
    assert found.metrics["mae/x"] == 0.5
    assert found.metrics["mae/y"] == 50
    assert found.per_number[1] == {"number": "y", "mae": 50.0, "rmse": 50.0, "r2": 1 - 2500 / 10000}
