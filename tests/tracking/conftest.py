"""Every test here records in an empty folder of its own, with real processes and MLflow's real store."""

import contextlib
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from remains import leftovers

import tlkit
from tlkit import tracking
from tlkit.tracking import lookup
from tlkit.tracking.resend import sync

ROOT = Path("mlruns")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")


@pytest.fixture
def begin():
    """Starts a record with the settings that a test does not care about."""

    def begin(**settings):
        defaults = {"name": "a run", "experiment": "pets", "params": {}, "tags": {}, "system_metrics": False}
        return tracking.start(**{**defaults, **settings})

    return begin


@pytest.fixture
def record(begin):
    """The same within a `with`, at whose end this process sends it: to start another takes longer."""

    @contextlib.contextmanager
    def record(**settings):
        with begin(offline=True, **settings) as tracker:
            yield tracker
        assert [outcome for _, outcome in sync(settings.get("root", ROOT))] == ["ok"]

    return record


@pytest.fixture
def script():
    """Starts a Python process in which `begin` is defined as above; ended with the test."""
    started = []
    header = """
        import os, signal, sys, time
        from tlkit import tracking
        def begin():
            return tracking.start(name="a run", experiment="pets", params={"a": 1}, tags={}, system_metrics=False)
    """

    def script(body):
        code = textwrap.dedent(header) + textwrap.dedent(body)
        env = {**os.environ, "PYTHONPATH": str(Path(tlkit.__file__).parents[1])}
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=env, start_new_session=True
        )
        started.append(process)
        return process

    yield script
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def ended():
    """Waits until a run has ended and nothing more is to be sent; returns the run."""

    def ended(run_id, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            run = lookup.find(run_id)
            if run.status != "RUNNING" and not leftovers():
                return run
            time.sleep(0.1)
        raise AssertionError(f"still {run.status}, waiting: {leftovers()}")

    return ended
