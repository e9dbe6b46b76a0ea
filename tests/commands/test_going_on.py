"""A run killed at any moment goes on by the same command, to the same end."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import numpy as np
import pytest
from drawing import draw_pictures

from tlkit.commands.running.kept_run import KeptRun
from tlkit.commands.running.unfinished import unfinished
from tlkit.engines.feature_cache import CacheError
from tlkit.errors import DataError, EngineError, RecipeError
from tlkit.recipe.loading import load_recipe

RECIPE = """
data: {source: image_folder, path: pictures, image_size: 16, val: 0.25, test: 0.25}
augment: [{flip: horizontal}, {brightness: 0.1}]
model: {net: cnn, filters: [4, 8], weights: none}
train:
  batch_size: 4
  optimizer: {name: adam, average: 0.9, accumulate: 2}
  layer_decay: 0.8
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


OWN = """
import keras

def build(input_shape):
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, keras.layers.Conv2D(4, 3)(inputs))
"""
TUNED = """
data: {source: image_folder, path: pictures, image_size: 16, val: 0.25, test: 0.25}
augment: {steps: [{flip: horizontal}, {mixup: 0.2}], views: 1}
model: {net: cnn, filters: [4, 8], weights: first.weights.h5}
train:
  batch_size: 4
  early_stopping: null
  checkpoint_minutes: 0.001
  phases:
    - {solver: exact}
    - {unfreeze: 1, epochs: 12, learning_rate: 0.02, l2_sp: 0.1, skip_above: 1, keep: proven}
    - {again: true}
track: {system_metrics: false}
"""
PROVEN = RECIPE.replace(
    "phases: [{epochs: 14, learning_rate: 0.01}, {epochs: 14, learning_rate: 0.002}]",
    "phases: [{epochs: 2, learning_rate: 0.003}, {epochs: 14, learning_rate: 0.01, keep: proven}, {again: true}]",
)
FOLDED = RECIPE.replace("phases: [{epochs: 14, learning_rate: 0.01}, {epochs: 14, learning_rate: 0.002}]", "epochs: 8")
FOLDS = ("--folds", "3")


def begun(project, *words):
    words = words if words[:1] in (("resume",), ("list",)) else ("run", "small.yaml", *words)
    command = [sys.executable, "-P", "-c", "from tlkit.cli import entry; entry()", *words]
    return subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def written(project):
    """When each state of an unfinished run was written, or of the folds within it."""
    found = {}
    for file in project.glob("mlruns/unfinished/**/state.npz"):
        with contextlib.suppress(FileNotFoundError):
            found[file] = file.stat().st_mtime_ns
    return found


def phase_of_state(project):
    """The phase, from 0, in which the one kept state lies."""
    (file,) = written(project)
    with np.load(file) as state:
        return json.loads(state["meta"].item())["phase"]


def killed_behind_a_state(project, number=signal.SIGKILL, *words, fold=""):
    """A run that is stopped as soon as it has written a new state, or a fold of it has."""
    before, process, deadline = written(project), begun(project, *words), time.monotonic() + DEADLINE
    while process.poll() is None and time.monotonic() < deadline:
        if any(fold in file.parts or not fold for file, _ in written(project).items() - before.items()):
            break
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
    digests = told(project, "select name, key, t.value from tags t join runs using (run_uuid) "
                            "where key like 'tlkit.digest.%' order by name, key")  # fmt: skip
    rows = told(project, "select name, key, step, value from metrics join runs using (run_uuid) where key like 'val/%' "
                         "or key like 't%loss' or key like 'test/%' order by name, key, step")  # fmt: skip
    return digests, rows


def test_a_run_killed_again_and_again_ends_as_one_that_never_was(project, tmp_path_factory):
    whole = tmp_path_factory.mktemp("whole")
    draw_pictures(whole / "pictures")
    (whole / "small.yaml").write_text(RECIPE)
    ended(whole)
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


