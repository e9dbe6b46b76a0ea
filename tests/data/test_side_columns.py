"""Table columns beside pictures and signals: joined by name, read as numbers, and refused where they do not fit."""

import numpy as np
import pandas as pd
import pytest
from waves import rows, write_rows

from tlkit import Splits
from tlkit.data.side_columns.joining import joined_columns
from tlkit.data.sources import load_splits
from tlkit.errors import DataError
from tlkit.recipe.schema import Data


@pytest.fixture
def table(listed):
    """24 pictures with what a patient's sheet would say of each."""
    return listed.assign(
        age=[20.0 + index for index in range(24)],
        sex=["female" if index % 3 else "male" for index in range(24)],
        smokes=[index % 2 == 0 for index in range(24)],
    )


def split(table, *columns, **options):
    return Splits.from_frame(table, beside=columns, **{"image_size": 8, "max_bad": 0.2, **options})


def beside(splits):
    """The columns of every example by its name."""
    parts = splits.parts().values()
    return {name: row for part in parts for name, row in zip(part.names, part.beside, strict=True)}


def test_numbers_stay_and_words_and_flags_become_numbers(table):
    splits = split(table, "age", "sex", "smokes")
    assert splits.info.beside["columns"] == {"age": None, "sex": ["female", "male"], "smokes": None}
    found = beside(splits)
    for row in table.itertuples():
        told = [row.age, row.sex == "female", row.sex == "male", row.smokes]
        np.testing.assert_array_equal(found[row.path], np.array(told, np.float32))


def test_without_columns_splits_are_what_they_were(table):
    splits = Splits.from_frame(table, image_size=8)
    assert splits.train.beside is None
    assert splits.info.beside == {}
    assert isinstance(splits.train.fed([0]), np.ndarray)


def test_what_is_unknown_is_counted_and_left_open(table):
    table["smokes"] = table.smokes.astype(object)
    table.loc[3, ["age", "sex", "smokes"]] = [np.nan, "", None]
    splits = split(table, "age", "sex", "smokes")
    assert np.isnan(beside(splits)[table.path[3]]).all()
    assert splits.info.tags["data.beside_missing"] == "age (1 examples), sex (1 examples), smokes (1 examples)"


@pytest.mark.parametrize("form", ["{}", "pictures/{}", "{:end}", "{:name}", "{:stem}"])
def test_a_table_may_name_examples_in_full_or_by_their_end(form, picture_folder, table, tmp_path):
    def named(path):
        parts = path.split("/")
        ends = {"{}": path, "pictures/{}": "/".join(parts[-3:]), "{:end}": "/".join(parts[-2:])}
        return {**ends, "{:name}": parts[-1], "{:stem}": parts[-1].removesuffix(".png")}[form]

    table["file"] = [named(each) for each in table.path]
    table[::-1].to_csv(tmp_path / "patients.csv", index=False)
    given = {"table": str(tmp_path / "patients.csv"), "name": "file", "columns": ["age"]}
    splits = load_splits(Data(path=str(picture_folder), beside=given), seed=7, image_size=(8, 8))
    ages = table.set_index("path").age
    assert {name: row.item() for name, row in beside(splits).items()} == ages.to_dict()


def test_columns_move_with_their_examples(table):
    splits = split(table, "age")
    ages = table.set_index("path").age
    part = splits.train.take([3, 0])
    assert part.beside[:, 0].tolist() == [ages[name] for name in part.names]
    fewer = splits.without({splits.train.names[1]: "broken"})
    assert fewer.train.beside[:, 0].tolist() == [ages[name] for name in fewer.train.names]


def test_a_word_that_training_never_said_is_set_aside(table):
    table["split"] = ["train"] * 8 + ["val"] * 2 + ["test"] * 2 + ["train"] * 8 + ["val"] * 2 + ["test"] * 2
    table.loc[10, "sex"] = "other"
    splits = split(table, "sex", split="split")
    why = splits.info.set_aside[table.path[10]]
    assert why == "table: column 'sex': expected 'female' or 'male', found 'other'"
    assert len(splits.test) == 3


