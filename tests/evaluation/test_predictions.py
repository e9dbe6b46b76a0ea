"""The table of predictions, a row an example."""

import numpy as np
import pytest

from tlkit.tasks.scoring import table


def test_a_label_table_says_what_was_predicted_and_how_surely():
    outputs = np.array([[0.9, 0.1], [0.75, 0.25]])
    found = table(["a.jpg", "b.jpg"], ["7f", "80"], np.array([0, 1]), outputs, ["cat", "dog"], "label")
    assert found.to_dict("records") == [
        {"example": "a.jpg", "id": "7f", "true": "cat", "predicted": "cat", "probability": 0.9, "correct": True,
         "p_cat": 0.9, "p_dog": 0.1},
        {"example": "b.jpg", "id": "80", "true": "dog", "predicted": "cat", "probability": 0.75, "correct": False,
         "p_cat": 0.75, "p_dog": 0.25},
    ]  # fmt: skip


def test_a_labels_table_joins_the_names():
    outputs, targets = np.array([[0.9, 0.5], [0.25, 0.5]]), np.array([[1, 1], [0, 0]])
    found = table(["a", "b"], ["1", "2"], targets, outputs, ["cat", "dog"], "labels")
    assert found.true.tolist() == ["cat, dog", ""]
    assert found.predicted.tolist() == ["cat, dog", "dog"]
    assert found.probability.tolist() == [0.45, 0.375]
    assert found.correct.tolist() == [True, False]


def test_a_number_table_gives_the_error():
    found = table(["a", "b"], ["1", "2"], np.array([1.0, 2.0]), np.array([[1.5], [2.0]]), [], "number")
    assert found.columns.tolist() == ["example", "id", "true", "predicted", "error"]
    assert found.error.tolist() == [0.5, 0.0]


@pytest.mark.parametrize("task", ["label", "labels", "number"])
def test_without_targets_nothing_is_said_of_truth(task):
    outputs = np.array([0.5]) if task == "number" else np.array([[0.5, 0.25]])
    found = table(["a"], ["1"], None, outputs, ["cat", "dog"], task)
    assert not {"true", "correct", "error"} & set(found.columns)
    assert len(found) == 1


@pytest.mark.parametrize(("classes", "columns"), [(100, 106), (101, 6)])
def test_classes_have_a_column_each_up_to_a_hundred(classes, columns):
    names = [f"class {index}" for index in range(classes)]
    found = table(["a"], ["1"], np.array([3]), np.full((1, classes), 1 / classes), names, "label")
    assert found.shape == (1, columns)


def test_no_examples_make_an_empty_table():
    assert len(table([], [], np.zeros(0, int), np.zeros((0, 2)), ["cat", "dog"], "label")) == 0


def test_an_unknown_task_is_refused():
    with pytest.raises(ValueError, match="received 'lable'"):
        table(["a"], ["1"], None, np.ones((1, 1)), ["cat"], "lable")
