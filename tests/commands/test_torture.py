"""The short form of `make torture`: a few of its cases, and whether it would see what it looks for."""

import os
import sqlite3
import subprocess

import pytest
from bench_script import bench_script

torture = bench_script("torture")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What runs that are left alone come to, each done once."""
    return torture.Whole(tmp_path_factory.mktemp("whole"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["kill-scratch", "kill-sender"])
def test_a_run_that_is_killed_or_loses_a_helper_ends_as_one_left_alone(name, whole, tmp_path):
    shared = torture.unused_memory()
    verdict = torture.case((name, 0), home=tmp_path, seed=7, whole=whole, shared=shared, keep=True)
    assert (verdict.kills, verdict.different, verdict.litter) == (1, [], []), verdict.notes


def test_another_number_a_file_and_a_process_left_behind_are_seen(whole, monkeypatch):
    project, verdict = whole.of("scratch").project, torture.Verdict()
    with sqlite3.connect(project.folder / "mlruns" / "mlflow.db") as store:
        store.execute("update metrics set value = value + 1e-12 where key = 'val/loss' and step = 3")
    (project.folder / "mlruns" / "unfinished" / "state.new").touch()
    monkeypatch.setattr(torture, "PATIENCE", 0)
    left = subprocess.Popen(["sleep", "600"], env={**os.environ, torture.MARK: project.mark})
    torture.judge(project, "scratch", whole, verdict, torture.SCENARIOS["kill-scratch"], torture.unused_memory())
    assert left.wait(60) < 0
    (different,) = verdict.different
    assert "val/loss" in different
    assert verdict.litter == ["process sleep 600", "project/mlruns/unfinished/state.new 1"]
