"""Table columns beside pictures from the recipe to predictions: colours that say nothing, an age that says all."""

import json

import keras
import mlflow
import numpy as np
import pandas as pd
import pytest
from command_line import refused, run_json, run_offline, tlkit
from mlflow import MlflowClient
from PIL import Image

from tlkit import Splits, load_run
from tlkit.commands.run import run
from tlkit.data.sources import load_splits
from tlkit.engines.engine_process import EngineProcess
from tlkit.errors import TlkitError
from tlkit.interpretation.api import explain
from tlkit.recipe.loading import load_recipe
from tlkit.report.run_note import digest

RECIPE = """
name: aged
data:
  path: pictures
  image_size: 32
  val: 0.2
  test: 0.2
  beside: {table: patients.csv, name: file, columns: [age, sex]}
model: {net: efficientnet-lite0}
train: {epochs: 30, batch_size: 16, learning_rate: 0.01, early_stopping: null}
track: {system_metrics: false}
"""
SCRATCH = ("--set", "model.net=cnn", "--set", "model.weights=none", "--set", "model.filters=[4]")


@pytest.fixture(scope="module")
def aged(tmp_path_factory):
    """A project whose classes are told by age alone, with a finished frozen run; the folder and the result."""
    folder = tmp_path_factory.mktemp("aged")
    (folder / "recipe.yaml").write_text(RECIPE)
    rng, lines = np.random.default_rng(0), ["file,age,sex"]
    for index in range(60):
        name = ("old", "young")[index % 2]
        (folder / "pictures" / name).mkdir(parents=True, exist_ok=True)
        pixels = np.full((16, 16, 3), 120, np.uint8)
        pixels[0, 0] = index  # no two are equal
        Image.fromarray(pixels).save(folder / "pictures" / name / f"{index}.png")
        age = rng.integers(60, 90) if name == "old" else rng.integers(5, 35)
        lines.append(f"{index}.png,{age if index != 8 else ''},{('female', 'male')[index % 3 == 0]}")
    (folder / "patients.csv").write_text("\n".join(lines) + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return folder, run_json("recipe.yaml")


@pytest.fixture
def project(aged, monkeypatch):
    monkeypatch.chdir(aged[0])
    return aged[0]


@pytest.fixture(scope="module")
def predictor(aged):
    """The run's model."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(aged[0])
        return load_run(aged[1]["run_id"])


def table(folder, **changes):
    """Another table, with some cells of the first row changed."""
    frame = pd.read_csv(folder / "patients.csv", dtype=str)
    for name, value in changes.items():
        frame.loc[0, name] = value
    frame.to_csv(folder / "changed.csv", index=False)
    return folder / "changed.csv"


def test_a_frozen_backbone_learns_from_what_stands_beside_it(aged):
    assert aged[1]["metrics"]["test/accuracy"] >= 0.9


def test_without_the_columns_there_is_nothing_to_learn(project):
    assert run_offline("recipe.yaml", "--set", "data.beside=null")["metrics"]["test/accuracy"] < 0.9


@pytest.mark.slow
def test_a_net_from_scratch_learns_from_them_too(project):
    settings = ("--set", "augment=[{flip: horizontal}]")
    assert run_offline("recipe.yaml", *SCRATCH, *settings)["metrics"]["test/accuracy"] >= 0.9


@pytest.mark.slow
def test_an_inner_cut_learns_from_them_too(project):
    phases = "train.phases=[{unfreeze: none}, {unfreeze: 1, epochs: 1, learning_rate: 0.0001}]"
    assert run_offline("recipe.yaml", "--set", phases)["metrics"]["test/accuracy"] >= 0.9


@pytest.mark.slow
def test_the_engine_worker_answers_for_the_saved_file(aged, project):
    recipe = load_recipe("recipe.yaml")
    test = load_splits(recipe.data, seed=recipe.seed, image_size=(32, 32)).test
    process = EngineProcess()
    process.begin_reload(project / aged[1]["model"], test)
    found = process.reloaded()
    process.stop()
    plain = keras.saving.load_model(aged[1]["model"])
    expected = plain.predict({"input": test.load(range(len(test))), "beside": test.beside}, verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_the_record_names_the_columns_and_what_is_unknown(aged, project):
    client = MlflowClient(f"sqlite:///{project / 'mlruns' / 'mlflow.db'}")
    tags = client.get_run(aged[1]["run_id"]).data.tags
    assert tags["data.beside"] == "age, sex"
    assert tags["data.beside_missing"] == "age (1 examples)"
    assert "beside each: age, sex" in tags["mlflow.note.content"]


def test_the_digest_of_the_data_depends_on_the_columns(project):
    def digest_with(path):
        data = load_recipe("recipe.yaml", [f"data.beside.table={path}"]).data
        return digest(load_splits(data, seed=7, image_size=(32, 32)))

    same = digest_with(table(project))
    assert same == digest_with("patients.csv")
    assert same != digest_with(table(project, age="61"))


def test_a_run_says_what_stands_beside_and_what_is_unknown_of_it(project):
    said = tlkit("run", "recipe.yaml", "--set", "train.epochs=1", "--offline").stdout
    assert "input 32x32x3, beside it age, sex" in said
    assert "note      unknown beside the input, taken as the mean of training: age (1 examples)" in said


@pytest.mark.slow
def test_predictions_follow_the_table(aged, project):
    run = aged[1]["run_id"]
    swapped = pd.read_csv("patients.csv").assign(age=lambda frame: 95 - frame.age)
    swapped.to_csv("swapped.csv", index=False)
    for name, expected in (("patients.csv", "old"), ("swapped.csv", "young")):
        result = tlkit("predict", run, "pictures/old", "--beside", name)
        assert result.exit_code == 0
        said = [line.split()[1] for line in result.stdout.splitlines()]
        assert said.count(expected) >= 0.9 * len(said) > 20


@pytest.mark.slow
def test_from_python_columns_come_as_a_frame_in_the_order_of_the_examples(predictor, project):
    pictures = [Image.open("pictures/old/0.png")] * 3
    told = pd.DataFrame({"sex": ["male"] * 3, "age": [80, 15, None]})
    found = predictor.predict(pictures, beside=told)
    assert [each.label for each in found[:2]] == ["old", "young"]
    assert found[0].probability > found[2].outputs[0] > found[1].outputs[0]
    named = predictor.predict(["pictures/old/0.png"], beside="patients.csv")
    assert named[0].label == "old"


@pytest.mark.parametrize(
    ("beside", "why"),
    [
        (None, "takes age, sex beside each example. Give a table of them: --beside TABLE"),
        ([{"age": 80}], r"beside: no column 'sex'"),
        ([{"age": 80, "sexe": "male"}], r"no column 'sex'. Did you mean 'sexe'\?"),
        ([{"age": "old", "sex": "male"}], "column 'age': expected a number, found 'old'"),
        ([{"age": 80, "sex": "other"}], "column 'sex': expected 'female' or 'male', found 'other'"),
        ([{"age": 80, "sex": "male"}] * 2, "expected a row for each of 1 examples, found 2"),
        ("nothing.csv", "nothing.csv: no such file"),
    ],
)
def test_columns_that_do_not_fit_are_refused_in_one_line(predictor, project, beside, why):
    with pytest.raises(TlkitError, match=why) as caught:
        predictor.predict(["pictures/old/0.png"], beside=beside)
    assert "\n" not in str(caught.value)


def test_a_model_without_columns_takes_none(finished, monkeypatch):
    monkeypatch.chdir(finished[0])
    assert "takes nothing beside its input" in refused("predict", "latest", "pictures/red", "--beside", "tiny.yaml")


def test_an_example_whose_row_does_not_fit_is_named_and_the_others_answered(aged, project):
    result = tlkit("predict", aged[1]["run_id"], "pictures", "--beside", table(project, sex="other"))
    assert result.exit_code == 2
    assert len(result.stdout.splitlines()) == 59
    (told,) = result.stderr.splitlines()
    assert told.startswith("pictures/old/0.png: ")
    assert told.endswith("column 'sex': expected 'female' or 'male', found 'other'")


@pytest.mark.slow
def test_other_data_are_scored_with_their_table(aged, project):
    result = tlkit("evaluate", aged[1]["run_id"], "--data", "pictures", "--beside", table(project, age="?"), "--json")
    found = json.loads(result.stdout)
    assert found["accuracy"] > 0.9
    assert (found["examples"], found["set_aside"]) == (59, 1)
    assert "Give a table of them" in refused("evaluate", aged[1]["run_id"], "--data", "pictures")


@pytest.mark.slow
def test_explanations_hold_the_columns_at_their_means(aged, predictor, project):
    run = aged[1]["run_id"]
    result = tlkit("explain", run, "pictures/old/0.png", "--method", "gradcam", "--out", "why")
    assert result.exit_code == 0, result.output
    assert "age, sex held at their means" in result.output
    unknown = [{"age": None, "sex": None}]
    answer = predictor.predict(["pictures/old/0.png"], beside=unknown)[0]
    found = explain(run, "pictures/old/0.png", "gradcam", class_name="old")
    assert found.probability == pytest.approx(float(answer.outputs[0]), abs=1e-4)


def test_the_served_model_takes_the_columns_with_the_example(aged, project, monkeypatch):
    monkeypatch.setenv("TLKIT_SERVE_FOLDER", str(project))
    client = MlflowClient(f"sqlite:///{project / 'mlruns' / 'mlflow.db'}")
    (logged,) = client.search_logged_models(
        [client.get_run(aged[1]["run_id"]).info.experiment_id], f"source_run_id = '{aged[1]['run_id']}'"
    )
    served = mlflow.pyfunc.load_model(logged.artifact_location)
    rows = {"example": ["pictures/old/0.png"] * 2, "age": [80.0, 15.0], "sex": ["male", None]}
    assert [each["class"] for each in served.predict(pd.DataFrame(rows))] == ["old", "young"]
    assert served.input_example.columns.tolist() == ["example", "age", "sex"]


@pytest.mark.slow
def test_a_frame_from_python_is_trained_on_and_remembered(project):
    frame = pd.read_csv("patients.csv").assign(
        path=lambda frame: [str(next((project / "pictures").glob(f"*/{name}"))) for name in frame.file],
        breed=lambda frame: [path.split("/")[-2] for path in frame.path],
    )
    splits = Splits.from_frame(frame, image="path", label="breed", beside=["age", "sex"], image_size=32)
    recipe = load_recipe("recipe.yaml", ["data.beside=null"])
    assert run(recipe, splits=splits, root=project / "mlruns", offline=True).metrics["test/accuracy"] >= 0.9


@pytest.mark.slow
def test_a_search_tries_recipes_with_columns(project):
    space = "tune={tuner: random, trials: 1, seeds: 1, space: {model.head.dropout: {float: [0, 0.3]}}}"
    result = tlkit("tune", "recipe.yaml", "--set", space, "--json")
    assert json.loads(result.stdout.splitlines()[-1])["score"] >= 0.9


def test_a_summary_shows_the_columns(project):
    result = tlkit("summary", "recipe.yaml")
    assert "scale_columns" in result.stdout
    assert "join" in result.stdout


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (("data.beside.columns=[age, sexe]",), "no column 'sexe'. Did you mean 'sex'?"),
        (("data.beside.table=nothing.csv",), "nothing.csv: no such file"),
        (("data.beside.colums=[age]",), "data.beside.colums: unknown key. Did you mean 'columns'?"),
    ],
)
def test_a_check_finds_what_is_wrong_with_the_table(project, settings, why):
    given = [part for each in settings for part in ("--set", each)]
    assert why in refused("check", "recipe.yaml", *given)


def test_mixing_examples_is_refused(project):
    assert "mixup mixes examples" in refused("run", "recipe.yaml", "--set", "augment=[{mixup: 0.2}]")
