"""Searches that are killed, whose workers are killed, and whose trials fail; real processes and real signals."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time

import psutil
import pytest
from command_line import free_port, tlkit
from mlflow import MlflowClient
from search_commands import RECIPE, journal

LONG = ["--set", "train.epochs=60", "--set", "train.early_stopping=null", "--set", "tune.seeds=1"]


def start(project, *arguments):
    command = [sys.executable, "-m", "tlkit", "tune", "tiny.yaml", *arguments]
    return subprocess.Popen(command, cwd=project, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def wait_for(happened):
    end = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def lines(project):
    path = project / "mlruns" / "searches" / "tiny" / "journal.jsonl"
    return journal(project) if path.is_file() and path.read_bytes().endswith(b"\n") else []


@pytest.fixture(scope="module")
def gone_on(tmp_path_factory, drawn_pictures):
    """A search that was killed in its second trial and begun again: its folder, what stood there then, what it said."""
    project = tmp_path_factory.mktemp("gone_on")
    shutil.copytree(drawn_pictures, project / "pictures")
    (project / "tiny.yaml").write_text(RECIPE)
    process = start(project, *LONG)
    wait_for(lambda: any(line.get("of") == 1 and line.get("epoch", 0) > 8 for line in lines(project)))
    process.kill()
    process.communicate(timeout=60)
    before = lines(project)
    output, _ = start(project, *LONG).communicate(timeout=200)
    return project, before, output


def test_a_search_killed_in_an_epoch_goes_on_where_it_was(gone_on):
    project, before, output = gone_on
    assert "going on   2 of 4 trials are there" in output, output
    after = lines(project)
    assert after[: len(before)] == before
    for number in range(4):
        assert [line["epoch"] for line in after if line.get("of") == number] == list(range(1, 61))
    assert [line["end"] for line in after if "end" in line] == [0, 1, 2, 3]
    client = MlflowClient(f"sqlite:///{project / 'mlruns' / 'mlflow.db'}")
    runs = client.search_runs([client.get_experiment_by_name("tiny").experiment_id])
    parents = [each for each in runs if each.data.tags.get("tlkit.search") == "parent"]
    assert [each.info.status for each in parents] == ["FINISHED"]
    trials = [each for each in runs if each.info.run_name.startswith("trial")]
    assert sorted(each.info.run_name for each in trials) == [f"trial {number}" for number in range(1, 5)]
    for each in trials:
        history = client.get_metric_history(each.info.run_id, "val/accuracy")
        assert sorted(point.step for point in history) == list(range(1, 61))


@pytest.mark.slow
def test_an_extension_that_is_killed_adds_its_trials_once(gone_on, monkeypatch):
    project = gone_on[0]
    monkeypatch.chdir(project)
    process = start(project, *LONG, "--extend", "2")
    wait_for(lambda: any(line.get("of") == 4 for line in lines(project)))
    process.kill()
    process.communicate(timeout=60)
    output, _ = start(project, *LONG, "--extend", "2").communicate(timeout=200)
    assert [line["end"] for line in lines(project) if "end" in line] == [0, 1, 2, 3, 4, 5], output
    again = tlkit("tune", "tiny.yaml", *LONG)
    assert "the search is done" in again.output


@pytest.mark.slow
def test_a_worker_that_dies_gives_its_trial_back(project):
    process = start(project, *LONG, "--set", "tune.trials=2")
    wait_for(lambda: any(line.get("of") == 1 for line in lines(project)))
    worker = next(each for each in psutil.Process(process.pid).children() if "trial_worker" in " ".join(each.cmdline()))
    os.kill(worker.pid, signal.SIGKILL)
    output, _ = process.communicate(timeout=200)
    assert process.returncode == 0, output
    assert "given back: its worker died" in output
    assert [line["status"] for line in lines(project) if "end" in line] == ["COMPLETED"] * 2


@pytest.mark.slow
def test_a_swollen_worker_is_replaced(project):
    few = ["--set", "tune.trials=2", "--set", "tune.seeds=1"]
    process = start(project, *few, "--set", "tune.growth_mb=1")
    workers = set()
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(process.pid).children()
            workers |= {each.pid for each in children if "trial_worker" in " ".join(each.cmdline())}
        time.sleep(0.05)
    assert process.returncode == 0, process.stdout.read()
    assert len(workers) > 1
    assert [line["status"] for line in lines(project) if "end" in line] == ["COMPLETED"] * 2


@pytest.mark.slow
def test_a_full_disk_is_said_and_the_search_goes_on_when_there_is_room(project, small_disk):
    folder = small_disk("48k", project / "mlruns" / "searches")
    few = ["--set", "tune.trials=2", "--set", "tune.seeds=1"]
    full = tlkit("tune", "tiny.yaml", *few)
    assert full.exit_code == 2
    assert "No space left on device" in full.output
    assert "Make room" in full.output
    assert [line for line in lines(project) if line.get("status") == "FAILED"] == []
    small_disk("64m", folder)
    again = tlkit("tune", "tiny.yaml", *few)
    assert again.exit_code == 0, again.output
    assert [line["status"] for line in lines(project) if "end" in line] == ["COMPLETED"] * 2


NET = """
import keras

