"""Scores against numbers worked out by hand, and against scikit-learn where it has the same."""

import numpy as np
import pytest

from tlkit.evaluation.calibration import bin_confidence
from tlkit.evaluation.counts import roc_auc
from tlkit.evaluation.intervals import bootstrap, wilson
from tlkit.tasks.scoring import score

NAMES = ["ant", "bee", "cow"]
TARGETS = np.array([0, 0, 1, 1])
OUTPUTS = np.array([[0.7, 0.2, 0.1], [0.4, 0.5, 0.1], [0.2, 0.7, 0.1], [0.1, 0.1, 0.8]])


def random_case(count=200, classes=8):
    generator = np.random.default_rng(1)
    outputs = generator.dirichlet(np.full(classes, 0.5), count)
    return np.array([generator.choice(classes, p=each) for each in outputs]), outputs


def test_a_label_is_scored_as_by_hand():
    scores = score("label", TARGETS, OUTPUTS, NAMES)
    assert scores.metrics["loss"] == pytest.approx(-np.log([0.7, 0.4, 0.7, 0.1]).mean())
    assert scores.metrics["accuracy"] == 0.5
    assert scores.metrics["accuracy_low"] == pytest.approx(0.1500, abs=1e-4)
    assert scores.metrics["accuracy_high"] == pytest.approx(0.8500, abs=1e-4)
    assert scores.metrics["macro_f1"] == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert scores.metrics["roc_auc"] == pytest.approx((1 + 2 / 4) / 2)  # ant 1, bee 2 of 4 pairs in order
    # gaps of the bins that hold 0.5, twice 0.7, and 0.8
    assert scores.metrics["ece"] == pytest.approx((0.5 + 2 * 0.3 + 0.8) / 4)
    assert scores.confusion.tolist() == [[1, 1, 0], [0, 1, 1], [0, 0, 0]]


def test_each_class_has_a_row_and_what_is_undefined_is_none():
    ant, bee, cow = score("label", TARGETS, OUTPUTS, NAMES).per_class
    assert ant == {
        "class": "ant",
        "precision": 1,
        "recall": 0.5,
        "f1": pytest.approx(2 / 3),
        "roc_auc": 1,
        "support": 2,
    }
    assert bee["precision"] == bee["recall"] == bee["f1"] == 0.5
    assert cow == {"class": "cow", "precision": 0, "recall": None, "f1": None, "roc_auc": None, "support": 0}


def test_classes_absent_from_the_split_are_left_out_and_named():
    scores = score("label", TARGETS, OUTPUTS, NAMES)
    assert scores.notes == (
        "macro_f1 leaves out cow: no examples to tell by",
        "roc_auc leaves out cow: no examples to tell by",
    )
    assert score("label", np.array([0, 1, 2, 2]), OUTPUTS, NAMES).notes == ()


def test_a_class_that_is_never_predicted_has_a_precision_of_nought():
    outputs = np.array([[0.9, 0.1], [0.8, 0.2]])
    assert score("label", np.array([0, 1]), outputs, ["a", "b"]).per_class[1]["precision"] == 0


def test_top_counts_are_given_only_where_they_say_something():
    targets, outputs = random_case()
    metrics = score("label", targets, outputs, list("abcdefgh")).metrics
    order = outputs.argsort(axis=1)[:, ::-1]
    for count in (3, 5):
        assert metrics[f"top_{count}"] == np.mean(
            [target in row[:count] for target, row in zip(targets, order, strict=True)]
        )
    assert "top_3" not in score("label", TARGETS, OUTPUTS, NAMES).metrics
    four = score("label", TARGETS, np.full((4, 4), 0.25), list("abcd")).metrics
    assert "top_3" in four
    assert "top_5" not in four


def test_equal_probabilities_go_to_the_first_class():
    metrics = score("label", np.array([0, 1, 2, 3]), np.full((4, 4), 0.25), list("abcd")).metrics
    assert metrics["accuracy"] == 0.25
    assert metrics["top_3"] == 0.75
    assert metrics["roc_auc"] == 0.5


def test_a_perfect_label_score_is_perfect_and_finite():
    metrics = score("label", np.arange(6), np.eye(6), list("abcdef")).metrics
    ones = ("accuracy", "accuracy_high", "top_3", "top_5", "macro_f1", "roc_auc")
    assert [metrics[key] for key in ones] == [1.0] * len(ones)
    assert metrics["loss"] == metrics["ece"] == 0
    assert 0.6 < metrics["accuracy_low"] < 0.62


