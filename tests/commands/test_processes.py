"""Real processes: two runs at once, Ctrl-C, a kill in the middle of the extraction."""

import contextlib
import json
import os
import pty
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from command_line import tlkit
from mlflow import MlflowClient
from PIL import Image

COMMAND = [sys.executable, "-m", "tlkit", "run", "tiny.yaml", "--json"]


@pytest.fixture
def cache(finished, tmp_path):
    """A cache in which the pictures' features are, for runs of which nothing about that is asked."""
    return shutil.copytree(finished[0] / "cache", tmp_path / "c")


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


ENDLESS = ["--set", "train.epochs=100000", "--set", "train.early_stopping=null"]
SMALL = ["--set", "model={net: cnn, filters: [4]}"]  # a net that no engine's process is started for


def assert_kept_as_killed(project):
    run = newest(project)
    assert run.info.status == "KILLED"
    assert "model.keras" in {each.path for each in client(project).list_artifacts(run.info.run_id)}


def newest(project):
    experiment = client(project).get_experiment_by_name("tiny")
    return client(project).search_runs([experiment.experiment_id])[0]


@pytest.mark.parametrize(
    ("number", "code"), [pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow), (signal.SIGTERM, 143)]
)
def test_a_stopped_run_keeps_the_best_weights_is_killed_and_leaves_no_process(project, cache, number, code):
    process = start(project, *ENDLESS, cache=cache)
    wait_for(lambda: _epochs(project) > 3)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    process.send_signal(number)  # as `timeout` does: to the process and to its group
    process.communicate(timeout=60)
    assert process.returncode == code
    assert family
    assert psutil.wait_procs(family, timeout=60)[1] == []
    assert_kept_as_killed(project)


@pytest.mark.slow
def test_a_signal_that_comes_when_the_run_is_done_changes_nothing_any_more(project, cache):
    process, kept = start(project, *SMALL, cache=cache), project / "mlruns" / "unfinished"
    wait_for(lambda: any(kept.glob("*/")))
    wait_for(lambda: not any(kept.glob("*/")), pause=0)
    process.send_signal(signal.SIGTERM)
    assert client(project).get_run(result(process)["run_id"]).info.status == "FINISHED"


@pytest.mark.slow
def test_a_run_that_aborts_as_for_want_of_memory_is_failed_and_says_so_with_the_one_that_it_is_part_of(
    project, tmp_path
):
    process = start(project, *ENDLESS, *SMALL, "--folds", "2", cache=tmp_path / "c")
    wait_for(lambda: _epochs(project) > 3)
    process.send_signal(signal.SIGABRT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGABRT
    assert errors.count("tlkit: Aborted: the process ended itself, as TensorFlow does when memory runs out.") == 1
    wait_for(lambda: not list((project / "mlruns" / "pending").iterdir()))
    experiment = client(project).get_experiment_by_name("tiny")
    runs = client(project).search_runs([experiment.experiment_id])
    assert [run.info.status for run in runs] == ["FAILED", "FAILED"]
    assert all(run.data.tags["tlkit.failure"].startswith("Aborted") for run in runs)


@pytest.mark.slow
def test_a_killed_run_leaves_no_file_that_tensorflow_generated(project, tmp_path, monkeypatch):
    """TensorFlow writes what it makes of a function of one's own; a process that is killed cannot clean up."""
    step = "def darker(picture, seed):\n    if seed[0] > 0:\n        picture = picture * 0.9\n    return picture\n"
    (project / "own.py").write_text(step)
    (project / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(project / "temporary"))
    own = [*SMALL, "--set", 'augment=[{"own.py:darker": {}}]']
    process = start(project, *ENDLESS, *own, cache=tmp_path / "c")
    wait_for(lambda: _epochs(project) > 1)
    process.kill()
    process.communicate(timeout=60)
    assert list((project / "temporary").glob("__autograph_generated_file*")) == []


@pytest.mark.slow
def test_a_net_too_large_for_the_memory_that_there_is_fails_in_a_line_and_the_record_says_why(project, cache):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))

    large = ["--set", "model={net: mlp, units: [100000, 100000]}"]
    env = {**os.environ, "TLKIT_CACHE": str(cache)}
    done = subprocess.run([*COMMAND, *large], cwd=project, env=env, text=True, capture_output=True, timeout=200,
                          preexec_fn=limit)  # fmt: skip
    run = newest(project)
    assert run.info.status == "FAILED"
    if done.returncode == 2:  # else a library aborted on its own before, which the test above is about
        assert done.stderr.splitlines()[-1].startswith("not enough memory: ")
        assert run.data.tags["tlkit.failure"].startswith("not enough memory: ")
    else:
        assert run.data.tags["tlkit.failure"].partition(":")[0] in ("Aborted", "Segmentation fault")


