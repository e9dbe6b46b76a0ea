"""Finding runs and their files again."""

import contextlib
import math
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from tlkit import tracking
from tlkit.errors import NotFoundError, TrackingError
from tlkit.tracking import lookup, store
from tlkit.tracking.database import DatabaseRecords
from tlkit.tracking.server import ServerRecords

ROOT = Path("mlruns")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a store of three runs, and their ids: a finished one, a trial within another, and a failed one."""
    folder = tmp_path_factory.mktemp("project")
    runs = [("good", {}, "FINISHED"), ("trial", {"mlflow.parentRunId": "x"}, "FINISHED"), ("bad", {}, "FAILED")]
    return folder, [_record(folder / "mlruns", *run) for run in runs]


@pytest.fixture
def three(made, monkeypatch):
    """The ids of the three runs of the store in the current folder."""
    monkeypatch.chdir(made[0])
    return made[1]


@pytest.fixture
def spare(made, tmp_path):
    """A copy of that store's database in the current folder, to spoil."""
    ROOT.mkdir()
    return Path(shutil.copy(made[0] / "mlruns" / "mlflow.db", ROOT))


@pytest.mark.slow
def test_latest_is_the_newest_finished_run_that_is_no_trial(three):
    assert lookup.find("latest").id == three[0]


def test_recent_leaves_out_trials(three):
    assert [run.name for run in lookup.recent()] == ["bad", "good"]
    assert [run.name for run in lookup.recent(limit=1)] == ["bad"]


@pytest.mark.parametrize("length", [32, 12])
def test_a_run_is_found_by_its_id_and_by_its_beginning(three, length):
    assert lookup.find(three[1][:length]).name == "trial"


def test_an_ambiguous_beginning_names_the_runs(made, spare):
    run_id = made[1][0]
    with contextlib.closing(sqlite3.connect(spare)) as connection:
        connection.execute("UPDATE runs SET run_uuid = ? WHERE name = 'bad'", [f"{run_id[:9]}xyz"])
        connection.commit()
    with pytest.raises(
        NotFoundError, match=rf"^'{run_id[:9]}' begins the ids of several runs: .*\(bad\).*\(good\)\. G"
    ):
        lookup.find(run_id[:9])


@pytest.mark.parametrize("run", ["nope", "", "a'; DROP TABLE runs", "%"])
def test_an_unknown_run_names_the_newest(three, run):
    with pytest.raises(
        NotFoundError, match=rf": no such run in mlruns/mlflow.db\. The newest is {three[2][:8]} \(bad\)"
    ):
        lookup.find(run)


def test_a_misspelt_latest_is_understood(three):
    with pytest.raises(NotFoundError, match="Did you mean 'latest'"):
        lookup.find("lates")


def test_without_any_run_nothing_is_created():
    with pytest.raises(NotFoundError, match=r"^'latest': no finished run in mlruns/mlflow.db yet"):
        lookup.find("latest")
    assert lookup.recent() == []
    assert not ROOT.exists()


def test_the_history_of_a_metric_is_in_order(three):
    assert lookup.metric_history(lookup.find("latest"), "loss") == [(0, 0.5), (1, 0.25)]
    assert lookup.metric_history(lookup.find("latest"), "gain") == []


def test_files_are_fetched_where_they_lie(three):
    run = lookup.find("latest")
    assert lookup.fetch(run, "model.keras") == run.artifacts / "model.keras"


def test_a_missing_file_names_the_nearest(three):
    with pytest.raises(NotFoundError, match=r"\(good\): has no 'model.kears'\. Did you mean 'model.keras'\?"):
        lookup.fetch(lookup.find("latest"), "model.kears")


def test_a_corrupt_database_is_one_line(spare):
    spare.write_bytes(b"no database at all")
    with pytest.raises(TrackingError, match=r"^mlruns/mlflow\.db: is not a sound database"):
        lookup.find("latest")


def test_the_short_way_and_mlflow_tell_the_same(three):
    ours = DatabaseRecords((ROOT / "mlflow.db").absolute())
    theirs = ServerRecords(store.client(store.uri(ROOT)))
    for question in (
        lambda records: records.newest(10),
        lambda records: records.newest(1, finished=True),
        lambda records: records.with_prefix(three[0][:9], 6),
        lambda records: records.with_prefix("zzz", 6),
    ):
        assert _plain(question(ours)) == _plain(question(theirs))
    assert ours.history(three[0], "loss") == theirs.history(three[0], "loss")
    assert math.isnan(ours.history(three[0], "nothing")[0][1])


def _record(root, name, tags, status):
    tracker = tracking.start(
        name=name, experiment="pets", params={"name": name}, tags=tags, root=root, system_metrics=False
    )
    tracker.log_metrics({"loss": 0.5, "nothing": math.nan}, step=0)
    tracker.log_metrics({"loss": 0.25}, step=1)
    (tracker.folder / "model.keras").write_text(name)
    tracker.finish(status)
    return tracker.run_id


def _plain(runs):
    return [replace(run, metrics={key: str(value) for key, value in run.metrics.items()}) for run in runs]
