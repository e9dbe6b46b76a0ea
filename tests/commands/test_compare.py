"""Runs compared: what differs, who is best, and whether it may be chance."""

import re

import numpy as np
import pandas as pd
import pytest
from command_line import tlkit

from tlkit import tracking
from tlkit.commands.compare import compare_runs, sign_test
from tlkit.tracking.resend import sync


@pytest.fixture
def record(tmp_path, monkeypatch):
    """Records a finished run with the examples that it got wrong, as training would."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def record(name, wrong, *, count=200, experiment="pets", tested=None, **params):
        ids = tested or [f"id{index}" for index in range(count)]
        right = np.array([each not in wrong for each in ids])
        tags = {"data.digest": "d" * 32}
        with tracking.start(
            name=name, experiment=experiment, params=params, tags=tags, system_metrics=False, offline=True
        ) as tracker:
            for epoch in (1, 2, 3):
                tracker.log_metrics({"val/loss": 1 / epoch, "val/accuracy": right.mean()}, epoch)
            low, high = right.mean() - 0.05, min(1.0, right.mean() + 0.05)
            scores = {"test/accuracy": right.mean(), "test/accuracy_low": low, "test/accuracy_high": high}
            tracker.log_metrics({**scores, "seconds/total": 12.0}, 3)
            pd.DataFrame({"id": ids, "correct": right}).to_csv(tracker.folder / "predictions.csv", index=False)
        ((run_id, sent),) = sync()  # by this process: to start one for each takes longer
        assert sent == "ok"
        return run_id

    return record


def some(*places):
    return {f"id{place}" for place in places}


def test_runs_come_best_first_with_intervals_differences_and_verdicts(record):
    far = record("scratch", some(*range(40)), net="cnn", seed=7)
    near = record("tuned", some(0, 1, 2), net="lite0", seed=7, units="[64]")
    best = record("frozen", some(0), net="lite0", seed=7)
    found = compare_runs()
    assert [run.id for run in found.runs] == [best, near, far]
    assert found.scores["test/accuracy"].tolist() == ["0.995", "0.985", "0.8"]
    assert found.scores["95% interval"].iloc[1] == "0.935 to 1"
    assert found.scores["verdict"].tolist() == ["as good", "may be chance", "worse"]
    assert found.scores["shared"].tolist() == ["200"] * 3
    assert float(found.scores["p"].iloc[1]) == 0.5
    assert list(found.differences.index) == ["net", "units"]
    assert found.differences.loc["net"].tolist() == ["lite0", "lite0", "cnn"]
    assert found.differences.loc["units"].tolist() == ["", "[64]", ""]


def test_runs_without_a_common_example_are_not_judged(record):
    first = record("a", some(0))
    second = record("b", some(), tested=[f"other{index}" for index in range(9)])
    found = compare_runs([first[:8], second[:8]])
    assert found.scores["verdict"].tolist() == ["as good", "other test examples"]
    assert found.scores["p"].iloc[1] == ""


def test_compare_writes_text_a_page_and_a_table(record, tmp_path):
    evil = "<script>alert(1)</script>"
    record(evil, some(1), net="cnn")
    record("b" * 300, some(2, 3), net="lite0")
    record("elsewhere", some(), experiment="birds")
    result = tlkit("compare", "--experiment", "pets", "--html", tmp_path / "c.html", "--csv", tmp_path / "c.csv")
    assert result.exit_code == 0
    assert "elsewhere" not in result.output
    assert "McNemar" in result.output
    page = (tmp_path / "c.html").read_text()
    assert "<script>" not in page
    assert "&lt;script&gt;alert" in page
    assert page.count('src="data:image/png') == 1
    assert (">verdict</th>" in page, ">joules</th>" in page) == (True, False), "a column in which nothing stands"
    assert not re.search(r"https?://", page)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["c.csv", "c.html", "mlruns"]
    table = pd.read_csv(tmp_path / "c.csv")
    assert table["net"].tolist() == ["cnn", "lite0"]


def test_what_is_not_there_is_one_line(record):
    record("a", some())
    for arguments in (["--experiment", "nothing"], ["zzzz"]):
        result = tlkit("compare", *arguments)
        assert (result.exit_code, len(result.output.strip().splitlines())) == (2, 1)


@pytest.mark.parametrize(("first", "second", "p"), [(0, 0, 1.0), (5, 5, 1.0), (1, 9, 0.021484375), (0, 6, 0.03125)])
def test_the_sign_test_is_exact(first, second, p):
    assert sign_test(first, second) == pytest.approx(p)
    assert sign_test(second, first) == pytest.approx(p)


def test_the_sign_test_holds_for_many_examples():
    assert 0 < sign_test(4000, 4500) < 1e-6
    assert sign_test(50_000, 50_000) == pytest.approx(1.0)
