"""How results, splits and scores show themselves in a notebook."""

from pathlib import Path

import numpy as np
import pytest

import tlkit
from tlkit.data.splits import Examples, Info
from tlkit.errors import DataError
from tlkit.evaluation.metrics import Scores
from tlkit.report.result import Result
from tlkit.training.judging import Evaluation

PNG = b"\x89PNG"


def splits_of(targets, names=("cat", "<b>dog</b>"), task="label"):
    pixels = np.random.default_rng(0).integers(0, 255, (len(targets), 8, 8, 3), dtype=np.uint8)
    ids = [str(index) for index in range(len(targets))]
    part = Examples(pixels, np.asarray(targets), ids, ids, None)
    return tlkit.Splits(part, part.take([0, 1]), part.take([1]), Info(task, (8, 8, 3), class_names=names))


def test_splits_count_classes_by_part_and_show_names_as_text():
    page = splits_of([0, 1, 1, 1])._repr_html_()
    assert "<td>cat</td><td>1</td><td>1</td><td>0</td>" in page
    assert "<td>&lt;b&gt;dog&lt;/b&gt;</td><td>3</td><td>1</td><td>1</td>" in page
    assert "<td>all</td><td>4</td><td>2</td><td>1</td>" in page


@pytest.mark.parametrize(
    ("targets", "names", "task"),
    [
        ([0, 1, 0], ("a", "b"), "label"),
        ([[0, 1], [1, 1], [0, 0]], ("a", "b"), "labels"),
        ([0.5, 1.0, 2.0], (), "number"),
    ],
)
def test_splits_show_examples_of_every_task(targets, names, task):
    drawing = splits_of(targets, names, task).show(count=3)
    said = [axes.get_title() for axes in drawing.figure.axes if axes.get_title()]
    assert said == {"label": ["a", "b", "a"], "labels": ["b", "a b", "none"], "number": ["0.5", "1", "2"]}[task]
    assert drawing._repr_png_().startswith(PNG)


def test_a_part_that_is_none_is_refused():
    with pytest.raises(DataError, match="expected one of train, val, test, found 'tests'"):
        splits_of([0, 1]).show("tests")


def test_splits_of_any_length_give_as_many_examples_as_asked_for():
    assert len([axes for axes in splits_of([0, 1] * 20).show(count=7).figure.axes if axes.get_title()]) == 7


def evaluation(confusion):
    scores = Scores({"accuracy": 0.75, "accuracy_low": 0.5, "accuracy_high": 0.9}, confusion=confusion)
    splits = splits_of([0, 1])
    return Evaluation(splits.test, splits.info, np.eye(2)[[0]], "float32", scores)


def test_scores_show_values_with_their_intervals(tmp_path):
    found = evaluation(np.array([[3, 1], [0, 4]]))
    assert "<td>accuracy</td><td>0.75</td><td>0.500 to 0.900</td>" in found._repr_html_()
    assert found.confusion().save(tmp_path / "confusion.png").read_bytes().startswith(PNG)


def test_without_classes_there_is_no_confusion():
    with pytest.raises(DataError, match="expected one class an example"):
        evaluation(None).confusion()


def test_a_result_shows_its_run_and_its_scores():
    metrics = {"test/accuracy": 0.9, "val/loss": 0.3}
    result = Result("34f5", "cats", metrics, {"total": 12.0}, {}, Path("m.keras"), None, "keras", "float32")
    page = result._repr_html_()
    assert "34f5" in page
    assert "m.keras" in page
    assert "<td>accuracy</td><td>0.9</td><td></td>" in page
    assert "val/loss" not in page
