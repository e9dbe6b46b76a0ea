"""Samples that tlkit draws itself: whole or not at all."""

import os

import pytest

from tlkit import catalog
from tlkit.data.download.sampling import MARK, draw_sample
from tlkit.data.sources import fill, has_content, load_splits, will_be_filled
from tlkit.errors import DataError, NotFoundError
from tlkit.recipe.schema import Data

TINY = {"count": 4, "size": 16}


def everything(folder):
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def test_a_sample_is_drawn_with_its_mark_and_nothing_beside_it(tmp_path):
    draw_sample("cats", tmp_path / "deep" / "cats", **TINY)
    assert len(list((tmp_path / "deep" / "cats").rglob("*.*g"))) == 4
    assert "drawn by tlkit (sample 'cats')" in (tmp_path / "deep" / "cats" / MARK).read_text()
    assert os.listdir(tmp_path / "deep") == ["cats"]


def test_a_readme_in_the_folder_stays(tmp_path):
    (tmp_path / "cats").mkdir()
    (tmp_path / "cats" / "README.md").write_text("mine")
    draw_sample("cats", tmp_path / "cats", **TINY)
    assert (tmp_path / "cats" / "README.md").read_text() == "mine"
    assert (tmp_path / "cats" / MARK).is_file()


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_a_drawing_that_is_broken_off_leaves_nothing(tmp_path, monkeypatch, error):
    (tmp_path / "broken_sample.py").write_text(
        "def draw(folder, *, on_picture=None, error=None):\n    (folder / 'a').write_text('x')\n    raise error\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(catalog.SAMPLES, "broken", catalog.Entry("broken_sample:draw", "breaks off"))
    (tmp_path / "data").mkdir()
    with pytest.raises((KeyboardInterrupt, DataError)):
        draw_sample("broken", tmp_path / "data" / "cats", error=error)
    assert os.listdir(tmp_path / "data") == []


def test_where_nothing_can_be_written_one_line_says_so(tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(DataError, match=r"cannot be written .* needed to draw the sample 'cats'") as caught:
        draw_sample("cats", tmp_path / "data" / "cats", **TINY)
    assert "\n" not in str(caught.value)


def test_an_unknown_sample_names_the_nearest(tmp_path):
    with pytest.raises(NotFoundError, match=r"unknown sample 'catz'. Did you mean 'cats'?"):
        draw_sample("catz", tmp_path / "cats")
    assert os.listdir(tmp_path) == []


def test_a_folder_with_pictures_is_left_alone(picture_folder):
    before = everything(picture_folder)
    data = Data(path=str(picture_folder), sample="cats", fetch="cats_and_dogs_filtered")
    fill(data)
    assert everything(picture_folder) == before
    assert not will_be_filled(data)


def test_a_folder_with_a_readme_only_will_be_filled(tmp_path):
    (tmp_path / "README.md").write_text("put pictures here")
    assert will_be_filled(Data(path=str(tmp_path), sample="cats"))
    assert will_be_filled(Data(path=str(tmp_path / "new"), sample="cats"))
    assert not will_be_filled(Data(path=str(tmp_path)))


def test_a_file_where_the_folder_should_be_is_named(tmp_path):
    (tmp_path / "cats").write_text("x")
    with pytest.raises(DataError, match="cats: expected a folder, found a file"):
        has_content(tmp_path / "cats")


def test_drawn_pictures_are_tagged_so_and_others_not(tmp_path, picture_folder):
    draw_sample("cats", tmp_path / "cats", count=24, size=16)
    drawn = load_splits(Data(path=str(tmp_path / "cats"), sample="cats"), seed=7, image_size=(8, 8))
    assert drawn.info.tags == {"data.origin": "drawn"}
    assert drawn.info.class_names == ("cats", "dogs")
    own = load_splits(Data(path=str(picture_folder), sample="cats"), seed=7, image_size=(8, 8))
    assert own.info.tags == {}
