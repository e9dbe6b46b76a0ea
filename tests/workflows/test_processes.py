"""Real processes: two runs at once, Ctrl-C, a kill in the middle of the extraction."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from mlflow import MlflowClient
from PIL import Image

COMMAND = [sys.executable, "-m", "tlkit", "run", "tiny.yaml", "--json"]


def start(project, *arguments, cache):
    env = {**os.environ, "TLKIT_CACHE": str(cache)}
    return subprocess.Popen([*COMMAND, *arguments], cwd=project, env=env, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip


def result(process):
    output, errors = process.communicate(timeout=200)
    assert process.returncode == 0, errors
    return json.loads(output.strip().splitlines()[-1])


def client(project):
    return MlflowClient(f"sqlite:///{project / 'mlruns' / 'mlflow.db'}")


def test_two_first_runs_at_once_are_both_recorded(project, tmp_path):
    results = [result(each) for each in [start(project, cache=tmp_path / "c") for _ in range(2)]]
    runs = [client(project).get_run(each["run_id"]) for each in results]
    assert [run.info.status for run in runs] == ["FINISHED", "FINISHED"]
    assert results[0]["metrics"] == results[1]["metrics"]


def test_ctrl_c_keeps_the_best_weights_and_marks_the_run_killed(project, tmp_path):
    process = start(project, "--set", "train.epochs=100000", "--set", "train.early_stopping=null", cache=tmp_path / "c")
    wait_for(lambda: _epochs(project) > 3)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    experiment = client(project).get_experiment_by_name("tiny")
    run = client(project).search_runs([experiment.experiment_id])[0]
    assert run.info.status == "KILLED"
    assert "model.keras" in {each.path for each in client(project).list_artifacts(run.info.run_id)}


def test_a_run_killed_while_extracting_goes_on_where_it_was(project, tmp_path):
    for label in ("blue", "red"):
        for index in range(150):
            colour = (index, 50, 200) if label == "blue" else (200, 50, index)
            Image.new("RGB", (64, 64), colour).save(project / "pictures" / label / f"more{index}.png")
    large = ["--set", "data.image_size=224", "--set", "train.epochs=1"]
    process = start(project, *large, cache=tmp_path / "c")
    wait_for(lambda: list((tmp_path / "c" / "features").rglob("*.npy")))
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate(timeout=60)
    assert family
    assert psutil.wait_procs(family, timeout=60)[1] == []
    again = result(start(project, *large, cache=tmp_path / "c"))
    metrics = client(project).get_run(again["run_id"]).data.metrics
    assert metrics["features/cached"] > 0
    assert metrics["features/computed"] > 0
    assert metrics["features/cached"] + metrics["features/computed"] == 324


def _epochs(project):
    journals = list((project / "mlruns" / "pending").glob("*/journal.jsonl"))
    return sum(line.count("val/accuracy") for each in journals for line in each.read_text().splitlines())


def wait_for(happened):
    end = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


@pytest.mark.parametrize("command", [["run"], ["tune", "--set", "tune={trials: 1, seeds: 1, space: head}"]])
def test_no_process_runs_a_file_of_the_working_folder(project, command):
    """Names that tlkit's libraries import, where they are there and where they are not."""
    for name in ("cv2", "numpy", "tensorflow", "openvino", "keras", "dask", "yaml"):
        (project / f"{name}.py").write_text(f"open('planted', 'a').write('{name} ')\n")
    started = [str(Path(sys.executable).parent / "tlkit"), *command, "tiny.yaml"]
    done = subprocess.run(started, cwd=project, capture_output=True, text=True, timeout=200)
    assert not (project / "planted").exists(), (project / "planted").read_text()
    assert done.returncode == 0, done.stderr
