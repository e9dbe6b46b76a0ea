import csv

import numpy as np
import pytest
from PIL import Image

from tlkit.samples.cats_and_dogs import draw, draw_one


def bytes_by_path(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples") / "deep" / "drawn"
    draw(folder, count=6, size=64)
    return folder


def test_the_same_call_writes_the_same_bytes(folder, tmp_path):
    draw(tmp_path / "again", count=6, size=64)
    assert bytes_by_path(tmp_path / "again") == bytes_by_path(folder)


def test_another_seed_draws_other_pictures(folder, tmp_path):
    draw(tmp_path / "other", count=6, size=64, seed=8)
    assert not set(bytes_by_path(tmp_path / "other").values()) & set(bytes_by_path(folder).values())


def test_the_first_pictures_do_not_depend_on_the_count(folder, tmp_path):
    draw(tmp_path / "few", count=2, size=64)
    few = {path: content for path, content in bytes_by_path(tmp_path / "few").items() if path.endswith(".jpg")}
    assert len(few) == 2
    assert few.items() <= bytes_by_path(folder).items()


def test_the_classes_are_balanced(folder):
    assert len(list((folder / "cats").glob("*.jpg"))) == len(list((folder / "dogs").glob("*.jpg"))) == 3


def test_pictures_are_colour_pictures_of_the_size_asked_for(folder):
    for path in folder.rglob("*.jpg"):
        with Image.open(path) as picture:
            assert (picture.size, picture.mode, picture.format) == ((64, 64), "RGB", "JPEG")


def test_every_picture_has_a_row_of_boxes(folder):
    rows = list(csv.DictReader((folder / "boxes.csv").open()))
    assert list(rows[0]) == ["path", "left", "top", "right", "bottom"]
    assert {row["path"] for row in rows} == {path for path in bytes_by_path(folder) if path.endswith(".jpg")}


def test_boxes_lie_inside_the_picture_and_have_an_extent():
    boxes = np.array([draw_one(index, size=64, seed=1)[2] for index in range(60)])
    assert boxes.min() >= 0
    assert boxes.max() <= 64
    assert (boxes[:, 2:] - boxes[:, :2] >= 64 // 6).all()


def test_labels_take_turns():
    assert [draw_one(index, size=16, seed=7)[1] for index in range(4)] == ["cat", "dog", "cat", "dog"]


def test_progress_is_told_after_each_picture(tmp_path):
    told = []
    draw(tmp_path / "drawn", count=3, size=16, on_picture=told.append)
    assert told == [0, 1, 2]


def test_a_drawing_cut_short_leaves_nothing(tmp_path):
    def stop(index):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw(tmp_path / "drawn", count=6, size=16, on_picture=stop)
    assert not list(tmp_path.iterdir())


def test_the_folder_is_absent_until_the_set_is_complete(tmp_path):
    seen = []
    draw(tmp_path / "drawn", count=2, size=16, on_picture=lambda index: seen.append((tmp_path / "drawn").exists()))
    assert seen == [False, False]


def test_what_lies_in_the_folder_already_is_not_drawn_over(tmp_path):
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(OSError, match="not empty"):
        draw(tmp_path, count=2, size=16)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]
