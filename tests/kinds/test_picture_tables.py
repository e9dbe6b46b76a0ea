"""Tables on disk, with paths or bytes of pictures."""

import re

import numpy as np
import pandas as pd
import pytest

from tlkit.errors import DataError
from tlkit.kinds.image.labelled_pictures import pictures_at
from tlkit.kinds.image.picture_tables import picture_table

SMALL = {"image_size": (8, 8)}


@pytest.fixture
def rows(picture_folder):
    """Paths relative to the folder, classes, days."""
    paths = sorted(picture_folder.rglob("*.png"))
    return pd.DataFrame(
        {
            "path": [each.relative_to(picture_folder).as_posix() for each in paths],
            "label": [each.parent.name for each in paths],
            "day": [index % 12 for index in range(24)],
            "wet": [index % 2 for index in range(24)],
            "dark": [int(index % 3 == 0) for index in range(24)],
        }
    )


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
def test_ids_become_paths_by_a_form(rows, picture_folder, suffix):
    for number, path in enumerate(rows["path"]):
        (picture_folder / path).rename(picture_folder / f"{number:04}.png")
    rows = rows.assign(id=[f"{number:04}" for number in range(24)], kind="png")[["id", "kind", "label"]]
    write = {"csv": rows.to_csv, "tsv": lambda path, index: rows.to_csv(path, sep="\t", index=index)}
    write.get(suffix, rows.to_parquet)(picture_folder / f"table.{suffix}", index=False)
    splits = picture_table(picture_folder / f"table.{suffix}", image="{id}.{kind}", **SMALL)
    assert sum(splits.counts().values()) == 24
    with pytest.raises(DataError, match="no column 'ids'"):
        picture_table(picture_folder / f"table.{suffix}", image="{ids}.png", **SMALL)


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
def test_a_table_is_read_with_paths_relative_to_it(rows, picture_folder, suffix):
    file = picture_folder / f"rows.{suffix}"
    write = {"csv": rows.to_csv, "tsv": lambda path, index: rows.to_csv(path, sep="\t", index=index)}
    write.get(suffix, rows.to_parquet)(file, index=False)
    splits = picture_table(file, **SMALL)
    assert (sum(splits.counts().values()), splits.info.class_names) == (24, ("blue", "red"))


def test_bytes_in_a_column_are_pictures(rows, picture_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path / "cache"))
    rows["path"] = [(picture_folder / each).read_bytes() for each in rows["path"]]
    rows.to_parquet(tmp_path / "rows.parquet")
    splits = picture_table(tmp_path / "rows.parquet", **SMALL)
    assert sum(splits.counts().values()) == 24
    assert splits.train.load([0, 1]).shape == (2, 8, 8, 3)


def test_bytes_in_a_column_are_predicted_for_by_their_rows(rows, picture_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path / "cache"))
    rows["path"] = [(picture_folder / each).read_bytes() for each in rows["path"]]
    rows.loc[1, "path"] = rows["path"][1][:40]
    rows.to_parquet(file := tmp_path / "rows.parquet")
    first, second, *_ = pictures_at(file, {"input_shape": [8, 8, 3], "input_dtype": "uint8"})
    assert (first[0], first[1]().shape) == (f"{file}: row 0", (8, 8, 3))
    with pytest.raises(DataError, match=f"^{re.escape(str(file))}: row 1: cannot be decoded"):
        second[1]()


def test_pictures_as_hugging_face_keeps_them(rows, picture_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path / "cache"))
    rows["image"] = [{"bytes": (picture_folder / each).read_bytes(), "path": None} for each in rows["path"]]
    rows["label"] = [0, 1] * 12
    splits = picture_table(rows, image="image", label="label", **SMALL)
    assert (sum(splits.counts().values()), splits.info.class_names) == (24, ("0", "1"))


def test_several_label_columns(rows, picture_folder):
    rows.to_csv(picture_folder / "rows.csv", index=False)
    splits = picture_table(picture_folder / "rows.csv", label=["wet", "dark"], **SMALL)
    assert (splits.info.task, splits.info.class_names) == ("labels", ("wet", "dark"))


def test_by_time_the_latest_are_tested(rows, picture_folder):
    rows.to_csv(picture_folder / "rows.csv", index=False)
    splits = picture_table(picture_folder / "rows.csv", time="day", val=0.25, test=0.25, **SMALL)
    days = rows.set_index("path").day
    found = [[days["/".join(name.split("/")[-2:])] for name in part.names] for part in splits.parts().values()]
    assert max(found[0]) < min(found[1]) <= max(found[1]) < min(found[2])


def test_missing_files_are_listed_five_at_most(rows, picture_folder):
    rows["path"] = [f"gone{index}.png" for index in range(24)]
    rows.to_csv(picture_folder / "rows.csv", index=False)
    with pytest.raises(DataError, match="24 of 24 pictures cannot be used") as caught:
        picture_table(picture_folder / "rows.csv", **SMALL)
    assert str(caught.value).count("gone") == 5


def test_labels_that_are_missing_are_named(rows, picture_folder):
    rows.loc[[3, 4], "label"] = np.nan
    rows.to_csv(picture_folder / "rows.csv", index=False)
    with pytest.raises(DataError, match="2 rows lack a path, a label or a group: rows 3, 4"):
        picture_table(picture_folder / "rows.csv", **SMALL)


def test_classes_that_became_floats_by_accident_are_whole_again(rows, picture_folder):
    rows["label"] = [float(index % 2) for index in range(24)]
    rows.to_csv(picture_folder / "rows.csv", index=False)
    assert picture_table(picture_folder / "rows.csv", task="label", **SMALL).info.class_names == ("0", "1")
    rows["label"] += 0.5
    rows.to_csv(picture_folder / "rows.csv", index=False)
    with pytest.raises(DataError, match="holds fractions"):
        picture_table(picture_folder / "rows.csv", task="label", **SMALL)


@pytest.mark.parametrize(("name", "content"), [("rows.csv", b""), ("rows.parquet", b"no parquet"), ("rows.xls", b"x")])
def test_a_file_that_is_no_table_is_one_line(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=name):
        picture_table(tmp_path / name, **SMALL)


def test_a_zero_byte_in_a_path_sets_its_row_aside(rows, picture_folder):
    rows.loc[3, "path"] = "a\0b.png"
    rows.to_csv(picture_folder / "rows.csv", index=False)
    splits = picture_table(picture_folder / "rows.csv", max_bad=0.5, **SMALL)
    assert sum(splits.counts().values()) == 23
    assert list(splits.info.set_aside.values()) == ["cannot be read (embedded null byte)"]
