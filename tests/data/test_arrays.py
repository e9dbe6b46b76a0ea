"""Arrays in memory and `tf.data` datasets."""

import numpy as np
import pytest
import tensorflow as tf

from tlkit import Splits
from tlkit.errors import DataError


def pictures(count=30, shape=(8, 8, 3)):
    return np.random.default_rng(0).integers(0, 256, (count, *shape)).astype(np.uint8)


LABELS = np.arange(30) % 2


def test_arrays_are_split_and_inputs_stay_with_their_targets():
    inputs = pictures()
    splits = Splits.from_arrays(inputs, LABELS, class_names=["cat", "dog"])
    assert (splits.info.task, splits.info.kind, splits.info.class_names) == ("label", "image", ("cat", "dog"))
    assert sum(splits.counts().values()) == 30
    for part in splits.parts().values():
        for row, target in zip(part.load(range(len(part))), part.targets, strict=True):
            assert target == LABELS[(inputs == row).all((1, 2, 3))].item()


def test_words_are_labels_in_the_order_of_the_alphabet():
    splits = Splits.from_arrays(pictures(), np.array(["dog", "cat"])[LABELS])
    assert splits.info.class_names == ("cat", "dog")
    assert {name.split("[")[0] for name in splits.train.names} == {"train"}
    places = [int(name[6:-1]) for name in splits.train.names]
    np.testing.assert_array_equal(splits.train.targets, 1 - LABELS[places])


def test_words_take_the_order_of_the_class_names_given():
    splits = Splits.from_arrays(pictures(), np.array(["dog", "cat"])[LABELS], class_names=["dog", "cat", "emu"])
    assert splits.info.class_names == ("dog", "cat", "emu")
    places = [int(name[6:-1]) for name in splits.train.names]
    np.testing.assert_array_equal(splits.train.targets, LABELS[places])
    with pytest.raises(DataError, match="dog"):
        Splits.from_arrays(pictures(), np.array(["dog", "cat"])[LABELS], class_names=["cat", "emu"])


def test_truth_values_are_two_classes():
    splits = Splits.from_arrays(pictures(), LABELS == 1)
    assert len(splits.info.class_names) == 2
    assert splits.train.targets.dtype == np.int64


def test_floats_are_numbers_to_predict():
    splits = Splits.from_arrays(pictures(), np.linspace(0, 1, 30))
    assert (splits.info.task, splits.info.num_outputs) == ("number", 1)
    assert splits.train.targets.dtype == np.float32


def test_rows_of_flags_are_several_labels():
    flags = np.stack([LABELS, 1 - LABELS, LABELS], axis=1)
    splits = Splits.from_arrays(pictures(), flags)
    assert (splits.info.task, splits.info.num_outputs) == ("labels", 3)
    with pytest.raises(DataError, match="3"):
        Splits.from_arrays(pictures(), flags, class_names=["a", "b"])


def test_given_parts_are_kept():
    splits = Splits.from_arrays(
        pictures(), LABELS, val_data=(pictures(4) // 2, [0, 1, 0, 1]), test_data=(pictures(6) // 3, [0, 1] * 3)
    )
    assert splits.counts() == {"train": 30, "val": 4, "test": 6}
    np.testing.assert_array_equal(splits.val.load([0, 3]), (pictures(4) // 2)[[0, 3]])


def test_groups_never_straddle():
    groups = np.arange(30) // 3
    splits = Splits.from_arrays(pictures(), LABELS, groups=groups)
    found = [{int(groups[int(name[6:-1])]) for name in part.names} for part in splits.parts().values()]
    assert sum(map(len, found)) == len(set().union(*found)) == 10


def test_grey_pictures_get_their_channel():
    assert Splits.from_arrays(pictures(shape=(8, 8)), LABELS).info.input_shape == (8, 8, 1)


def test_signals_keep_their_shape():
    signals = np.random.default_rng(0).normal(size=(30, 16, 2))
    splits = Splits.from_arrays(signals, LABELS)
    assert (splits.info.input_shape, splits.info.input_dtype, splits.info.kind) == ((16, 2), "float32", "array")


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e39])
def test_values_that_are_no_numbers_are_named_by_row(value):
    inputs = pictures().astype(float)
    inputs[[3, 8], 0, 0, 0] = value
    with pytest.raises(DataError, match="train: inputs hold NaN or infinite values in 2 rows: 3, 8"):
        Splits.from_arrays(inputs, LABELS)
    targets = np.linspace(0, 1, 30)
    targets[5] = value
    with pytest.raises(DataError, match="train: targets hold NaN or infinite values in 1 rows: 5"):
        Splits.from_arrays(pictures(), targets)


@pytest.mark.parametrize(
    ("inputs", "targets", "options", "said"),
    [
        (pictures(), LABELS[:9], {}, "found 30 inputs and 9 targets"),
        (pictures(0), [], {}, "found 0 inputs and 0 targets"),
        (pictures(), [1] * 30, {}, "expected at least two classes"),
        (pictures(), LABELS + 1, {"class_names": ["a", "b"]}, "expected numbers 0 to 1, found 1 to 2"),
        (pictures(), LABELS - 1, {}, "found -1 to 0"),
        (pictures(), LABELS, {"test_data": (pictures(2, (9, 9, 3)), [0, 1])}, "expected one shape in every part"),
        (pictures(), LABELS, {"groups": [1, 2]}, r"groups: expected one per example \(30\), found 2"),
        (pictures(2), [0, 1], {}, "expected at least 3 different examples"),
    ],
)
def test_arrays_that_do_not_fit_say_what_was_expected(inputs, targets, options, said):
    with pytest.raises(DataError, match=said):
        Splits.from_arrays(inputs, targets, **options)


@pytest.mark.parametrize("change", [lambda data: data, lambda data: data.batch(7)], ids=["single", "batched"])
def test_a_dataset_gives_the_same_splits_as_its_arrays(change):
    dataset = change(tf.data.Dataset.from_tensor_slices((pictures(), LABELS)))
    drawn, direct = Splits.from_dataset(dataset), Splits.from_arrays(pictures(), LABELS)
    assert drawn.info == direct.info
    assert drawn.train.ids == direct.train.ids
    np.testing.assert_array_equal(drawn.train.targets, direct.train.targets)


def test_batches_of_one_fixed_size_are_batches_too():
    dataset = tf.data.Dataset.from_tensor_slices((pictures(), LABELS)).batch(10, drop_remainder=True)
    assert Splits.from_dataset(dataset).info == Splits.from_arrays(pictures(), LABELS).info


def test_words_in_a_dataset_are_labels():
    words = np.array(["cat", "dog"])[LABELS]
    splits = Splits.from_dataset(tf.data.Dataset.from_tensor_slices((pictures(), words)))
    assert splits.info.class_names == ("cat", "dog")


@pytest.mark.parametrize(
    "dataset",
    [tf.data.Dataset.from_tensor_slices(pictures()), tf.data.Dataset.from_tensor_slices((pictures(), LABELS)).take(0)],
    ids=["no targets", "empty"],
)
def test_a_dataset_without_labelled_examples_is_refused(dataset):
    with pytest.raises(DataError, match="dataset: expected"):
        Splits.from_dataset(dataset)
