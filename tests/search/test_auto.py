"""Backbones ranked on data of one's own, and the best recipe that a budget allows."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from command_line import refused, run_json, tlkit
from drawing import draw_pictures
from mlflow.tracking import MlflowClient

from tlkit import Splits
from tlkit.data.splits import joined
from tlkit.recipe.loading import changed_recipe, load_recipe
from tlkit.search.probing.held_out import Judge
from tlkit.search.probing.refinements import fine_tuned
from tlkit.search.probing.tried import Candidate, Tried


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw_pictures(tmp_path / "pictures")
    return tmp_path


SMALL = ("--set", "data.image_size=32")


def test_backbones_are_ranked_without_a_look_at_the_test_split(project):
    found = json.loads(tlkit("probe", "pictures", *SMALL, "--json").stdout.splitlines()[-1])
    sizes = [each["image_size"] for each in found["backbones"]]
    assert sizes[0] == [32, 32]
    assert [41, 41] in sizes
    assert found["examples"] < 24
    for each in found["backbones"]:
        assert 0 <= each["accuracy"] <= 1
        assert each["log_loss"] > 0
    said = tlkit("probe", "pictures", *SMALL)
    assert said.output.splitlines()[-1].endswith("the test split was not looked at")
    assert not (project / "mlruns").exists()


def test_the_recipe_that_is_written_runs_to_the_same_scores(project):
    (project / "pictures_auto.yaml").write_text("of an earlier search\n")
    found = json.loads(tlkit("auto", "pictures", *SMALL, "--budget", "5m", "--json").stdout.splitlines()[-1])
    again = run_json(found["recipe"])
    assert found["recipe"] == "pictures_auto_2.yaml"
    assert (project / "pictures_auto.yaml").read_text() == "of an earlier search\n"
    assert again["metrics"] == found["result"]["metrics"]
    client = MlflowClient(f"sqlite:///{project / 'mlruns' / 'mlflow.db'}")
    parent = client.get_run(found["run_id"])
    assert any("last block joined" in each["candidate"] for each in found["leaderboard"])
    written = yaml.safe_load((project / found["recipe"]).read_text())
    assert written["model"]["head"]["solver"] == "exact"
    losses = [each["log_loss"] for each in found["leaderboard"]]
    assert losses == sorted(losses)
    children = client.search_runs(["1"], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    assert len(children) == len(losses) + 1
    assert parent.data.tags["tlkit.winner_run"] in {each.info.run_id for each in children}
    assert parent.data.metrics["test/accuracy"] == found["result"]["metrics"]["test/accuracy"]
    kept = {each.path for each in client.list_artifacts(parent.info.run_id)}
    assert {"leaderboard.csv", "leaderboard.json", "best.yaml"} <= kept
    assert "stands there already" in refused("auto", "pictures", *SMALL, "--out", found["recipe"])


def test_nothing_is_written_over_and_a_folder_that_is_not_there_is_said_at_once(project):
    (project / "sub").mkdir()
    own = "import keras\n\n\ndef build(input_shape):\n    return keras.Sequential([keras.Input(input_shape)])\n"
    (project / "sub" / "own.py").write_text(own)
    (project / "sub" / "own.yaml").write_text("data: {path: pictures}\nmodel: {net: own.py:build, weights: none}\n")
    (project / "own.py").write_text("SOMETHING = 1\n")
    line = refused("auto", "sub/own.yaml", "--out", "best.yaml")
    assert line == "own.py: stands there already; name another file with --out"
    line = refused("auto", "sub/own.yaml", "--out", "nowhere/best.yaml")
    assert line == "nowhere: no such folder; make it, or name another file with --out"
    assert (project / "own.py").read_text() == "SOMETHING = 1\n"
    assert not (project / "best.yaml").exists()


def test_another_metric_is_what_candidates_are_judged_by_and_one_that_is_none_is_refused(project):
    line = refused("auto", "pictures", *SMALL, "--metric", "f1")
    assert line == "--metric: expected loss, accuracy, balanced_accuracy, received 'f1'"
    splits = Splits.from_arrays(np.eye(40, dtype=np.float32), np.arange(40) % 4 // 3, val=0.2, test=0.2, seed=1)
    whole = joined([splits.train, splits.val])
    outputs = np.eye(2)[np.arange(len(whole)) % 2]
    for metric in ("accuracy", "balanced_accuracy"):
        judge = Judge.of(splits, metric)
        found = judge.tried(Candidate("some", {}), whole, outputs, 0.0)
        scores = judge.task.measure(whole.targets, outputs, ("0", "1"))["metrics"]
        assert found.error == pytest.approx(1 - scores[metric])
        assert found.loss > found.error
        few = judge.tried(Candidate("some", {}), splits.val, outputs[len(splits.train) :], 0.0)
        assert few.errors == {each: found.errors[each] for each in few.errors}


def test_a_budget_of_less_than_one_extraction_says_what_is_needed(project):
    line = refused("auto", "pictures", *SMALL, "--budget", "3s")
    assert line.startswith("--budget 3s: efficientnet-lite0 at 32 alone takes about")
    assert "Give" in line
    assert not list(project.glob("*_auto.yaml"))


def test_a_budget_is_refused_again_where_some_features_are_there(project, monkeypatch):
    monkeypatch.setenv("TLKIT_CACHE", str(project / "c"))
    draw_pictures(project / "many", count=60)
    assert "alone takes about" in refused("auto", "many", *SMALL, "--budget", "1s")
    (speed,) = (project / "c" / "speeds").iterdir()
    speed.write_text("0.1")  # pictures a second
    line = refused("auto", "many", *SMALL, "--budget", "5m")
    assert line.startswith("--budget 300s: efficientnet-lite0 at 32 alone takes about")


NVIDIA = """
import sys, types
sys.modules["pynvml"] = types.SimpleNamespace(
    NVMLError=OSError, nvmlInit=int, nvmlShutdown=int, nvmlDeviceGetCount=lambda: 1,
    nvmlDeviceGetHandleByIndex=int, nvmlDeviceGetName=str,
)
from tlkit.engines.hardware import gpu_names
assert gpu_names()
from tlkit.cli import main
main(["probe", "pictures", "--set", "data.image_size=32"])
"""


def test_backbones_are_probed_by_openvino_beside_a_gpu_too(project):
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "0"}
    done = subprocess.run([sys.executable, "-c", NVIDIA], cwd=project, env=environment, text=True, capture_output=True,
                          timeout=200)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "the test split was not looked at" in done.stdout
    line = refused("probe", "pictures", *SMALL, "--set", "train.engine=keras")
    assert line == "train.engine: keras: backbones are probed by OpenVINO alone. Leave it out"


def test_what_a_recipe_says_of_its_data_holds_for_a_fine_tuned_backbone(project):
    (project / "pictures.yaml").write_text(
        "name: pictures\ndata: {path: pictures, image_size: 32}\ntrain: {imbalance: weights, epochs: 1}\n"
    )
    recipe = load_recipe(project / "pictures.yaml")
    own = Candidate("own", {"model.net": "efficientnet-lite0"})
    (tuned,) = fine_tuned(recipe, Tried(own, "accuracy", 0.5, {}, 1.0, 0.5))
    changed = changed_recipe(recipe, tuned.changes)
    assert changed.train.imbalance == "weights"
    assert [each.keep for each in changed.train.phases] == [None, "proven", None]
    assert changed.augment.steps


@pytest.mark.parametrize("budget", ["soon", "0", "-5m", "9d"])
def test_a_budget_that_is_no_time_is_refused(project, budget):
    done = tlkit("auto", "pictures", "--budget", budget)
    assert done.exit_code == 2
    assert f"expected a time such as 90s, 10m or 1h, found '{budget}'" in done.output


def test_data_that_no_backbone_is_for_are_refused_in_a_line(project):
    write_beats(project / "beats.csv", 40)
    assert "has no weights to begin with, so there is nothing to probe" in refused("probe", "beats.csv")


def write_beats(file, count):
    """Signals of two classes that differ in how fast they swing."""
    rng = np.random.default_rng(0)
    rows = (np.sin(np.arange(24) * (0.4 + 0.5 * (each % 2)) + rng.uniform(0, 6)) for each in range(count))
    lines = (f"{each % 2}," + ",".join(f"{value:.4f}" for value in row) for each, row in enumerate(rows))
    file.write_text("\n".join(lines) + "\n")


@pytest.mark.slow
def test_nets_that_suit_signals_are_tried_within_the_budget(project):
    write_beats(project / "beats.csv", 90)
    (project / "beats.yaml").write_text(
        "name: beats\ndata: {source: signals, path: beats.csv}\nmodel: auto\n"
        "train: {precision: float32}\ntune: {budget: 25s}\ntrack: {system_metrics: false}\n"
    )
    assert tlkit("check", "beats.yaml").output.splitlines()[-1] == "no problems found"
    assert "model: auto: no net is chosen yet" in refused("run", "beats.yaml", "--folds", "3")
    found = json.loads(tlkit("run", "beats.yaml", "--json").stdout.splitlines()[-1])
    rows = {each["candidate"]: each for each in found["leaderboard"]}
    assert rows["rocket: random filters, solved"]["examples"] > 70
    assert all(each["examples"] > 8 for each in found["leaderboard"])
    assert len(rows) + len(found["left_out"]) > 3
    written = yaml.safe_load((project / found["recipe"]).read_text())
    assert written["model"]["net"] in {name.partition(":")[0] for name in rows}
    assert written["train"]["precision"] == "float32"
    assert run_json(found["recipe"])["metrics"] == found["result"]["metrics"]
    page = Path(found["result"]["report"]).read_text()
    assert page.count("What was tried</h2>") == 1
    client = MlflowClient(f"sqlite:///{project / 'mlruns' / 'mlflow.db'}")
    kept = {each.path for each in client.list_artifacts(found["run_id"])}
    assert {"leaderboard.csv", "best.yaml", "steps.png", "report.html"} <= kept
    assert "Give" in refused("auto", "beats.yaml", "--budget", "5s", "--out", "other.yaml")


def test_a_net_that_is_left_open_takes_no_arguments(project):
    (project / "open.yaml").write_text("name: open\nmodel: {net: auto, filters: [8]}\n")
    assert "`model: auto` leaves the net open" in refused("check", "open.yaml")