@pytest.fixture
def small_memory():
    """A memory cgroup with less room than a net needs; gives the file that takes the ids of its processes."""
    home = Path("/sys/fs/cgroup/memory")
    group = home / f"tlkit-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(200 << 20))
    except OSError as error:
        pytest.skip(f"no memory cgroup can be had here: {error}")
    yield group / "cgroup.procs"
    wait_for(lambda: not (group / "cgroup.procs").read_text())
    group.rmdir()


TOO_LARGE = """
import os, pathlib, numpy, psutil

def build(shape, *, group, killed, size=1 << 30):
    for each in psutil.Process().children():
        if killed in each.cmdline():
            each.kill()
            each.wait()
    pathlib.Path(group).write_text(str(os.getpid()))  # alone: of several, the kernel may end more than the largest
    return numpy.ones(size)
"""


@pytest.mark.parametrize("killed", ["nothing", pytest.param("tlkit.tracking.sender", marks=pytest.mark.slow)])
def test_a_run_that_the_kernel_ends_for_want_of_memory_is_failed_and_says_so(project, cache, small_memory, killed):
    """Where the kernel ends the sender as well, nobody can say so before the next command does."""
    (project / "net.py").write_text(TOO_LARGE)
    net = f"model={{net: 'net.py:build', group: {small_memory}, killed: {killed}}}"
    process = start(project, "--set", net, cache=cache)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    if killed == "nothing":
        line = "tlkit: Killed: the kernel ended a process for want of memory meanwhile, most likely this one."
        assert line in errors
    else:
        assert tlkit("sync").exit_code == 0
    wait_for(lambda: newest(project).info.status == "FAILED")
    assert newest(project).data.tags["tlkit.failure"].startswith("Killed: the kernel")


@pytest.mark.slow
def test_a_run_whose_terminal_is_closed_keeps_the_best_weights(project, tmp_path):
    ours, terminal = pty.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", "--wait", *COMMAND[:-1], *ENDLESS, *SMALL], cwd=project, stdin=terminal, stdout=terminal,
        stderr=terminal, env={**os.environ, "TLKIT_CACHE": str(tmp_path / "c")}, start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    threading.Thread(target=_read_on, args=[ours], daemon=True).start()
    wait_for(lambda: _epochs(project) > 3)
    os.close(ours)
    assert process.wait(60) == 129
    assert_kept_as_killed(project)


@pytest.mark.slow
def test_a_run_whose_output_nobody_reads_any_more_goes_on(project):
    process = subprocess.Popen([*COMMAND[:-1], *SMALL], cwd=project, stdout=subprocess.PIPE)
    assert process.stdout.readline()
    process.stdout.close()  # as `| head -1` does
    assert process.wait(200) == 0
    assert newest(project).info.status == "FINISHED"


@pytest.mark.slow
def test_a_run_whose_log_finds_no_room_goes_on_and_says_so_once(project):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, *SMALL], cwd=project, stdout=full, stderr=subprocess.PIPE, text=True, timeout=200
        )
    assert done.returncode == 0
    assert done.stderr.count("tlkit: what is printed from here on is lost (no space left on device).\n") == 1
    assert newest(project).info.status == "FINISHED"


def test_a_command_whose_output_is_its_product_fails_in_a_line_where_that_finds_no_room(project):
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "tlkit", "init", "pictures"]
        done = subprocess.run(command, cwd=project, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == "tlkit: what is printed from here on is lost (no space left on device).\n"


def _read_on(terminal):
    with contextlib.suppress(OSError):  # closed
        while os.read(terminal, 4096):
            pass


@pytest.mark.slow
def test_clearing_the_cache_leaves_what_a_run_uses_and_one_killed_while_extracting_goes_on(
    project, tmp_path, monkeypatch
):
    for label in ("blue", "red"):
        for index in range(150):
            colour = (index, 50, 200) if label == "blue" else (200, 50, index)
            Image.new("RGB", (64, 64), colour).save(project / "pictures" / label / f"more{index}.png")
    large = ["--set", "data.image_size=224", "--set", "train.epochs=1"]
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path / "c"))
    process = start(project, *large, cache=tmp_path / "c")
    wait_for(lambda: list((tmp_path / "c" / "features").rglob("*.npy")))
    assert "in use by a run and stay" in tlkit("cache", "--clear").output
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


def wait_for(happened, pause=0.05):
    end = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(pause)


@pytest.mark.parametrize(
    "command",
    [["run"], pytest.param(["tune", "--set", "tune={trials: 1, seeds: 1, space: head}"], marks=pytest.mark.slow)],
)
def test_no_process_runs_a_file_of_the_working_folder(project, command):
    """Names that tlkit's libraries import, where they are there and where they are not."""
    for name in ("cv2", "numpy", "tensorflow", "openvino", "keras", "dask", "yaml"):
        (project / f"{name}.py").write_text(f"open('planted', 'a').write('{name} ')\n")
    started = [str(Path(sys.executable).parent / "tlkit"), *command, "tiny.yaml"]
    done = subprocess.run(started, cwd=project, capture_output=True, text=True, timeout=200)
    assert not (project / "planted").exists(), (project / "planted").read_text()
    assert done.returncode == 0, done.stderr
