"""Which example goes where."""

import hashlib

import numpy as np
import pytest

from tlkit.data.assembly.assignment import PARTS, assign, assign_folds
from tlkit.errors import DataError

KEYS = [f"{number:04x}" for number in range(400)]
CLASSES = [number % 4 for number in range(400)]


def split(keys, classes, *, val=0.15, test=0.15, seed=7):
    return assign(keys, classes, val=val, test=test, seed=seed)


def test_the_same_seed_gives_the_same_parts_and_another_gives_others():
    first, again, other = (split(KEYS, CLASSES, seed=seed) for seed in (7, 7, 8))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_the_parts_are_about_as_large_as_asked_for():
    parts = split(KEYS, CLASSES, val=0.1, test=0.3)
    assert 20 <= (parts == "val").sum() <= 60
    assert 90 <= (parts == "test").sum() <= 150


def test_the_order_of_the_examples_does_not_matter():
    order = np.random.default_rng(0).permutation(len(KEYS))
    shuffled = split([KEYS[i] for i in order], [CLASSES[i] for i in order])
    np.testing.assert_array_equal(shuffled, split(KEYS, CLASSES)[order])


def test_adding_examples_moves_none_that_were_there():
    before = split(KEYS[:300], CLASSES[:300])
    np.testing.assert_array_equal(split(KEYS, CLASSES)[:300], before)


def test_equal_content_never_stands_in_two_parts():
    keys = [KEYS[i % 40] for i in range(400)]
    parts = split(keys, CLASSES)
    assert all(len({part for key, part in zip(keys, parts, strict=True) if key == each}) == 1 for each in set(keys))


@pytest.mark.parametrize("seed", range(20))
def test_small_classes_have_an_example_in_each_part(seed):
    classes = ["common"] * 100 + ["rare"] * 4
    parts = split(KEYS[:104], classes, seed=seed)
    assert {str(part) for part in parts[100:]} == set(PARTS)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("count", [7, 10, 19, 29])
def test_a_tiny_class_has_its_shares_within_one_example_beside_others_that_stay(seed, count):
    common = split(KEYS[count:], ["common"] * (400 - count), seed=seed)
    parts = split(KEYS, ["tiny"] * count + ["common"] * (400 - count), seed=seed)
    for part, share in zip(PARTS, (0.7, 0.15, 0.15), strict=True):
        assert abs((parts[:count] == part).sum() - share * count) < 1
    np.testing.assert_array_equal(parts[count:], common)


def test_a_tiny_class_that_grows_by_one_moves_few_and_folds_of_it_are_even():
    before, after = split(KEYS[:20], ["tiny"] * 20), split(KEYS[:21], ["tiny"] * 21)
    assert (before != after[:20]).sum() <= 2
    assert sorted(np.bincount(assign_folds(KEYS[:20], ["tiny"] * 20, 3, seed=7))) == [6, 7, 7]


def test_classes_of_thirty_and_more_stay_where_they_were_in_all_releases():
    parts = split(KEYS[:120], CLASSES[:120])
    assert hashlib.blake2b(",".join(parts).encode(), digest_size=8).hexdigest() == "7f13fec4251a65da"


@pytest.mark.parametrize("seed", range(60))
def test_with_groups_across_classes_each_class_is_in_each_part_or_it_is_refused(seed):
    rng = np.random.default_rng(seed)
    groups = [f"g{each}" for each in rng.integers(0, 7, 24)]
    classes = rng.integers(0, 3, 24).tolist()
    try:
        parts = split(groups, classes, seed=seed)
    except DataError:
        return
    pairs = set(zip(classes, parts.tolist(), strict=True))
    assert pairs == {(name, part) for name in set(classes) for part in PARTS}
    assert len(set(zip(groups, parts.tolist(), strict=True))) == len(set(groups))


def test_groups_that_can_be_split_are_split():
    groups = [f"g{number // 4}" for number in range(40)]
    parts = split(groups, [number % 2 for number in range(40)])
    assert set(parts) == set(PARTS)


@pytest.mark.parametrize("seed", range(10))
def test_examples_without_classes_also_fill_each_part(seed):
    assert set(split(KEYS[:5], None, seed=seed)) == set(PARTS)


@pytest.mark.parametrize("classes", [["a"] * 9 + ["b"] * 2, None])
def test_too_few_to_split_says_how_many_are_wanted(classes):
    keys = KEYS[: len(classes)] if classes else KEYS[:2]
    with pytest.raises(
        DataError, match="expected at least 3 different examples to split into test, train, val, found 2"
    ):
        split(keys, classes)


def test_copies_of_one_example_are_not_different_examples():
    with pytest.raises(DataError, match=r"class 'b': expected at least 3 different examples .* found 1"):
        split([*KEYS[:9], "same", "same", "same"], ["a"] * 9 + ["b"] * 3)


def test_a_part_that_is_not_asked_for_stays_empty():
    assert set(split(KEYS, CLASSES, val=0.0)) == {"train", "test"}
    assert set(split(KEYS[:2], ["a", "b"], val=0.0, test=0.0)) == {"train"}


@pytest.mark.parametrize(("val", "test"), [(0.5, 0.5), (0.9, 0.3)])
def test_shares_that_leave_nothing_for_training_are_refused(val, test):
    with pytest.raises(DataError, match="leave nothing for training"):
        split(KEYS, CLASSES, val=val, test=test)
