"""What a notebook shows of work under way, as HTML; tests/test_notebooks.py has it in a real one."""

import re
from xml.etree import ElementTree

import pytest

from tlkit.live_view import LiveView


def drawn(view):
    """The HTML, which has to be well formed."""
    return ElementTree.fromstring(view._repr_html_())


def curves(page):
    return {
        each[0].text: [len(line.get("points").split()) for line in each.iter("polyline")] for each in page.iter("svg")
    }


@pytest.fixture
def view():
    return LiveView("cats & <dogs>")


def test_a_stage_under_way_has_a_bar_and_a_finished_one_its_time(view):
    stage = view.begin("Training")
    stage.share, stage.told = 0.25, "5/20  7 s left"
    (bar,) = drawn(view).iterfind(".//*[@role='progressbar']")
    assert (bar.get("aria-label"), bar.get("aria-valuenow"), bar[0].get("style")[:12]) == (
        "Training",
        "25",
        "width:25.0%;",
    )
    view.finish(stage)
    page = drawn(view)
    assert page.find(".//*[@role='progressbar']") is None
    assert re.search(r"cats & <dogs>.*Training.*\d\.\d s", "".join(page.itertext()))


def test_quick_work_is_not_listed_once_it_is_done(view):
    view.finish(view.begin("Predicting"))
    assert "Predicting" not in "".join(drawn(view).itertext())


def test_curves_are_of_the_loss_and_the_accuracy(view):
    assert curves(drawn(view)) == {}
    for epoch in (1, 2, 3):
        known = {"train/loss": 1 / epoch, "val/loss": 2 / epoch, "train/learning_rate": 0.1, "train/f1": 0.5}
        view.add_epoch(epoch, {**known, "train/accuracy": 0.9})
    assert curves(drawn(view)) == {"loss by epoch": [3, 3], "accuracy by epoch": [3]}


def test_without_accuracy_the_first_other_metric_is_shown(view):
    view.add_epoch(1, {"train/loss": 1.0, "train/epoch_seconds": 3.0, "train/mean_error": 2.0, "val/r2": 0.3})
    assert list(curves(drawn(view))) == ["loss by epoch", "mean error by epoch"]


def test_a_loss_that_is_no_number_leaves_a_gap_and_long_curves_are_thinned(view):
    for epoch in range(1, 1001):
        view.add_epoch(epoch, {"train/loss": float("nan") if epoch == 7 else float(epoch)})
    (points,) = curves(drawn(view))["loss by epoch"]
    assert 100 < points <= 200
    assert "999" not in "".join(drawn(view).itertext())
    assert {"1", "1e+03", "1000"} <= {each.text for each in drawn(view).iter("text")}


def test_a_widget_says_how_it_ended(view):
    view.end = "stopped after 3.0 s"
    assert "stopped after 3.0 s" in "".join(drawn(view).itertext())
    assert repr(view) == "cats & <dogs>: stopped after 3.0 s"