def test_a_word_among_numbers_and_an_example_without_a_row_are_set_aside(picture_folder, table, tmp_path):
    table["age"] = table.age.astype(object)
    table.loc[0, "age"] = "old"
    table.drop(index=1).to_csv(tmp_path / "patients.csv", index=False)
    given = {"table": str(tmp_path / "patients.csv"), "name": "path", "columns": ["age"]}
    data = Data(path=str(picture_folder), beside=given, max_bad=0.1)
    found = load_splits(data, seed=7, image_size=(8, 8)).info.set_aside
    assert found[table.path[0]].endswith("column 'age': expected a number, found 'old'")
    assert found[table.path[1]].startswith("no row in")
    with pytest.raises(DataError, match=r"2 of 24 examples cannot be used, more than 5%.*no row in"):
        load_splits(data.model_copy(update={"max_bad": 0.05}), seed=7, image_size=(8, 8))


def test_a_column_that_is_not_there_is_named_with_the_nearest(table):
    with pytest.raises(DataError, match=r"no column 'sexe'. Did you mean 'sex'\?"):
        split(table, "age", "sexe")


def test_a_name_with_two_rows_is_refused(picture_folder, table, tmp_path):
    pd.concat([table, table[4:5]]).to_csv(tmp_path / "patients.csv", index=False)
    given = {"table": str(tmp_path / "patients.csv"), "name": "path", "columns": ["age"]}
    with pytest.raises(DataError, match=r"blue_004.png has two rows"):
        load_splits(Data(path=str(picture_folder), beside=given), seed=7, image_size=(8, 8))


def test_one_row_for_two_examples_is_refused(picture_folder, tmp_path):
    (picture_folder / "red" / "red_000.png").rename(picture_folder / "red" / "blue_000.png")
    (tmp_path / "patients.csv").write_text("file,age\nblue_000.png,30\n")
    given = {"table": str(tmp_path / "patients.csv"), "name": "file", "columns": ["age"]}
    with pytest.raises(DataError, match=r"one row fits both .*/blue_000.png and .*/blue_000.png. Say more"):
        load_splits(Data(path=str(picture_folder), beside=given), seed=7, image_size=(8, 8))


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ([f"person {index}" for index in range(24)], "different words in"),
        ([None] * 24, "column 'note' says nothing of any training example"),
    ],
)
def test_a_column_that_tells_nothing_in_general_is_refused(table, values, match):
    with pytest.raises(DataError, match=match):
        split(table.assign(note=values), "note")


def test_rows_of_signals_carry_their_own_columns(tmp_path):
    lines = [[line[0], str(20 + index), "fm"[index % 2], *line[1:]] for index, line in enumerate(rows(40))]
    write_rows(tmp_path / "beats.csv", [["class", "age", "sex", *map(str, range(12))], *lines], mark=",")
    data = Data(source="signals", path=str(tmp_path / "beats.csv"), beside=["age", "sex"], val=0.2, test=0.2)
    splits = load_splits(data, seed=7, image_size=(8, 8))
    assert splits.info.input_shape == (12, 1)
    for name, row in beside(splits).items():
        index = int(name.rpartition(":")[2]) - 2
        assert row.tolist() == [20 + index, index % 2 == 0, index % 2 == 1]


def test_columns_may_be_left_out_of_signals(tmp_path):
    lines = [[line[0], "someone", *line[1:]] for line in rows(40)]
    write_rows(tmp_path / "beats.csv", [["class", "who", *map(str, range(12))], *lines], mark=",")
    data = Data(source="signals", path=str(tmp_path / "beats.csv"), leave_out="who")
    assert load_splits(data, seed=7, image_size=(8, 8)).info.input_shape == (12, 1)


def test_files_are_no_rows_that_carry_columns(table):
    with pytest.raises(DataError, match="a list of columns is for examples that are rows of a text table"):
        joined_columns(Splits.from_frame(table, image_size=8), ["age"])
