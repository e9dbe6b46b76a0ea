"""Tables of picture paths and labels."""

import numpy as np
import pytest

from tlkit import Splits
from tlkit.errors import DataError


@pytest.fixture
def table(listed):
    """24 pictures with a class, a photographer, a weight and two flags."""
    return listed.assign(
        photographer=[f"p{index % 8}" for index in range(24)],
        kilos=np.linspace(1, 9, 24),
        indoors=[index % 2 for index in range(24)],
        asleep=[int(index % 3 == 0) for index in range(24)],
    )


def split(table, **options):
    return Splits.from_frame(table, **{"image_size": (8, 8), **options})


def test_a_table_of_paths_and_labels_is_split(table):
    splits = split(table)
    assert splits.info.class_names == ("blue", "red")
    assert sum(splits.counts().values()) == 24
    for name, target in zip(splits.train.names, splits.train.targets, strict=True):
        assert table.set_index("path").label[name] == splits.info.class_names[target]


def test_paths_may_be_relative_to_a_folder(table, picture_folder):
    table["file"] = [each.removeprefix(f"{picture_folder}/") for each in table.path]
    splits = split(table, image="file", root=picture_folder)
    assert splits.train.load([0]).shape == (1, 8, 8, 3)


@pytest.mark.parametrize("seed", range(5))
def test_a_group_never_straddles_two_parts(table, seed):
    splits = split(table, group="photographer", seed=seed)
    whose = table.set_index("path").photographer
    found = [{whose[name] for name in part.names} for part in splits.parts().values()]
    assert sum(map(len, found)) == len(set().union(*found)) == 8


def test_a_column_may_name_the_parts(table):
    table["part"] = ["train"] * 8 + ["val"] * 2 + ["test"] * 2 + ["train"] * 6 + ["val"] * 3 + ["test"] * 3
    splits = split(table, split="part")
    assert splits.counts() == {"train": 14, "val": 5, "test": 5}
    with pytest.raises(DataError, match="the split column says 'Train'"):
        split(table.assign(part="Train"), split="part")


def test_several_columns_of_flags_are_several_labels(table):
    splits = split(table, label=["indoors", "asleep"])
    assert (splits.info.task, splits.info.class_names) == ("labels", ("indoors", "asleep"))
    rows = table.set_index("path").loc[list(splits.train.names), ["indoors", "asleep"]]
    np.testing.assert_array_equal(splits.train.targets, rows.to_numpy())


def test_a_column_of_lists_is_several_labels(table):
    table["tags"] = [["a", "b"], ["b"], [], ["c"]] * 6
    splits = split(table, label="tags")
    assert (splits.info.task, splits.info.class_names) == ("labels", ("a", "b", "c"))
    expected = {name: [float(tag in tags) for tag in "abc"] for name, tags in zip(table.path, table.tags, strict=True)}
    assert splits.train.targets.tolist() == [expected[name] for name in splits.train.names]


def test_a_float_column_is_a_number_to_predict(table):
    splits = split(table, label="kilos")
    assert (splits.info.task, splits.info.class_names, splits.info.num_outputs) == ("number", (), 1)
    expected = table.set_index("path").kilos[list(splits.train.names)]
    np.testing.assert_allclose(splits.train.targets, expected, rtol=1e-6)


def test_classes_that_are_written_as_fractions_by_accident_are_asked_about(table):
    with pytest.raises(DataError, match=r"'class' holds whole numbers only \(0.0, 1.0\).*data.task: label"):
        split(table.assign(**{"class": table.indoors.astype(float)}), label="class")
    splits = split(table.assign(**{"class": table.indoors.astype(float)}), label="class", task="label")
    assert splits.info.class_names == ("0", "1")


def test_whole_numbers_are_predicted_as_numbers_on_request(table):
    assert split(table, label="indoors").info.task == "label"
    assert split(table, label="indoors", task="number").info.task == "number"


def test_missing_files_are_bad_examples_set_aside_by_name_up_to_the_limit(table):
    table.loc[[3, 5], "path"] = ["gone_a.png", "gone_b.png"]
    why = "cannot be read (No such file or directory)"
    assert split(table, max_bad=0.1).info.set_aside == {"gone_a.png": why, "gone_b.png": why}
    with pytest.raises(DataError, match=r"2 of 24 pictures cannot be used, more than 5% .*: gone_a\.png: cannot"):
        split(table)


@pytest.mark.parametrize(("column", "label"), [("label", "label"), ("kilos", "kilos"), ("path", "label")])
def test_rows_without_a_path_or_a_label_are_named(table, column, label):
    table.loc[[2, 7], column] = None
    with pytest.raises(DataError, match=r"2 rows lack a path, a label or a group: rows 2, 7. Fill or drop them"):
        split(table, label=label)


def test_a_row_without_its_group_is_named(table):
    table.loc[4, "photographer"] = None
    with pytest.raises(DataError, match=r"1 rows lack a .*: rows 4"):
        split(table, group="photographer")


def test_a_column_that_is_not_there_names_the_nearest(table):
    with pytest.raises(DataError, match=r"no column 'lable'. Did you mean 'label'?"):
        split(table, label="lable")


def test_one_class_only_is_refused(table):
    with pytest.raises(DataError, match=r"cats.csv: expected at least two classes, found 1 \(cat\)"):
        split(table.assign(label="cat"), where="cats.csv")


def test_an_empty_table_is_refused(table):
    with pytest.raises(DataError, match="table: expected rows, found none"):
        split(table[:0])
