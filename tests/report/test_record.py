"""What a run leaves in MLflow's store beside parameters and metrics: note, data set, model, comparable table, costs."""

import base64
import json
import re
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from command_line import run_json, tlkit
from mlflow import MlflowClient

import tlkit as package
from tlkit.tracking import lookup


@pytest.fixture
def stored(finished, monkeypatch):
    folder, results = finished
    monkeypatch.chdir(folder)
    client = MlflowClient(f"sqlite:///{folder / 'mlruns' / 'mlflow.db'}")
    return client.get_run(results[0]["run_id"]), client, results[0]


@pytest.fixture(scope="module")
def loaded(finished):
    """The run's model as MLflow loads it, told of the project's folder."""
    folder, results = finished
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLKIT_SERVE_FOLDER", str(folder))
        mlflow.set_tracking_uri(f"sqlite:///{folder}/mlruns/mlflow.db")
        model = mlflow.pyfunc.load_model(f"runs:/{results[0]['run_id']}/model")
    mlflow.set_tracking_uri(None)
    return model


@pytest.fixture
def served(stored, loaded):
    """That model, while MLflow looks into the project's store."""
    mlflow.set_tracking_uri(f"sqlite:///{Path.cwd()}/mlruns/mlflow.db")
    yield loaded
    mlflow.set_tracking_uri(None)


def test_the_note_says_what_on_what_how_good_and_at_what_cost(stored):
    note = stored[0].data.tags["mlflow.note.content"]
    assert note.startswith("tiny\n\n| | |\n|---|---|\n")
    assert re.search(r"\| accuracy \| \*\*\d+\.\d%\*\*, 95 % interval .* test examples \|", note)
    assert "| data | pictures: 12 train, 6 val, 6 test |" in note
    assert re.search(r"\| cost \| [\d.]+ s, energy not measured: no GPU", note)


def test_the_data_set_is_an_input_with_digest_counts_and_origin(stored):
    run = stored[0]
    (found,) = run.inputs.dataset_inputs
    assert (found.dataset.name, found.dataset.digest) == ("pictures", run.data.tags["data.digest"])
    train = json.loads(found.dataset.profile)["train"]
    assert train["examples"] == train["class blue"] + train["class red"] == 12
    assert {"data.origin": "given", "data.kind": "image"}.items() <= {
        each.key: each.value for each in found.tags
    }.items()


def test_the_digest_is_of_the_data_and_its_split(stored, project):
    first = stored[0].data.tags["data.digest"]
    from tlkit.report.run_note import digest

    same, other = (package.Splits.from_folder("pictures", image_size=32, val=0.25, test=0.25, seed=s) for s in (7, 8))
    assert digest(same) == first
    assert digest(other) != first


def test_the_score_that_stands_first_is_a_tag_that_mlflows_table_shows(stored):
    run, _, result = stored
    assert run.data.tags["tlkit.score"] == f"{result['metrics']['test/accuracy']:.4g} accuracy"


def test_a_run_without_a_gpu_says_so(stored):
    tags = stored[0].data.tags
    assert tags["tlkit.gpu"] == "none"
    assert tags["tlkit.energy"].startswith("not measured: no GPU")
    assert tags["tlkit.repeatable"] == "to the last bit on this machine"


def test_the_table_of_examples_is_one_that_mlflow_compares(stored, served):
    run, client, result = stored
    assert json.loads(run.data.tags["mlflow.loggedArtifacts"]) == [{"path": "test_examples.json", "type": "table"}]
    table = client.load_table(run.info.experiment_id, "test_examples.json", run_ids=[run.info.run_id])
    assert list(table)[:3] == ["example", "id", "true"]
    assert table["correct"].mean() == pytest.approx(result["metrics"]["test/accuracy"])


def test_the_model_answers_a_path_and_a_picture_in_base64(served, stored):
    path = next(Path("pictures/red").iterdir())
    picture = base64.b64encode(path.read_bytes()).decode()
    answers = served.predict(pd.DataFrame({"example": [str(path), picture, f"data:image/png;base64,{picture}"]}))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["class"] in ("blue", "red")
    assert answers[0]["probability"] == max(answers[0]["probabilities"].values())
    assert sum(answers[0]["probabilities"].values()) == pytest.approx(1, abs=1e-4)


def test_the_model_refuses_what_is_no_picture(served):
    for wrong in ("nowhere.png", base64.b64encode(b"no picture").decode()):
        with pytest.raises(package.TlkitError, match="a picture in base64"):
            served.predict(pd.DataFrame({"example": [wrong]}))


def test_the_logged_model_has_signature_example_and_class_names(stored, served):
    assert served.metadata.signature.inputs.input_names() == ["example"]
    assert served.metadata.signature.outputs.input_names() == ["class", "probability", "probabilities"]
    assert served.metadata.metadata["class_names"] == ["blue", "red"]
    assert set(served.metadata.flavors) == {"keras", "python_function"}
    assert served.predict(served.input_example)[0]["class"] in ("blue", "red")


@pytest.mark.slow
def test_a_model_is_registered_where_the_recipe_asks(project):
    for _ in range(2):
        result = run_json("tiny.yaml", "--set", "track.register_as=colours", "--set", "track.price_per_hour=3.6")
    client = MlflowClient(f"sqlite:///{Path.cwd()}/mlruns/mlflow.db")
    versions = client.search_model_versions("name = 'colours'")
    assert sorted(int(each.version) for each in versions) == [1, 2]
    run = lookup.find(result["run_id"])
    assert run.metrics["cost/run"] == pytest.approx(0.001 * run.metrics["seconds/total"], rel=1e-3)
    assert "at the price given" in run.tags["mlflow.note.content"]


def test_offline_a_run_is_kept_and_sent_later(project, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    refused = tlkit("run", "tiny.yaml")
    assert (refused.exit_code, len(refused.output.strip().splitlines())) == (2, 1)
    assert "nobody answers" in refused.output
    result = run_json("tiny.yaml", "--offline")
    assert package.load_recipe("tiny.yaml").name == result["recipe"]
    assert (project / "mlruns" / "pending" / result["run_id"] / "artifacts" / "report.html").is_file()


def test_arrays_are_served_as_arrays(project):
    inputs = np.random.default_rng(0).random((40, 6)).astype(np.float32)
    splits = package.Splits.from_arrays(inputs, (inputs[:, 0] > 0.5).astype(int), class_names=["low", "high"])
    settings = ["model={net: mlp, units: [8]}", "train.epochs=2", "data={}"]
    result = package.run(package.load_recipe("tiny.yaml", settings), splits=splits)
    mlflow.set_tracking_uri(f"sqlite:///{Path.cwd()}/mlruns/mlflow.db")
    answers = mlflow.pyfunc.load_model(f"runs:/{result.run_id}/model").predict(inputs[:3])
    mlflow.set_tracking_uri(None)
    expected = package.load_run(result.run_id).predict(inputs[:3])
    assert [each["class"] for each in answers] == [each.label for each in expected]
