import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest

from tlkit.errors import DataError
from tlkit.kinds.table.table import table
from tlkit.model.scaled_columns import normalised

ROWS = [f"{index},{index % 7 - 3},{'ab'[index % 2]},word" for index in range(40)]


def write(path, rows=ROWS, header="size,mood,label,note"):
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def frame_of(path):
    return pd.read_csv(path)


@pytest.mark.parametrize("door", ["csv", "folder", "parquet", "frame"])
def test_every_door_gives_the_same_numbers(tmp_path, door):
    path = write(tmp_path / "a.csv")
    if door == "parquet":
        frame_of(path).to_parquet(tmp_path / "a.parquet")
    source = {"csv": path, "folder": tmp_path, "parquet": tmp_path / "a.parquet", "frame": frame_of(path)}[door]
    splits = table(source)
    assert (splits.info.kind, splits.info.input_shape, splits.info.class_names) == ("table", (2,), ("a", "b"))
    assert splits.info.tags["data.columns"] == "size, mood"
    assert splits.train.ids == table(path).train.ids


def test_the_model_is_told_mean_and_deviation_of_the_training_rows(tmp_path):
    splits = table(write(tmp_path / "a.csv"))
    train = splits.train.load(range(len(splits.train)))
    np.testing.assert_allclose(splits.info.preparation["mean"], train.mean(0), rtol=1e-5)
    np.testing.assert_allclose(splits.info.preparation["deviation"], train.std(0), rtol=1e-5)


def test_columns_can_be_chosen_and_a_number_learned(tmp_path):
    splits = table(write(tmp_path / "a.csv"), columns="mood", label="size", task="number")
    assert splits.info.input_shape == (1,)
    assert splits.train.targets.dtype == np.float32


def test_a_split_column_is_kept(tmp_path):
    parts = ["train"] * 20 + ["val"] * 10 + ["test"] * 10
    rows = [f"{row},{part}" for row, part in zip(ROWS, parts, strict=True)]
    splits = table(write(tmp_path / "a.csv", rows, header="size,mood,label,note,part"), split="part")
    assert splits.counts() == {"train": 20, "val": 10, "test": 10}


def test_the_words_of_a_split_column_may_be_those_of_folders(tmp_path):
    rows = [f"{row},{part}" for row, part in zip(ROWS, ["Training", "valid", "TEST", "test "] * 10, strict=True)]
    splits = table(write(tmp_path / "a.csv", rows, header="size,mood,label,note,part"), split="part")
    assert splits.counts() == {"train": 10, "val": 10, "test": 20}


def test_a_split_column_without_training_rows_is_refused(tmp_path):
    rows = [f"{row},test" for row in ROWS]
    with pytest.raises(DataError, match="expected training examples, found none; all are given for test"):
        table(write(tmp_path / "a.csv", rows, header="size,mood,label,note,part"), split="part")


def test_the_index_that_pandas_writes_in_front_of_a_table_is_no_input(tmp_path):
    rows = [f"{place},{row}" for place, row in enumerate(ROWS)]
    splits = table(write(tmp_path / "a.csv", rows, header=",size,mood,label,note"))
    assert splits.info.tags["data.columns"] == "size, mood"


def test_a_column_of_tiny_numbers_counts_like_any_other_and_a_constant_one_not_at_all():
    sizes = np.linspace(1e-9, 9e-9, 20)
    info = table(pd.DataFrame({"size": sizes, "same": 0.1, "label": ["a", "b"] * 10})).info
    middle, spread = info.preparation["mean"], info.preparation["deviation"]
    assert spread == [pytest.approx(2.4e-9, rel=0.3), 1.0]
    scaled = normalised((2,), mean=middle, deviation=spread).predict(np.stack([sizes, np.full(20, 0.1)], 1), verbose=0)
    assert scaled[:, 0].std() == pytest.approx(1, abs=0.2)
    assert np.abs(scaled[:, 1]).max() < 1e-6


def test_moments_are_no_numbers(tmp_path):
    frame = pd.DataFrame({"when": pd.date_range("2024-01-01", periods=20), "size": range(20), "label": ["a", "b"] * 10})
    frame.to_parquet(tmp_path / "a.parquet")
    assert table(tmp_path / "a.parquet").info.tags["data.columns"] == "size"


def test_columns_of_a_frame_may_be_named_by_numbers():
    splits = table(pd.DataFrame({0: range(20), 1: ["a", "b"] * 10}), label=1)
    assert (splits.info.tags["data.columns"], splits.info.class_names) == ("0", ("a", "b"))


def test_columns_of_one_name_in_a_frame_are_refused():
    frame = pd.DataFrame([[1, 2, "a"], [3, 4, "b"]] * 10, columns=["size", "size", "label"])
    with pytest.raises(DataError, match="columns of different names, found size, size, label"):
        table(frame)


def test_a_file_of_another_kind_is_named(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    with pytest.raises(DataError, match=r"a.xlsx: expected a table in a .csv, .tsv or .parquet file"):
        table(tmp_path / "a.xlsx")


def test_a_parquet_file_with_a_damaged_note_of_pandas_is_one_line(tmp_path):
    arrow = pyarrow.table({"size": range(20), "label": ["a", "b"] * 10})
    note = {"pandas": '{"columns": [{"field_name": "size"}], "index_columns": []}'}
    pyarrow.parquet.write_table(arrow.replace_schema_metadata(note), tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"a.parquet: not a readable table \('pandas_type'\)"):
        table(tmp_path / "a.parquet")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,2,a", "3 fields, expected 4"),
        ("1,2,a,word,5", "5 fields, expected 4"),
        ("oops,2,a,word", "column 'size': expected a finite number, found 'oops'"),
        ("1,,a,word", "column 'mood': expected a finite number, found nothing"),
        ("1,inf,a,word", "column 'mood': expected a finite number, found 'inf'"),
        ("1,1e39,a,word", "column 'mood': expected a finite number, found '1e39'"),
        ("1,2,,word", "column 'label': expected a label, found nothing"),
    ],
)
def test_a_bad_row_is_set_aside_by_file_and_line(tmp_path, row, reason):
    path = write(tmp_path / "a.csv", [*ROWS[:5], row, *ROWS[5:]])
    assert table(path).info.set_aside == {f"{path}:7": reason}


def test_too_many_bad_rows_stop(tmp_path):
    with pytest.raises(DataError, match=r"3 of 43 rows cannot be used.*a.csv:2: 1 fields, expected 4"):
        table(write(tmp_path / "a.csv", ["x", "y", "z", *ROWS]))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"label": "lable"}, "no column 'lable'. Did you mean 'label'"),
        ({"columns": ["weight"]}, "no column 'weight'. Columns: size, mood, label, note"),
        ({"columns": ["note"]}, "40 of 40 rows cannot be used"),
        ({"split": "note"}, "the split column says 'word'"),
        ({"columns": ["size", "label"]}, "'label' is what is learned"),
        ({"task": "labels"}, "data.task: label or number"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path, options, told):
    with pytest.raises(DataError, match=told):
        table(write(tmp_path / "a.csv"), **options)


@pytest.mark.parametrize(
    ("text", "told"), [("", "empty file"), ("a,label\n", "no rows below"), ("a,a,label\n1,2,x\n", "different names")]
)
def test_a_table_without_rows_is_refused(tmp_path, text, told):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(DataError, match=told):
        table(tmp_path / "a.csv")
