"""What is recorded without a store, and that both recorders keep to one contract."""

import inspect
import subprocess
import sys

import pytest

from tlkit.tracking import Recorder, SilentRecorder, Tracker


def doors(kind):
    """Public names of a class, with the arguments that each takes."""
    found = {name: getattr(kind, name) for name in dir(kind) if not name.startswith("_")}
    return {name: str(inspect.signature(each)) if callable(each) else "" for name, each in found.items()}


@pytest.mark.parametrize("kind", [SilentRecorder, Tracker])
def test_a_recorder_can_do_all_that_the_contract_says(kind):
    wanted, given = doors(Recorder), doors(kind)
    assert len(wanted) > 10
    assert {name: given.get(name) for name in wanted} == wanted


def test_a_silent_recorder_keeps_what_it_is_told_and_touches_no_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with SilentRecorder() as recorder:
        recorder.log_params({"seed": 1})
        recorder.log_metrics({"loss": 0.5}, 1)
        recorder.log_metrics({"loss": 0.25}, 2)
        recorder.begin_child("a", name="first", params={"units": 3}, tags={})
        recorder.log_metrics({"loss": 0.75}, 1, child="a")
        recorder.end_child("a", "FINISHED", {"kept": "no"})
    assert recorder.metrics == {"loss": [(1, 0.5), (2, 0.25)]}
    child = recorder.children["a"]
    assert (child.params, child.metrics, child.tags) == ({"units": 3}, {"loss": [(1, 0.75)]}, {"kept": "no"})
    assert (recorder.status, child.status, recorder.finish()) == ("FINISHED", "FINISHED", None)
    assert list(tmp_path.iterdir()) == []


def test_a_silent_recorder_makes_a_folder_when_asked_and_takes_it_along(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    recorder = SilentRecorder()
    (recorder.folder / "a.txt").write_text("a")
    assert recorder.finish() == recorder.folder
    del recorder
    assert list(tmp_path.iterdir()) == []


def test_a_silent_recorder_is_marked_failed_by_an_exception():
    recorder = SilentRecorder()
    with pytest.raises(ValueError, match="no"), recorder:
        raise ValueError("no")
    assert recorder.status == "FAILED"


def test_a_silent_recorder_needs_neither_mlflow_nor_numpy():
    code = "import sys\nfrom tlkit.tracking import SilentRecorder\nSilentRecorder().log_metrics({'a': 1}, 0)\n"
    code += "print(sorted({'mlflow', 'numpy', 'sqlalchemy'} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
