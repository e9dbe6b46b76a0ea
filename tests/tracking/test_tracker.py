"""A record from start to finish."""

import math
import subprocess
import sys
from pathlib import Path

import pytest

import tlkit
from tlkit.tracking import lookup
from tlkit.tracking.outbox import Outbox

pytestmark = pytest.mark.contract

ROOT = Path("mlruns")


def test_importing_the_package_loads_nothing_heavy():
    heavy = {"mlflow", "keras", "tensorflow", "numpy", "pandas", "sqlalchemy"}
    code = f"import sys, tlkit.tracking, tlkit.tracking.lookup; print(sorted({heavy} & set(sys.modules)))"
    home = Path(tlkit.__file__).parents[1]
    assert subprocess.check_output([sys.executable, "-c", code], cwd=home, text=True).strip() == "[]"


def test_everything_lands_in_the_store(begin):
    with begin(
        params={"model.head.dropout": 0.2, "none": None}, tags={"pictures": "drawn"}, description="*hello*"
    ) as run:
        run.log_params({"engine": "openvino"})
        run.set_tags({"pictures": "photographs"})
        run.log_metrics({"val/accuracy": 0.5}, step=1)
        (run.folder / "plots").mkdir()
        (run.folder / "plots" / "curve.txt").write_text("a curve")
    found = lookup.find("latest")
    assert (found.name, found.experiment, found.status) == ("a run", "pets", "FINISHED")
    assert found.params == {"model.head.dropout": "0.2", "none": "None", "engine": "openvino"}
    assert found.metrics == {"val/accuracy": 0.5}
    assert found.tags["pictures"] == "photographs"
    assert found.tags["mlflow.note.content"] == "*hello*"
    assert lookup.fetch(found, "plots/curve.txt").read_text() == "a curve"


def test_finish_returns_the_folder_of_the_artifacts_and_leaves_nothing_pending(begin):
    tracker = begin()
    (tracker.folder / "classes.txt").write_text("cat, dog")
    folder = tracker.finish()
    assert folder == lookup.find(tracker.run_id).artifacts
    assert (folder / "classes.txt").read_text() == "cat, dog"
    assert list((ROOT / "pending").iterdir()) == []


def test_metrics_keep_their_steps_even_when_there_are_thousands(record):
    with record() as tracker:
        for step in range(3):
            tracker.log_metrics({f"m{number}": step * 1000 + number for number in range(700)}, step=step)
    found = lookup.find("latest")
    assert len(found.metrics) == 700
    assert lookup.metric_history(found, "m699") == [(0, 699.0), (1, 1699.0), (2, 2699.0)]


def test_nan_and_infinity_are_recorded(record):
    with record() as tracker:
        tracker.log_metrics({"loss": math.nan, "high": math.inf, "fine": 1.0}, step=0)
    metrics = lookup.find("latest").metrics
    assert math.isnan(metrics["loss"])
    assert metrics["high"] > 1e308
    assert metrics["fine"] == 1.0


def test_long_and_strange_names_and_values_are_cut_to_what_mlflow_takes(record):
    settings = {"long": "x" * 9000, "../up//down/": 1, "k" * 300: 2}
    with record(name="cats/dogs " * 30, params=settings, tags={"t": "y" * 9000}) as tracker:
        tracker.log_metrics({"f1/<b>Häsin & Co</b>": 0.5}, step=0)
    found = lookup.find("latest")
    assert found.name.startswith("cats/dogs cats/dogs")
    assert len(found.name) == 250
    assert len(found.params["long"]) == 6000
    assert found.params["up/down"] == "1"
    assert len(found.params) == 3
    assert found.metrics == {"f1/_b_Häsin _ Co_/b_": 0.5}


def test_what_mlflow_refuses_is_left_out_and_named(begin, caplog):
    with begin(params={"seed": 1}) as tracker:
        tracker.log_params({"seed": 2, "batch": 8})
    assert lookup.find(tracker.run_id).params == {"seed": "1", "batch": "8"}
    assert "'seed' is left out of the record" in caplog.text


def test_a_folder_with_spaces_and_umlauts_will_do(begin):
    root = Path("mine & yours") / "Läufe"
    with begin(root=root) as tracker:
        (tracker.folder / "a b.txt").write_text("c")
    assert lookup.fetch(lookup.find("latest", root), "a b.txt", root).read_text() == "c"


def test_the_machine_is_measured_even_in_a_short_run(begin):
    with begin(system_metrics=True) as tracker:
        assert tracker.run_id
    assert lookup.find(tracker.run_id).metrics["system/system_memory_usage_megabytes"] > 0


def test_an_exception_marks_the_run_failed_and_goes_on(begin):
    with pytest.raises(ZeroDivisionError), begin() as tracker:
        1 / 0  # noqa: B018
    assert lookup.find(tracker.run_id).status == "FAILED"


def test_a_line_cut_off_by_a_full_disk_spoils_only_itself(tmp_path):
    pending = Outbox(tmp_path)
    pending.append({"op": "create"})
    with pending.journal.open("a") as file:
        file.write('{"op": "metr')
    pending.append({"op": "finish"})
    operations, offset = pending.read()
    assert [each["op"] for each in operations] == ["create", "finish"]
    assert offset == pending.journal.stat().st_size


def test_a_record_goes_into_a_folder_of_any_name(begin, tmp_path, monkeypatch):
    """An address of a database has options behind `?`, and `%41` is a letter in it."""
    home = tmp_path / "100%41? #2"
    home.mkdir()
    monkeypatch.chdir(home)
    with begin() as run:
        run.log_metrics({"loss": 0.5}, 0)
    assert (home / "mlruns" / "mlflow.db").exists()
    assert lookup.find(run.run_id).metrics == {"loss": 0.5}
    assert run.folder.is_relative_to(home)