def net(input_shape, *, fault="none"):
    if fault == "memory":
        raise MemoryError("failed to allocate 99 GB")
    if fault == "error":
        raise RuntimeError("a mistake in the net")
    inputs = keras.Input(input_shape)
    x = keras.layers.GlobalAveragePooling2D()(inputs)
    if fault == "nan":
        x = keras.layers.Lambda(lambda x: x * float("nan"))(x)
    return keras.Model(inputs, keras.layers.Dense(4, name="block1_dense")(x))
"""

FAULTY = """
name: tiny
data: {path: pictures, image_size: 16, val: 0.25, test: 0.25}
model: {net: "net.py:net", weights: none, head: {dropout: 0}}
train: {epochs: 2, batch_size: 8}
track: {system_metrics: false}
tune: {tuner: grid, trials: 9, seeds: 1, space: {model.fault: {choice: [%s]}}}
"""


def write_faulty(project, faults):
    (project / "net.py").write_text(NET)
    (project / "tiny.yaml").write_text(FAULTY % faults)


@pytest.mark.slow
def test_failures_are_recorded_and_stop_nothing(project):
    write_faulty(project, "error, nan, memory, none")
    done = tlkit("tune", "tiny.yaml")
    assert done.exit_code == 0, done.output
    ends = [line for line in journal(project) if "end" in line]
    assert [line["status"] for line in ends] == ["FAILED", "FAILED", "FAILED", "COMPLETED"]
    assert "a mistake in the net" in ends[0]["message"]
    assert "loss became nan in epoch 1" in ends[1]["message"]
    assert "with batches of 4 as well" in ends[2]["message"]
    assert [line["batch_size"] for line in journal(project) if "halved" in line] == [4]
    assert tlkit("check", "mlruns/searches/tiny/best.yaml").exit_code == 0, "its net lies beside it"
    assert (project / "mlruns" / "searches" / "tiny" / "net.py").read_text() == NET


@pytest.mark.slow
def test_trials_that_fail_alike_stop_the_search_at_the_second(project):
    write_faulty(project, "error, none")
    done = tlkit("tune", "tiny.yaml", "--set", "tune.space={train.epochs: {int: [1, 9]}}", "--set", "model.fault=error")
    assert done.exit_code == 2
    assert "every trial fails alike: RuntimeError: a mistake in the net" in done.output
    assert len([line for line in journal(project) if "end" in line]) == 2


@pytest.mark.server
def test_workers_join_late_and_a_dead_ones_trial_is_done_by_another(project):
    address = f"127.0.0.1:{free_port()}"
    many = [*LONG, "--set", "tune.trials=14"]
    chief = start(project, *many, "--chief", address)
    first = start(project, *many, "--join", address)
    wait_for(lambda: {"worker 1", "joined 1"} <= {line.get("worker") for line in lines(project)})
    second = start(project, *many, "--join", address)
    wait_for(lambda: "joined 2" in {line.get("worker") for line in lines(project)})
    first.kill()
    output, _ = chief.communicate(timeout=280)
    assert chief.returncode == 0, output
    late, _ = second.communicate(timeout=60)
    assert second.returncode == 0, late
    first.communicate(timeout=30)
    assert [line["status"] for line in lines(project) if "end" in line] == ["COMPLETED"] * 14


@pytest.mark.server
def test_a_joining_worker_with_another_recipe_is_refused(project):
    address = f"127.0.0.1:{free_port()}"
    chief = start(project, *LONG, "--chief", address)
    joining = start(project, *LONG, "--set", "train.batch_size=4", "--join", address)
    output, _ = joining.communicate(timeout=120)
    assert joining.returncode == 2
    assert output.startswith(f"--join {address}: the chief searches another recipe")
    assert "train.batch_size: 8, now 4" in output
    chief.communicate(timeout=200)
    assert chief.returncode == 0
