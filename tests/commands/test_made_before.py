"""A project that the first version of tlkit (0.1.0, with Keras 3.15.1 and MLflow 3.17.2) made, used by this one.

`made_before.tar.xz` holds it: small pictures, a net from scratch (run 0bc7b0ba) with its model as a file and as
MLflow's, a frozen run (1ac60276) with its cached features, whose files were left out as too large, and the database of
both. Classes of fewer than 30 are dealt in another way since: such runs cannot be done again with `rerun`.
"""

import csv
import tarfile
from pathlib import Path

import numpy as np
import pytest
from command_line import run_json, tlkit

from tlkit.tracking import lookup

ARCHIVE = Path(__file__).with_name("made_before.tar.xz")
SCRATCH, FROZEN = "0bc7b0ba", "1ac60276"


@pytest.fixture(scope="module")
def made_before(tmp_path_factory):
    """The project's folder, which each test only adds to."""
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder / "made_before"


@pytest.fixture(autouse=True)
def _within(made_before, monkeypatch):
    monkeypatch.chdir(made_before)
    monkeypatch.setenv("TLKIT_CACHE", str(made_before / "cache"))


def done(*arguments):
    result = tlkit(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def then():
    """What the model said of the test examples when it was trained: the probability of red by example."""
    folder = lookup.find(SCRATCH).artifacts
    with (folder / "predictions.csv").open() as file:
        return {row["example"]: float(row["p_red"]) for row in csv.DictReader(file)}


def test_runs_are_listed_and_compared():
    assert {line.split()[0] for line in done("list", "runs").splitlines()} >= {SCRATCH, FROZEN}
    assert "model.net" in done("compare", SCRATCH, FROZEN)


def test_a_model_predicts_what_it_did(tmp_path):
    done("predict", SCRATCH, *then(), "--csv", tmp_path / "now.csv")
    with (tmp_path / "now.csv").open() as file:
        now = [float(row["p_red"]) for row in csv.DictReader(file)]
    np.testing.assert_allclose(now, list(then().values()), atol=0.01)


def test_a_model_is_scored_and_explained(tmp_path):
    assert "accuracy" in done("evaluate", SCRATCH, "--data", "pictures")
    done("explain", SCRATCH, "pictures/red/1.png", "--method", "all", "--out", tmp_path / "explained")
    assert list((tmp_path / "explained").rglob("*.png"))


def test_a_model_that_mlflow_loads_answers():
    import mlflow

    model = mlflow.pyfunc.load_model(str(next(Path("mlruns/artifacts/models").glob("m-*/artifacts"))))
    assert model.predict(model.input_example)[0]["class"] in ("blue", "red")


@pytest.mark.slow
def test_a_run_is_done_again_as_it_was():
    scores = {name: values for name, *values in map(str.split, done("rerun", SCRATCH).splitlines())}
    assert scores["test/accuracy"] == ["1.000000", "1.000000"]


def test_features_are_taken_from_the_cache():
    pytest.importorskip("openvino")
    result = run_json("frozen.yaml", "--set", "train.few_examples=as_written")
    metrics = lookup.find(result["run_id"]).metrics
    assert metrics["features/cached"] == 16
    assert metrics.get("features/computed", 0) == 0
