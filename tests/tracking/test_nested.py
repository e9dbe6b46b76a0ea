"""Runs within runs, runs that go on, and records that are kept for later."""

import json
import os
from pathlib import Path

from mlflow import MlflowClient
from remains import leftovers

from tlkit.tracking import RecordedData, lookup
from tlkit.tracking.resend import sync


def test_runs_within_a_run_are_sent_by_it_with_their_files(begin):
    with begin(name="search") as search:
        for number in range(3):
            with search.child(name=f"trial {number}", params={"units": number}, tags={}) as trial:
                trial.log_metrics({"val/loss": 1.0 / (number + 1)}, step=1)
                (trial.folder / "model.txt").write_text(str(number))
    trials = lookup.children(lookup.find(search.run_id))
    assert [(each.name, each.params["units"], each.status) for each in trials] == [
        ("trial 0", "0", "FINISHED"), ("trial 1", "1", "FINISHED"), ("trial 2", "2", "FINISHED"),
    ]  # fmt: skip
    assert [(each.artifacts / "model.txt").read_text() for each in trials] == ["0", "1", "2"]
    assert [each.name for each in lookup.recent()] == ["search"]
    assert leftovers() == []


def test_a_search_that_was_killed_goes_on_under_its_old_id(begin):
    search = begin(name="search")
    with search.child(name="first", params={}, tags={}):
        pass
    search.finish("KILLED")
    with begin(name="search", resume=search.run_id) as again, again.child(name="second", params={}, tags={}):
        pass
    assert again.run_id == search.run_id
    run = lookup.find(search.run_id)
    assert run.status == "FINISHED"
    assert [each.name for each in lookup.children(run)] == ["first", "second"]
    assert len(lookup.recent()) == 1


def test_offline_nothing_is_sent_until_sync(begin, monkeypatch, caplog):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with begin(offline=True) as tracker, tracker.child(name="part", params={}, tags={}):
        (tracker.folder / "a.txt").write_text("a")
    assert tracker.run_id == tracker.journal
    assert "sent by the next run or `tlkit sync`" in caplog.text
    assert len(leftovers()) == 2
    outcomes = [outcome for _, outcome in sync()]
    assert all("nobody answers" in each for each in outcomes)
    assert len(leftovers()) == 2


def test_what_was_kept_offline_is_sent_parents_first(begin):
    with begin(offline=True) as tracker, tracker.child(name="part", params={}, tags={}):
        (tracker.folder / "a.txt").write_text("a")
    assert not Path("mlruns/mlflow.db").exists()
    assert [outcome for _, outcome in sync()] == ["ok", "ok"]
    (run,) = lookup.recent()
    assert [each.name for each in lookup.children(run)] == ["part"]
    assert os.listdir(run.artifacts) == ["a.txt"]


def test_experiments_open_on_their_runs_and_data_is_an_input(begin):
    with begin() as tracker:
        profile = {"train": {"cat": 3}}
        tracker.log_data(RecordedData("cats", "0123abcd", "data/cats", profile, {"origin": "drawn"}))
    client = MlflowClient(f"sqlite:///{Path('mlruns/mlflow.db').absolute()}")  # MLflow keeps a store by its name
    tags = client.get_experiment_by_name("pets").tags
    assert tags["mlflow.experimentKind"] == "custom_model_development"
    assert "tags.`tlkit.score`" in json.loads(tags["mlflow.sharedViewState.tlkit"])["selectedColumns"]
    (found,) = client.get_run(tracker.run_id).inputs.dataset_inputs
    assert (found.dataset.name, found.dataset.digest) == ("cats", "0123abcd")
    assert {each.key: each.value for each in found.tags} == {"origin": "drawn", "mlflow.data.context": "training"}
