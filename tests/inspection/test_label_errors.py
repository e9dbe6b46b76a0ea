"""Labels in doubt."""

import numpy as np

from tlkit.inspection.label_errors import doubtful_labels, out_of_fold


def clouds(count=120, classes=3, width=20, seed=0):
    """Points around one centre a class."""
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, classes, count)
    centres = rng.normal(0, 1, (classes, width))
    return centres[targets] + rng.normal(0, 0.35, (count, width)), targets


def keys(count):
    return [f"{number:05x}" for number in range(count)]


def test_swapped_labels_come_first_with_the_right_class():
    features, targets = clouds()
    wrong = np.arange(0, 120, 12)
    given = targets.copy()
    given[wrong] = (given[wrong] + 1) % 3
    doubts = doubtful_labels(features, given, keys(120))
    assert set(doubts.indices[: len(wrong)]) == set(wrong)
    indices = doubts.indices[: len(wrong)]
    np.testing.assert_array_equal(doubts.proposed[: len(wrong)], targets[indices])


def test_right_labels_are_left_alone():
    features, targets = clouds()
    assert len(doubtful_labels(features, targets, keys(120)).indices) == 0


def test_inputs_of_many_thousand_columns_are_judged_too():
    features, targets = clouds(count=60, classes=2)
    given = np.append(1 - targets[:1], targets[1:])
    doubts = doubtful_labels(np.repeat(features, 1500, axis=1), given, keys(60))
    assert doubts.indices.tolist() == [0]


def test_without_anything_to_learn_the_head_only_guesses():
    rng = np.random.default_rng(1)
    features, targets = rng.normal(size=(300, 40)), np.arange(300) % 2
    doubts = doubtful_labels(features, targets, keys(300))
    assert 0.35 < doubts.accuracy < 0.65


def test_a_copy_with_the_same_wrong_label_does_not_vouch_for_its_twin():
    features, targets = clouds(classes=2)
    given = targets.copy()
    given[0] = 1 - given[0]
    features, given = np.concatenate([features, features[:1]]), np.append(given, given[0])
    doubts = doubtful_labels(features, given, [*keys(120), keys(1)[0]])
    assert {0, 120} <= set(doubts.indices.tolist())


def test_probabilities_are_probabilities():
    features, targets = clouds()
    chances = out_of_fold(features, targets, np.arange(120) % 5, 3)
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-5)
    assert (chances.argmax(axis=1) == targets).mean() > 0.95
