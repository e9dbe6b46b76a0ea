"""Backbones ranked on data of one's own, and the best recipe that a budget allows."""

import json

import pytest
from command_line import refused, run_json, tlkit
from drawing import draw_pictures
from mlflow.tracking import MlflowClient


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
    found = json.loads(tlkit("auto", "pictures", *SMALL, "--budget", "5m", "--json").stdout.splitlines()[-1])
    again = run_json(found["recipe"])
    assert found["recipe"] == "pictures_auto.yaml"
    assert again["metrics"] == found["result"]["metrics"]
    client = MlflowClient(f"sqlite:///{project / 'mlruns' / 'mlflow.db'}")
    parent = client.get_run(found["run_id"])
    losses = [each["log_loss"] for each in found["leaderboard"]]
    assert losses == sorted(losses)
    children = client.search_runs(["1"], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    assert len(children) == len(losses) + 1
    assert parent.data.tags["tlkit.winner_run"] in {each.info.run_id for each in children}
    assert parent.data.metrics["test/accuracy"] == found["result"]["metrics"]["test/accuracy"]
    kept = {each.path for each in client.list_artifacts(parent.info.run_id)}
    assert {"leaderboard.csv", "leaderboard.json", "best.yaml"} <= kept
    assert "stands there already" in refused("auto", "pictures", *SMALL)


def test_a_budget_of_less_than_one_extraction_says_what_is_needed(project):
    line = refused("auto", "pictures", *SMALL, "--budget", "3s")
    assert line.startswith("--budget 3s: efficientnet-lite0 at 32 alone takes about")
    assert "Give" in line
    assert not list(project.glob("*_auto.yaml"))


@pytest.mark.parametrize("budget", ["soon", "0", "-5m", "9d"])
def test_a_budget_that_is_no_time_is_refused(project, budget):
    done = tlkit("auto", "pictures", "--budget", budget)
    assert done.exit_code == 2
    assert f"expected a time such as 90s, 10m or 1h, found '{budget}'" in done.output


@pytest.mark.parametrize("command", ["probe", "auto"])
def test_data_that_no_backbone_is_for_are_refused_in_a_line(project, command):
    (project / "beats.csv").write_text(
        "".join(f"{row % 2},{','.join(str(row + c) for c in range(20))}\n" for row in range(40))
    )
    assert "has no weights to begin with, so there is nothing to probe" in refused(command, "beats.csv")
