"""A project that was copied or moved records beside itself and finds its files there."""

import shutil
from pathlib import Path

import pytest
from mlflow import MlflowClient

from tlkit import tracking
from tlkit.tracking import lookup
from tlkit.tracking.resend import sync


@pytest.fixture
def recorded(tmp_path, record, monkeypatch):
    """A project with one run, as a folder; the current folder is its copy."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    monkeypatch.chdir(one)
    _record(record, "first")
    shutil.copytree(one, two)
    monkeypatch.chdir(two)
    return one


def _record(record, text):
    with record() as tracker:
        (tracker.folder / "note.txt").write_text(text)


def _content(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _notes():
    """What MLflow's own client finds in the files of each run here."""
    client = MlflowClient(f"sqlite:///{Path('mlruns/mlflow.db').absolute()}")
    runs = client.search_runs([client.get_experiment_by_name("pets").experiment_id], order_by=["start_time"])
    return [Path(client.download_artifacts(run.info.run_id, "note.txt")) for run in runs]


def test_a_copied_project_leaves_the_old_folder_as_it_was(recorded, record, caplog):
    before = _content(recorded)
    tracking.check_store()
    assert "mlruns/mlflow.db: was moved or copied; the files of its runs are now looked for beside it" in caplog.text
    assert f"not in {recorded}" in caplog.text
    _record(record, "second")
    assert _content(recorded) == before
    assert [each.read_text() for each in _notes()] == ["first", "second"]
    assert all(run.artifacts.is_relative_to(Path.cwd()) for run in lookup.recent())
    caplog.clear()
    tracking.check_store()
    assert caplog.text == ""


def test_runs_of_a_moved_project_are_found_before_anything_is_recorded(recorded):
    shutil.rmtree(recorded)
    assert lookup.fetch(lookup.recent()[0], "note.txt").read_text() == "first"


def test_a_record_that_waits_in_a_copied_project_goes_to_the_copy(tmp_path, begin, monkeypatch):
    with begin(offline=True) as tracker:
        (tracker.folder / "note.txt").write_text("unsent")
    shutil.copytree("mlruns", "copy/mlruns")
    monkeypatch.chdir("copy")
    assert [outcome for _, outcome in sync()] == ["ok"]
    assert [each.read_text() for each in _notes()] == ["unsent"]
    assert len(list((tmp_path / "mlruns" / "pending").iterdir())) == 1
    assert not (tmp_path / "mlruns" / "mlflow.db").exists()


def test_files_that_somebody_keeps_elsewhere_stay_there(record, tmp_path, caplog):
    _record(record, "first")
    caplog.clear()
    client = MlflowClient(f"sqlite:///{Path('mlruns/mlflow.db').absolute()}")
    (tmp_path / "large").mkdir()
    place = (tmp_path / "large" / "artifacts").as_uri()
    client.create_experiment("kept elsewhere", place)
    tracking.check_store()
    assert client.get_experiment_by_name("kept elsewhere").artifact_location == place
    assert caplog.text == ""