@pytest.mark.slow
def test_a_probe_that_is_trained_on_ends_the_same_however_often_it_was_killed(project, tmp_path_factory):
    import keras

    from tlkit.nets.cnn import cnn

    whole = tmp_path_factory.mktemp("whole")
    draw_pictures(whole / "pictures")
    keras.utils.set_random_seed(4)
    net = cnn((16, 16, 3), filters=[4, 8])
    *_, last = (each for each in net.layers if isinstance(each, keras.layers.Conv2D))
    *_, norm = (each for each in net.layers if isinstance(each, keras.layers.BatchNormalization))
    last.kernel.assign(np.zeros(last.kernel.shape))  # a probe of this sees nothing
    norm.beta.assign(np.ones(norm.beta.shape))
    net.save_weights(project / "first.weights.h5")
    shutil.copy(project / "first.weights.h5", whole)
    for each in (project, whole):
        (each / "small.yaml").write_text(TUNED)
    ended(whole)
    assert killed_behind_a_state(project)[0] == -signal.SIGKILL
    said = ended(project)
    assert "goes on   behind epoch" in said
    assert "train 3   12 epochs in" in said
    assert outcome(project) == outcome(whole)


@pytest.mark.slow
def test_a_proven_phase_that_was_killed_is_trained_again_from_where_it_began(project, tmp_path_factory):
    whole = tmp_path_factory.mktemp("whole")
    draw_pictures(whole / "pictures")
    for each in (project, whole):
        (each / "small.yaml").write_text(PROVEN)
    ended(whole)
    for _ in range(12):
        assert killed_behind_a_state(project)[0] == -signal.SIGKILL
        if phase_of_state(project) == 1:
            break
    assert phase_of_state(project) == 1
    said = ended(project)
    assert "goes on   behind epoch" in said
    assert "train 3   14 epochs in" in said
    assert outcome(project) == outcome(whole)


def test_a_teacher_and_its_pictures_belong_to_what_a_state_is_of(project, monkeypatch):
    monkeypatch.chdir(project)
    shutil.copytree("pictures", "more")
    (project / "teacher.keras").write_bytes(b"one")
    page = RECIPE.replace("train:\n", "train:\n  teacher: {run: teacher.keras, unlabelled: more}\n")
    (project / "small.yaml").write_text(page)
    recipe = load_recipe(project / "small.yaml")
    before = KeptRun.of(recipe, "the same data")
    assert KeptRun.of(recipe, "the same data").key == before.key
    (project / "more" / "red" / "new.png").write_bytes(b"another")
    assert before.new_inputs(KeptRun.of(recipe, "the same data")) == ["more has changed"]
    (project / "teacher.keras").write_bytes(b"another")
    now = KeptRun.of(recipe, "the same data")
    assert before.new_inputs(now) == ["teacher.keras has changed", "more has changed"]
    assert now.key != before.key


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (CacheError("cannot be written"), True),
        (EngineError("the process was killed"), True),
        (RecipeError(["no such thing"]), False),
        (DataError("a picture is broken"), False),
    ],
)
def test_only_what_would_come_to_the_same_again_takes_the_states_along(project, error, kept):
    about = KeptRun.of(load_recipe(project / "small.yaml"), "data")

    def run():
        with unfinished(about, project / "mlruns", fresh=False, say=print) as cut:
            cut.note("journal")
            raise error

    with pytest.raises(type(error)):
        run()
    assert bool(list(project.glob("mlruns/unfinished/*/run.json"))) == kept


