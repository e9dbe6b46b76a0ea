"""A run killed at any moment goes on by the same command, to the same end."""

import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from drawing import draw_pictures

RECIPE = """
data: {source: image_folder, path: pictures, image_size: 16, val: 0.25, test: 0.25}
augment: [{flip: horizontal}, {brightness: 0.1}]
model: {net: cnn, filters: [4, 8], weights: none}
train:
  batch_size: 4
  optimizer: {name: adam, average: 0.9}
  early_stopping: {patience: 30}
  checkpoint_minutes: 0.001
  phases: [{epochs: 14, learning_rate: 0.01}, {epochs: 14, learning_rate: 0.002}]
track: {system_metrics: false}
"""
DEADLINE = 120  # seconds


@pytest.fixture
def project(tmp_path):
    draw_pictures(tmp_path / "pictures")
    (tmp_path / "small.yaml").write_text(RECIPE)
    return tmp_path


def begun(project, *words):
    words = words if words[:1] in (("resume",), ("list",)) else ("run", "small.yaml", *words)
    command = [sys.executable, "-P", "-c", "from tlkit.cli import entry; entry()", *words]
    return subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def written(project):
    """When each state of an unfinished run was written."""
    return {file: file.stat().st_mtime_ns for file in project.glob("mlruns/unfinished/*/state.npz")}


def killed_behind_a_state(project, number=signal.SIGKILL):
    """A run that is stopped as soon as it has written a new state."""
    before, process, deadline = written(project), begun(project), time.monotonic() + DEADLINE
    while written(project) in (before, {}) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.poll() is None, process.stdout.read()
    os.kill(process.pid, number)
    said, _ = process.communicate(timeout=DEADLINE)
    return process.returncode, said


def ended(project, *words):
    process = begun(project, *words)
    said, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0, said
    return said


def told(project, query):
    with sqlite3.connect(project / "mlruns" / "mlflow.db") as store:
        return store.execute(query).fetchall()


def outcome(project):
    """All that a run came to but times: digests of weights and outputs, scores, every epoch's metrics."""
    digests = told(project, "select key, value from tags where key like 'tlkit.digest.%' order by key")
    rows = told(project, "select key, step, value from metrics where key like 'test/%' or key like 't%loss' "
                         "or key like 'val/%' order by key, step")  # fmt: skip
    return digests, rows


def test_a_run_killed_again_and_again_ends_as_one_that_never_was(project, tmp_path_factory):
    whole = tmp_path_factory.mktemp("whole")
    draw_pictures(whole / "pictures")
    (whole / "small.yaml").write_text(RECIPE)
    ended(whole)
    for _ in range(2):
        assert killed_behind_a_state(project)[0] == -signal.SIGKILL
    code, said = killed_behind_a_state(project, signal.SIGTERM)
    assert (code, "goes on   behind epoch" in said) == (143, True), said
    (line,) = ended(project, "list", "runs").splitlines()
    assert ("KILLED" in line, "can go on" in line) == (True, True)
    assert "goes on   behind epoch" in ended(project, "resume", line.split()[0])
    mine, other = outcome(project), outcome(whole)
    assert mine[0] == other[0]
    assert sorted(set(mine[1]) ^ set(other[1])) == []
    assert mine == other
    assert told(project, "select status from runs") == [("FINISHED",)]
    assert list((project / "mlruns" / "unfinished").iterdir()) == []


def test_other_settings_are_another_run_and_one_begun_afresh_leaves_what_was_kept(project):
    killed_behind_a_state(project)
    assert "goes on" not in ended(project, "--set", "seed=8")
    assert len(written(project)) == 1
    assert "goes on" not in ended(project, "--fresh")
    assert written(project) == {}
    assert sorted(told(project, "select status from runs")) == [("FINISHED",), ("FINISHED",), ("KILLED",)]
