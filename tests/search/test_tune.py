"""A search through its command: what it leaves on disk and in MLflow, and what it does when called again."""

import csv
import subprocess
import sys

import pytest
from command_line import run_json, tlkit
from mlflow import MlflowClient
from search_commands import journal


@pytest.fixture(scope="module")
def runs(searched):
    """The parent run, and its children by name."""
    folder, result = searched
    client = MlflowClient(f"sqlite:///{folder / 'mlruns' / 'mlflow.db'}")
    parent = client.get_run(result["run_id"])
    found = client.search_runs([parent.info.experiment_id], f"tags.`mlflow.parentRunId` = '{result['run_id']}'")
    return client, parent, {each.info.run_name: each for each in found}


def test_every_trial_is_a_nested_run_with_its_curve_at_the_right_steps(runs):
    client, _, children = runs
    assert set(children) == {"trial 1", "trial 2", "trial 3", "trial 4", "tiny winner"}
    trial = children["trial 2"]
    assert trial.info.status == "FINISHED"
    assert [each.step for each in client.get_metric_history(trial.info.run_id, "val/accuracy")] == [1, 2, 3]


def test_a_trials_record_names_all_its_recipe_fields(runs, searched):
    _, _, children = runs
    first = journal(searched[0])[0]["values"]
    params = children["trial 1"].data.params
    assert params["model.head.dropout"] == str(first["model.head.dropout"])
    assert params["train.epochs"] == "3"


def test_the_parent_holds_the_table_the_pictures_and_the_model(runs):
    client, parent, _ = runs
    names = {each.path for each in client.list_artifacts(parent.info.run_id)}
    assert {"trials.csv", "parallel_coordinates.png", "best_so_far.png", "best.yaml", "model.keras"} <= names
    assert parent.info.status == "FINISHED"
    assert parent.data.metrics["search/best_by_trial"] == parent.data.metrics["search/best"]


def test_only_the_winner_looks_at_the_test_split(runs):
    _, _, children = runs
    looked = [name for name, each in children.items() if any(key.startswith("test/") for key in each.data.metrics)]
    assert looked == ["tiny winner"]


def test_the_winner_trains_to_its_trials_score_again_and_with_each_seed(searched):
    _, result = searched
    assert len(result["seeds"]) == 2
    assert result["seeds"][0] == pytest.approx(result["score"], abs=1e-6)


def test_any_trial_written_out_runs_to_its_score_again_in_the_process_that_searched(searched, monkeypatch):
    folder, result = searched
    monkeypatch.chdir(folder)
    ends = {line["end"]: line["score"] for line in journal(folder) if "end" in line}
    other = next(number for number in ends if number != result["trial"])
    page = next((folder / "mlruns" / "artifacts").rglob(f"trials/{other:03}.yaml"))
    assert run_json(page)["metrics"]["val/accuracy"] == pytest.approx(ends[other], abs=1e-6)


def test_best_yaml_is_a_recipe_of_its_own(searched, monkeypatch):
    folder, result = searched
    monkeypatch.chdir(folder)
    checked = tlkit("check", result["best_recipe"])
    assert checked.exit_code == 0, checked.output
    assert "tune" not in (folder / "mlruns" / "searches" / "tiny" / "best.yaml").read_text()


def test_only_the_best_checkpoint_stays(searched):
    folder, result = searched
    kept = sorted((folder / "mlruns" / "searches" / "tiny" / "states").iterdir())
    assert [each.stem for each in kept] == [f"{result['trial']:03}"]


def test_the_same_command_again_does_nothing(searched, monkeypatch):
    folder, _ = searched
    monkeypatch.chdir(folder)
    before = journal(folder)
    again = tlkit("tune", "tiny.yaml")
    assert again.exit_code == 0
    assert "the search is done" in again.output
    assert journal(folder) == before


def test_a_changed_search_is_refused_with_the_difference(searched, monkeypatch):
    folder, _ = searched
    monkeypatch.chdir(folder)
    refused = tlkit("tune", "tiny.yaml", "--set", "train.epochs=5")
    assert refused.exit_code == 2
    assert "train.epochs: 3, now 5" in refused.output
    assert "--new" in refused.output


@pytest.mark.slow
def test_the_process_that_searches_loads_no_tensorflow(project):
    code = """
        import sys
        from tlkit.cli import main
        from tlkit.quiet import own_process
        own_process()
        settings = ["--set", "tune.trials=2", "--set", "tune.seeds=1"]
        main(["tune", "tiny.yaml", "--workers", "2", *settings], standalone_mode=False)
        print([name for name in ("tensorflow", "mlflow") if name in sys.modules])
    """
    lines = "\n".join(line.strip() for line in code.splitlines())
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, cwd=project)
    assert done.stdout.strip().splitlines()[-1:] == ["[]"], done.stderr
    assert {line["worker"] for line in journal(project) if "trial" in line} == {"worker 1", "worker 2"}


@pytest.mark.slow
def test_hyperband_promotes_trials_from_their_weights(project):
    settings = ["tune.tuner=hyperband", "tune.trials=13", "train.epochs=9", "train.early_stopping=null", "tune.seeds=1"]
    arguments = [part for each in settings for part in ("--set", each)]
    done = tlkit("tune", "tiny.yaml", *arguments)
    assert done.exit_code == 0, done.output
    with (max((project / "mlruns" / "artifacts").rglob("trials.csv"))).open() as file:
        rows = list(csv.DictReader(file))
    promoted = [row for row in rows if row["goes_on_from"]]
    assert sorted({int(row["epochs"]) for row in rows}) == [1, 3, 9]
    assert promoted
    epochs = [line for line in journal(project) if "epoch" in line]
    for row in promoted:  # only the epochs that it went on for were trained
        own = [line["epoch"] for line in epochs if line["of"] == int(row["trial"]) - 1]
        assert own == list(range({3: 2, 9: 4}[int(row["epochs"])], int(row["epochs"]) + 1))