def test_a_sure_mistake_has_a_large_but_finite_loss():
    metrics = score("label", np.array([0, 1]), np.array([[0.0, 1.0], [1.0, 0.0]]), ["a", "b"]).metrics
    assert metrics["loss"] == pytest.approx(-np.log(1e-7))
    assert metrics["accuracy"] == metrics["roc_auc"] == 0


def test_one_example_is_scored_without_a_curve():
    scores = score("label", np.array([1]), np.array([[0.3, 0.7]]), ["a", "b"])
    assert scores.metrics["accuracy"] == 1
    assert "roc_auc" not in scores.metrics
    assert "roc_auc leaves out a, b" in scores.notes[1]


def test_label_scores_are_those_of_scikit_learn():
    sklearn = pytest.importorskip("sklearn.metrics")
    targets, outputs = random_case()
    scores = score("label", targets, outputs, list("abcdefgh"))
    predicted = outputs.argmax(axis=1)
    assert scores.metrics["macro_f1"] == pytest.approx(sklearn.f1_score(targets, predicted, average="macro"))
    assert scores.metrics["roc_auc"] == pytest.approx(sklearn.roc_auc_score(targets, outputs, multi_class="ovr"))
    assert scores.metrics["loss"] == pytest.approx(sklearn.log_loss(targets, outputs))
    np.testing.assert_array_equal(scores.confusion, sklearn.confusion_matrix(targets, predicted))
    rows = np.array([[row[key] for key in ("precision", "recall", "f1", "support")] for row in scores.per_class])
    np.testing.assert_allclose(rows.T, sklearn.precision_recall_fscore_support(targets, predicted))


def test_several_labels_are_scored_as_by_hand():
    targets = np.array([[1, 0], [1, 1], [0, 0], [0, 0]])
    outputs = np.array([[0.9, 0.1], [0.8, 0.4], [0.6, 0.2], [0.1, 0.3]])
    scores = score("labels", targets, outputs, ["cat", "dog"])
    chances = [0.9, 0.9, 0.8, 0.4, 0.4, 0.8, 0.9, 0.7]
    assert scores.metrics["loss"] == pytest.approx(-np.log(chances).mean())
    assert scores.metrics["label_accuracy"] == 6 / 8
    assert scores.metrics["subset_accuracy"] == 0.5
    assert scores.metrics["subset_accuracy_low"] == pytest.approx(0.15, abs=1e-4)
    assert scores.metrics["macro_f1"] == pytest.approx((0.8 + 0) / 2)
    assert scores.metrics["micro_f1"] == pytest.approx(2 * 2 / (3 + 3))
    assert scores.metrics["roc_auc"] == 1
    assert [row["accuracy"] for row in scores.per_class] == [0.75, 0.75]
    assert scores.confusion is None


def test_several_labels_agree_with_scikit_learn():
    sklearn = pytest.importorskip("sklearn.metrics")
    generator = np.random.default_rng(2)
    targets, outputs = generator.integers(0, 2, (60, 4)), generator.random((60, 4)).round(1)
    metrics = score("labels", targets, outputs, list("abcd")).metrics
    predicted = outputs >= 0.5
    assert metrics["macro_f1"] == pytest.approx(sklearn.f1_score(targets, predicted, average="macro"))
    assert metrics["micro_f1"] == pytest.approx(sklearn.f1_score(targets, predicted, average="micro"))
    assert metrics["roc_auc"] == pytest.approx(sklearn.roc_auc_score(targets, outputs))


def test_a_label_that_nothing_has_is_left_out_and_named():
    scores = score("labels", np.array([[1, 0], [0, 0]]), np.array([[0.9, 0.1], [0.1, 0.1]]), ["cat", "dog"])
    assert scores.metrics["macro_f1"] == scores.metrics["roc_auc"] == 1
    assert all("leaves out dog" in note for note in scores.notes)


def test_no_labels_anywhere_and_none_predicted_is_right():
    metrics = score("labels", np.zeros((2, 2)), np.full((2, 2), 0.1), ["cat", "dog"]).metrics
    assert metrics["subset_accuracy"] == metrics["micro_f1"] == 1
    assert "roc_auc" not in metrics


