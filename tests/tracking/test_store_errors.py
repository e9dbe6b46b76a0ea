"""Stores that cannot be had: each gives one clear line, and nothing half-written stays."""

import contextlib
import socket
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from command_line import free_port

import tlkit
from tlkit.errors import TrackingError
from tlkit.tracking import database_schema, store

ROOT = Path("mlruns")
FILE = ROOT / "mlflow.db"


@pytest.fixture
def revise():
    """Makes a database that claims to stand at another revision."""

    def revise(revision):
        database_schema.create(FILE.absolute())
        with contextlib.closing(sqlite3.connect(FILE)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", [revision])
            connection.commit()

    return revise


def test_a_file_in_the_place_of_the_folder(begin):
    ROOT.write_text("")
    with pytest.raises(TrackingError, match=r"^mlruns: cannot be written \(.*\)\. Mend the permissions or set MLFLOW"):
        begin()


def test_an_unwritable_folder_does_when_the_store_is_elsewhere(begin, monkeypatch, tmp_path):
    ROOT.write_text("")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/elsewhere/mlflow.db")
    with begin() as tracker:
        (tracker.folder / "a.txt").write_text("a")
    assert (tmp_path / "elsewhere" / "artifacts" / tracker.run_id / "artifacts" / "a.txt").exists()


@pytest.mark.parametrize("content", [b"no database at all", b"SQLite format 3\0" + b"\xff" * 4096, b""])
def test_a_corrupt_database(begin, content):
    ROOT.mkdir()
    FILE.write_bytes(content)
    tracker = begin()
    with pytest.raises(TrackingError, match=r"^mlruns/mlflow\.db: is not a sound database \(.*\)\. Move it away"):
        _ = tracker.run_id
    with pytest.raises(TrackingError):
        tracker.check()
    with pytest.raises(TrackingError, match=r"^mlruns/mlflow\.db: is not a sound database \(.*brin"):
        tracker.finish("FAILED")
    assert list((ROOT / "pending").iterdir()) == []
    assert FILE.read_bytes() == content


def test_what_was_recorded_already_is_kept_when_the_store_cannot_be_had(begin):
    ROOT.mkdir()
    FILE.write_bytes(b"no database at all")
    tracker = begin()
    tracker.log_metrics({"loss": 1.0}, step=0)
    with pytest.raises(TrackingError, match=r"The record is kept in .*mlruns/pending/.* `tlkit sync`"):
        tracker.finish()
    assert len(list((ROOT / "pending").iterdir())) == 1


def test_a_failed_start_is_told_once(begin, caplog):
    ROOT.mkdir()
    FILE.write_bytes(b"no database at all")
    with pytest.raises(TrackingError) as caught, begin() as tracker:
        _ = tracker.run_id
    assert "\n" not in str(caught.value)
    assert caplog.text == ""


def test_a_locked_database(monkeypatch):
    database_schema.create(FILE.absolute())
    monkeypatch.setattr(store, "PATIENCE", 0.2)
    with contextlib.closing(sqlite3.connect(FILE, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(TrackingError, match=r"^mlruns/mlflow\.db: locked by another program for"):
            store.prepare(store.uri(ROOT))


def test_a_database_of_a_newer_mlflow(revise):
    revise("0123456789ab")
    with pytest.raises(TrackingError, match=r"^mlruns/mlflow\.db: written by a newer MLflow than the .*Upgrade mlflow"):
        store.prepare(store.uri(ROOT))


def test_a_database_of_an_older_mlflow(revise):
    revise("451aebb31d03")
    with pytest.raises(TrackingError, match=r"^mlruns/mlflow\.db: written by an older .*mlflow db upgrade sqlite:///"):
        store.prepare(store.uri(ROOT))


def test_an_old_file_store(begin):
    (ROOT / "0").mkdir(parents=True)
    (ROOT / "0" / "meta.yaml").write_text("name: Default\n")
    with pytest.raises(
        TrackingError, match=r"`mlflow migrate-filestore --source mlruns --target sqlite:///mlruns/mlfl"
    ):
        begin()
    assert not (ROOT / "pending").exists()


@pytest.mark.parametrize("address", ["file:///tmp/mlruns", "./mlruns", "/tmp/mlruns"])
def test_an_address_of_a_file_store(begin, monkeypatch, address):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    with pytest.raises(TrackingError, match=r"MLflow no longer keeps records in plain folders"):
        begin()


def test_a_server_where_nobody_listens(begin, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://me:secret@127.0.0.1:{free_port()}")
    tracker = begin()
    with pytest.raises(
        TrackingError, match=r"^MLFLOW_TRACKING_URI=http://127.*: nobody answers \(.*refused\)"
    ) as caught:
        _ = tracker.run_id
    assert "secret" not in str(caught.value)


def test_an_address_that_no_store_understands(begin, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "gopher://example.org")
    tracker = begin()
    with pytest.raises(TrackingError, match=r"^MLFLOW_TRACKING_URI=gopher://example.org: "):
        _ = tracker.run_id


def test_a_server_that_is_none_of_mlflow(begin, monkeypatch):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listening:
        threading.Thread(target=_answer_nonsense, args=[listening], daemon=True).start()
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{listening.getsockname()[1]}")
        tracker = begin()
        with pytest.raises(
            TrackingError, match=r"^MLFLOW_TRACKING_URI=http://127\.0\.0\.1:\d+: cannot be used"
        ) as caught:
            _ = tracker.run_id
        assert "\n" not in str(caught.value)


def test_an_experiment_that_was_deleted(begin):
    begin().finish()
    with contextlib.closing(sqlite3.connect(FILE)) as connection:
        connection.execute("UPDATE experiments SET lifecycle_stage = 'deleted' WHERE name = 'pets'")
        connection.commit()
    with pytest.raises(TrackingError, match=r"^experiment 'pets': was deleted .* -x 1` or choose another name"):
        _ = begin().run_id


@pytest.mark.parametrize(
    ("mount", "reason"),
    [
        ("mount --bind mlruns mlruns && mount -o remount,ro,bind mlruns", "read-only file system"),
        ("mount -t tmpfs -o size=4k tmpfs mlruns", "no space left on device"),
        ("mount -t tmpfs -o size=200k tmpfs mlruns", "full"),
    ],
)
def test_a_read_only_and_a_full_disk(mount, reason):
    ROOT.mkdir()
    if subprocess.run(["unshare", "-m", "sh", "-c", mount], capture_output=True).returncode:
        pytest.skip("needs the right to mount")
    code = (
        "from tlkit import tracking\n"
        "try:\n"
        "    with tracking.start(name='a', experiment='b', params={'c': 'd' * 5000}, tags={}) as run: run.run_id\n"
        "except tracking.journal.TrackingError as error: print(error)"
    )
    command = ["unshare", "-m", "sh", "-c", f'{mount} && "$0" -c "$1"', sys.executable, code]
    home = str(Path(tlkit.__file__).parents[1])
    done = subprocess.run(command, capture_output=True, text=True, env={"PYTHONPATH": home, "PATH": "/usr/bin:/bin"})
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    assert done.stdout.startswith("mlruns")
    assert reason in done.stdout


def _answer_nonsense(listening):
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\nConnection: close\r\n\r\n<html></html>")
