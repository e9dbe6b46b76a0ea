"""A real MLflow server, killed and brought back."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tlkit.errors import NotFoundError
from tlkit.tracking import lookup
from tlkit.tracking.outbox import waiting
from tlkit.tracking.resend import sync

pytestmark = pytest.mark.server
ROOT = Path("mlruns")


class Server:
    """`mlflow server` on a free port of this machine, with a database in the current folder."""

    def __init__(self, folder):
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listening:
            self._port = listening.getsockname()[1]
        self.address = f"http://127.0.0.1:{self._port}"
        self._folder = folder
        self.start()

    def start(self):
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self._port)]
        command += ["--backend-store-uri", f"sqlite:///{self._folder}/server.db", "--workers", "1"]
        command += ["--artifacts-destination", str(self._folder / "served")]
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, env={**os.environ, "PATH": path}
            )
        self._await_health()

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _await_health(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.address}/health", timeout=2) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.2)
        raise AssertionError((self._folder / "server.log").read_text())


@pytest.fixture
def server(tmp_path, monkeypatch):
    server = Server(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.address)
    yield server
    server.kill()


def test_a_server_that_dies_loses_nothing(server, begin, caplog):
    """One server serves the whole story, as it takes seconds to start."""
    with begin(params={"seed": 1}) as tracker:
        (tracker.folder / "plots").mkdir()
        (tracker.folder / "plots" / "a.txt").write_text("a")
        tracker.log_metrics({"loss": float("nan"), "gain": float("inf")}, step=0)
        assert tracker.run_id
    _check_run(tracker.run_id, {"a.txt": "a"})

    briefly, long = begin(name="briefly"), begin(name="long")
    for each in (briefly, long):
        each.log_metrics({"loss": 1.0}, step=0)
    for each in (briefly, long):
        _await_sent(each)
    server.kill()
    for each in (briefly, long):
        each.log_metrics({"loss": 0.5}, step=1)
        each.check()
    (long.folder / "best.txt").write_text("weights")
    began = time.monotonic()
    assert long.finish() is None
    assert time.monotonic() - began < 25
    assert "is sent by the next run or `tlkit sync`" in caplog.text
    ((run_id, reason),) = sync(ROOT)  # the other one is still with its sender
    assert (run_id, "nobody answers" in reason) == (long.run_id, True)

    server.start()
    assert briefly.finish() is None
    for _ in range(2):
        sync(ROOT)
    assert waiting(ROOT) == []
    for each in (briefly, long):
        run = lookup.find(each.run_id)
        assert run.status == "FINISHED"
        assert lookup.metric_history(run, "loss") == [(0, 1.0), (1, 0.5)]
    assert lookup.fetch(lookup.find(long.run_id), "best.txt").read_text() == "weights"
    assert len(lookup.recent()) == 3


def _check_run(run_id, files):
    run = lookup.find(run_id[:10])
    assert (run.status, run.params, run.artifacts) == ("FINISHED", {"seed": "1"}, None)
    for name, text in files.items():
        assert lookup.fetch(run, f"plots/{name}").read_text() == text
        assert lookup.fetch(run, f"plots/{name}").read_text() == text
    with pytest.raises(NotFoundError, match=r"has no 'plot'\. Did you mean 'plots'\?"):
        lookup.fetch(run, "plot")
    assert str(run.metrics["loss"]) == "nan"
    assert lookup.find("latest").id == run_id


def _await_sent(tracker):
    deadline = time.monotonic() + 30
    while tracker._pending.sent().get("offset", 0) == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