def test_a_number_is_scored_as_by_hand():
    metrics = score("number", np.array([1.0, 2.0, 3.0, 4.0]), np.array([[1.0], [2.0], [3.0], [6.0]])).metrics
    assert metrics["loss"] == 1
    assert metrics["mae"] == 0.5
    assert metrics["rmse"] == 1
    assert metrics["r2"] == pytest.approx(1 - 4 / 5)
    assert metrics["mae_low"] == 0
    assert 1 <= metrics["mae_high"] <= 2
    assert metrics == score("number", np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 2.0, 3.0, 6.0])).metrics


def test_one_number_has_no_r2():
    scores = score("number", np.array([3.0]), np.array([5.0]))
    assert scores.metrics == {
        "loss": 4, "mae": 2, "mae_low": 2, "mae_high": 2, "rmse": 2, "rmse_low": 2, "rmse_high": 2,
    }  # fmt: skip
    assert scores.notes == ("r2 is left out: all targets are the same",)


def test_a_number_that_never_changes_has_no_r2_whatever_rounding_makes_of_its_mean():
    targets = np.stack([np.arange(7), np.full(7, 0.1)], axis=1).astype(np.float32)
    scores = score("number", targets, targets + 0.01, ["a", "b"])
    assert scores.metrics["r2"] == scores.metrics["r2/a"] > 0.99
    assert "r2/b" not in scores.metrics
    assert any(each.startswith("r2 leaves out b") for each in scores.notes)


@pytest.mark.parametrize("task", ["label", "labels", "number"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_outputs_that_are_no_numbers_are_refused(task, bad):
    targets = {"label": np.array([0, 1]), "labels": np.eye(2), "number": np.array([1.0, 2.0])}[task]
    outputs = np.array([0.5, bad]) if task == "number" else np.array([[0.5, 0.5], [bad, 0.5]])
    with pytest.raises(ValueError, match=r"outputs: 1 of [24] values are NaN or infinite"):
        score(task, targets, outputs, ["a", "b"])


@pytest.mark.parametrize(
    ("task", "targets", "outputs", "told"),
    [
        ("lable", [0], [[1, 0]], "task: expected one of label, labels, number, received 'lable'"),
        ("label", [], np.zeros((0, 2)), "at least one, received 0 and 0"),
        ("label", [0, 1], [[1, 0]], "received 2 and 1"),
        ("label", [2], [[1, 0]], "class numbers from 0 to 1"),
        ("label", [0], [[1, 0, 0]], r"outputs \(n, 2\)"),
        ("label", [0], [[2.0, -1.0]], "probabilities that sum to 1"),
        ("label", [0], [[3.0, 1.0]], "probabilities that sum to 1"),
        ("labels", [[0, 2]], [[0.5, 0.5]], "expected 0 or 1"),
        ("labels", [[0, 1]], [[0.5, 1.5]], "from 0 to 1"),
        ("labels", [0], [[0.5, 0.5]], r"received \(1,\) and \(1, 2\)"),
        ("number", [0.0], [[0.5, 0.5]], r"one number an example, received shape \(1, 2\)"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(task, targets, outputs, told):
    with pytest.raises(ValueError, match=told):
        score(task, np.array(targets), np.array(outputs), ["a", "b"])


def test_coarsely_rounded_probabilities_are_taken():
    assert score("label", np.array([0]), np.array([[0.68, 0.34]]), ["a", "b"]).metrics["accuracy"] == 1


def test_wilson_is_wilson():
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe, 1998
    assert wilson(0, 20) == (0.0, pytest.approx(0.1611, abs=1e-4))
    assert wilson(20, 20)[1] == 1.0


def test_the_bootstrap_covers_the_mean_and_repeats_itself():
    values = np.random.default_rng(0).normal(5, 1, 400)
    low, high = bootstrap(np.mean, values)
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.15)
    assert low < values.mean() < high
    assert (low, high) == bootstrap(np.mean, values)


def test_ties_count_half_in_the_area_under_the_curve():
    positive = np.array([[1], [0], [1], [0]])
    assert roc_auc(positive, np.array([[0.5], [0.5], [0.9], [0.1]]))[0] == (1 + 1 + 1 + 0.5) / 4


def test_a_bin_holds_its_upper_edge():
    bins = bin_confidence(np.array([0, 0]), np.array([[0.5, 0.5], [1.0, 0.0]]), count=2)
    assert bins.counts.tolist() == [1, 1]
    assert bins.error == pytest.approx(0.25)
