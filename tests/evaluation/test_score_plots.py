"""Pictures: that they hold what they should, stay inside their edges, and need no pyplot."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tlkit.evaluation import comparison
from tlkit.evaluation.canvas import save, shorten
from tlkit.evaluation.confusion import confusion_picture
from tlkit.evaluation.curves import curves_picture
from tlkit.evaluation.reliability import reliability_picture

HISTORY = {
    "loss": [0.9, 0.6, 0.4, 0.3],
    "val_loss": [0.8, 0.7, 0.5, 0.6],
    "accuracy": [0.5, 0.6, 0.7, 0.8],
    "val_accuracy": [0.6, 0.65, 0.7, 0.75],
    "learning_rate": [0.1, 0.1, 0.1, 0.1],
}


def confusion(classes):
    return np.random.default_rng(0).integers(0, 9, (classes, classes)) + np.diag(np.full(classes, 200))


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts] + [text.get_text() for text in figure.texts]


def has_clear_edges(path):
    """Whether the outermost pixels are white, so that nothing was cut off."""
    pixels = np.asarray(Image.open(path).convert("L"))
    return min(pixels[0].min(), pixels[-1].min(), pixels[:, 0].min(), pixels[:, -1].min()) == 255


@pytest.mark.parametrize("classes", [1, 2, 7, 24, 40, 100, 250])
@pytest.mark.parametrize("name", ["{}", "Kooikerhondje of the {}th kennel club, brindle"])
def test_a_confusion_matrix_of_any_size_fits_its_picture(classes, name, tmp_path):
    figure = confusion_picture(confusion(classes), [name.format(index) for index in range(classes)])
    path = save(figure, tmp_path / "new" / "confusion.png")
    assert has_clear_edges(path)
    assert max(Image.open(path).size) < 2000


def test_a_small_confusion_matrix_gives_counts_and_shares():
    found = texts(confusion_picture(np.array([[9, 1], [0, 1000]]), ["cat", "dog"]))
    assert {"9\n90.0%", "1\n10.0%", "0\n0.0%", "1,000\n100.0%", "cat", "dog"} <= set(found)
    assert "1,009 of 1,010 right (99.9%)" in found


def test_a_medium_confusion_matrix_gives_counts_where_there_are_any():
    found = texts(confusion_picture(np.diag(np.arange(10) + 100), [f"class {index}" for index in range(10)]))
    assert "109" in found
    assert "0" not in found


def test_of_hundreds_of_classes_every_other_is_named():
    found = texts(confusion_picture(confusion(200), [f"class {index}" for index in range(200)]))
    assert found.count("class 2") == 2
    assert "class 1" not in found


def test_a_class_absent_from_the_split_and_dollar_signs_are_drawn(tmp_path):
    figure = confusion_picture(np.array([[3, 0], [0, 0]]), ["$5 to $10", r"\frac{"])
    assert save(figure, tmp_path / "a.png").stat().st_size > 0


def test_curves_show_loss_and_accuracy_and_where_phases_meet(tmp_path):
    figure = curves_picture(HISTORY, [1], names=["head", "whole net"])
    assert [axes.get_title("left") for axes in figure.axes] == ["loss", "accuracy"]
    for axes in figure.axes:
        assert [1.5, 1.5] in [list(line.get_xdata()) for line in axes.lines]
    assert "4 epochs: head 1, whole net 3" in texts(figure)
    assert has_clear_edges(save(figure, tmp_path / "curves.png"))


def test_the_best_validation_epoch_is_ringed_with_its_value():
    found = texts(curves_picture(HISTORY))
    assert "0.5" in found
    assert "0.75" in found


def test_curves_of_one_epoch_are_dots(tmp_path):
    figure = curves_picture({key: values[:1] for key, values in HISTORY.items()})
    assert all(line.get_marker() == "o" for axes in figure.axes for line in axes.lines)
    assert "1 epoch" in texts(figure)
    assert has_clear_edges(save(figure, tmp_path / "curves.png"))


@pytest.mark.parametrize(
    ("history", "titles"),
    [
        ({"loss": [1.0, 0.5]}, ["loss"]),
        ({"train/loss": [1.0, 0.5], "val/loss": [1.0, float("nan")]}, ["loss"]),
        ({"loss": [1.0], "val_loss": [None], "mae": [2.0]}, ["loss", "mae"]),
        ({"loss": [1.0], "macro_f1": [0.2], "val_accuracy": [0.1]}, ["loss", "accuracy"]),
        ({}, []),
    ],
)
def test_curves_take_what_there_is(history, titles, tmp_path):
    figure = curves_picture(history)
    assert [axes.get_title("left") for axes in figure.axes] == titles
    assert save(figure, tmp_path / "curves.png").stat().st_size > 0


@pytest.mark.parametrize("count", [1, 300])
def test_reliability_is_drawn_for_few_and_many(count, tmp_path):
    generator = np.random.default_rng(0)
    figure = reliability_picture(generator.integers(0, 3, count), generator.dirichlet(np.ones(3), count))
    assert has_clear_edges(save(figure, tmp_path / "reliability.png"))


def test_reliability_names_the_calibration_error():
    figure = reliability_picture(np.array([0, 0]), np.array([[0.75, 0.25], [0.75, 0.25]]))
    assert "expected calibration error 0.250" in texts(figure)


def test_long_names_lose_their_middle():
    assert shorten("short") == "short"
    assert shorten("soft-coated wheaten terrier", 12) == "soft-c…rrier"
    assert len(shorten("x" * 99)) == 24


def test_no_picture_needs_pyplot():
    code = "import sys, tlkit.evaluation.report, tlkit.evaluation.curves; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}).returncode == 0


def test_a_run_whose_name_is_no_formula_is_drawn_all_the_same(tmp_path):
    figure = comparison.curves_picture({"val/loss": {r"5e9a $\no{formula$": [(1, 0.5), (2, 0.3)]}})
    assert save(figure, tmp_path / "curves.png").stat().st_size > 0