@pytest.mark.slow
def test_other_settings_are_another_run_and_one_begun_afresh_leaves_what_was_kept(project):
    (project / "small.yaml").write_text(RECIPE.replace("net: cnn, filters: [4, 8]", "net: own.py:build"))
    (project / "own.py").write_text(OWN)
    killed_behind_a_state(project)
    (page,) = project.glob("mlruns/unfinished/*/run.json")
    assert page.stat().st_mode & 0o777 == 0o600
    (line,) = ended(project, "list", "runs").splitlines()
    (project / "own.py").write_text(f"{OWN}\n")
    resumed = begun(project, "resume", line.split()[0])
    assert "own.py has changed since it was cut off. Bring back what was" in resumed.communicate(timeout=DEADLINE)[0]
    assert resumed.returncode == 2
    said = ended(project, "--set", "seed=8")
    assert "note      a run of this recipe was cut off, but seed is 8, was 7; own.py has changed: this is a new" in said
    assert f"`tlkit resume {line.split()[0]}` goes on with that one, once that is as it was" in said
    assert "goes on   behind" not in said
    (project / "own.py").write_text(OWN)
    assert len(written(project)) == 1
    said = ended(project, "--fresh")
    assert ("goes on" in said, "was cut off" in said) == (False, False)
    assert written(project) == {}
    assert sorted(told(project, "select status from runs")) == [("FINISHED",), ("FINISHED",), ("KILLED",)]


@pytest.mark.slow
def test_of_two_runs_alike_the_one_that_is_named_goes_on_and_latest_is_the_last_that_can(project):
    both, deadline = [begun(project) for _ in range(2)], time.monotonic() + DEADLINE
    while len(written(project)) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    for each in both:
        each.kill()
        each.communicate(timeout=DEADLINE)
    ended(project, "list", "runs")
    (second,) = project.glob("mlruns/unfinished/*.1/run.json")
    journal = json.loads(second.read_text())["journal"]
    ((run,),) = told(project, f"select run_uuid from tags where value = '{journal}'")
    assert "goes on   behind epoch" in ended(project, "resume", run[:8])
    assert told(project, f"select status from runs where run_uuid = '{run}'") == [("FINISHED",)]
    assert "goes on   behind epoch" in ended(project, "resume", "latest")
    assert told(project, "select status from runs") == [("FINISHED",), ("FINISHED",)]
    none = begun(project, "resume", "latest")
    assert none.communicate(timeout=DEADLINE)[0].splitlines()[-1] == "'latest': no run was cut off that could go on"
    assert none.returncode == 2


@pytest.mark.slow
def test_folds_killed_go_on_within_the_one_that_was_cut(project, tmp_path_factory):
    whole = tmp_path_factory.mktemp("whole")
    draw_pictures(whole / "pictures")
    for each in (project, whole):
        (each / "small.yaml").write_text(FOLDED)
    ended(whole, *FOLDS)
    assert killed_behind_a_state(project, signal.SIGKILL, *FOLDS, fold="2")[0] == -signal.SIGKILL
    (line,) = ended(project, "list", "runs").splitlines()
    assert ("KILLED" in line, "can go on" in line) == (True, True)
    said = ended(project, "resume", line.split()[0])
    assert "fold      1 of 3, which was done before\nfold      2 of 3\n" in said
    assert "goes on   behind epoch" in said
    assert "with one run a fold within it" in said
    assert outcome(project) == outcome(whole)
    assert told(project, "select status from runs") == 4 * [("FINISHED",)]
    assert list((project / "mlruns" / "unfinished").iterdir()) == []


@pytest.mark.slow
def test_a_member_killed_goes_on_within_it(project, tmp_path_factory):
    whole = tmp_path_factory.mktemp("whole")
    draw_pictures(whole / "pictures")
    for each in (project, whole):
        (each / "small.yaml").write_text(FOLDED.replace("epochs: 8", "epochs: 8\n  members: 2"))
    ended(whole)
    assert killed_behind_a_state(project, fold="member2")[0] == -signal.SIGKILL
    said = ended(project)
    assert said.count("goes on   behind epoch") == 2, said
    assert outcome(project) == outcome(whole)
    assert told(project, "select status from runs") == 2 * [("FINISHED",)]
    assert list((project / "mlruns" / "unfinished").iterdir()) == []
