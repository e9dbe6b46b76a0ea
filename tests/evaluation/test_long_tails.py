"""Scores by how many examples of a class were learned from."""

import numpy as np

from tlkit.evaluation.long_tails import with_shots
from tlkit.tasks.scoring import score

NAMES = ["ant", "bee", "cow", "dog"]
TARGETS = np.array([0, 0, 1, 1, 2, 2])
OUTPUTS = np.eye(4)[[0, 0, 1, 0, 0, 1]]


def test_balanced_accuracy_is_the_mean_recall_of_the_classes_that_are_there():
    metrics = score("label", np.array([0, 0, 0, 1]), np.eye(3)[[0, 0, 0, 0]], NAMES[:3]).metrics
    assert metrics["accuracy"] == 0.75
    assert metrics["balanced_accuracy"] == 0.5


def test_classes_of_very_different_size_are_scored_in_groups():
    scores = with_shots(score("label", TARGETS, OUTPUTS, NAMES), {"ant": 500, "bee": 40, "cow": 19, "dog": 3})
    groups = {name: value for name, value in scores.metrics.items() if "_shot_" in name}
    assert groups == {"many_shot_accuracy": 1.0, "medium_shot_accuracy": 0.5, "few_shot_accuracy": 0.0}
    assert "more than 100, 20 to 100 and fewer than 20" in scores.notes[-1]


def test_classes_of_like_size_and_other_tasks_are_not():
    even = score("label", TARGETS, OUTPUTS, NAMES)
    assert with_shots(even, dict.fromkeys(NAMES, 40)) is even
    several = score("labels", np.eye(4)[[0, 1]], np.eye(4)[[0, 1]], NAMES)
    assert with_shots(several, {"ant": 500, "bee": 40, "cow": 19, "dog": 3}) is several
