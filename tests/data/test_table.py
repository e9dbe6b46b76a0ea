import numpy as np
import pandas as pd
import pytest

from tlkit.data.table import table
from tlkit.errors import DataError

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
    splits = table(write(tmp_path / "a.csv"), columns=["mood"], label="size", task="number")
    assert splits.info.input_shape == (1,)
    assert splits.train.targets.dtype == np.float32


def test_a_split_column_is_kept(tmp_path):
    parts = ["train"] * 20 + ["val"] * 10 + ["test"] * 10
    rows = [f"{row},{part}" for row, part in zip(ROWS, parts, strict=True)]
    splits = table(write(tmp_path / "a.csv", rows, header="size,mood,label,note,part"), split="part")
    assert splits.counts() == {"train": 20, "val": 10, "test": 10}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,2,a", "3 fields, expected 4"),
        ("1,2,a,word,5", "5 fields, expected 4"),
        ("oops,2,a,word", "column 'size': expected a finite number, found 'oops'"),
        ("1,,a,word", "column 'mood': expected a finite number, found nothing"),
        ("1,inf,a,word", "column 'mood': expected a finite number, found 'inf'"),
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
        ({"columns": ["weight"]}, "no column 'weight'"),
        ({"columns": ["note"]}, "40 of 40 rows cannot be used"),
        ({"split": "note"}, "the split column says 'word'"),
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
