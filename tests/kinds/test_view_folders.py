"""Objects seen from several sides: layouts, what makes an example, and objects that are not whole."""

import numpy as np
import pytest
from PIL import Image

from tlkit.errors import DataError
from tlkit.kinds.views.view_folders import views
from tlkit.kinds.views.view_sets import examples_of

TINY = {"image_size": 8, "channels": 1}


def picture(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (8, 8), int(value)).save(path)


def class_folders(path, objects=10, count=4):
    """Two classes of objects; a picture's grey is ten times the view's number and the object's."""
    for label in ("cup", "pot"):
        for number in range(objects):
            for view in range(count):
                picture(path / label / f"{number:02}" / f"v{view}.png", 10 * view + number + 100 * (label == "pot"))
    return path


def turntable(path, objects=3, count=24):
    for number in range(objects):
        for view in range(count):
            picture(path / f"obj{number}__{view}.png", 3 * view + 90 * (number == 1) + 60 * (number == 2))
    return path


def test_a_folder_an_object(tmp_path):
    splits = views(class_folders(tmp_path), **TINY)
    assert splits.info.input_shape == (4, 8, 8, 1)
    assert splits.info.class_names == ("cup", "pot")
    assert sum(splits.counts().values()) == 20
    assert np.diff(splits.train.load([0])[0, :, 0, 0, 0].astype(int)).tolist() == [10, 10, 10]


def test_views_are_ordered_by_number_not_by_letter(tmp_path):
    splits = views(class_folders(tmp_path, count=12), **TINY)
    assert np.diff(splits.train.load([0])[0, :, 0, 0, 0].astype(int)).tolist() == [10] * 11


def test_train_and_test_folders_are_kept(tmp_path):
    class_folders(tmp_path / "train")
    class_folders(tmp_path / "test", objects=3)
    assert views(tmp_path, **TINY).counts()["test"] == 6


def test_examples_share_no_picture_and_are_spread_evenly():
    chosen = list(examples_of(range(72), 4, None))
    assert chosen[0] == (0, 18, 36, 54)
    assert len(chosen) == 18
    assert sorted(place for each in chosen for place in each) == list(range(72))


def test_views_some_places_apart():
    assert list(examples_of(range(9), 2, 2)) == [(0, 2), (1, 3), (4, 6), (5, 7)]


def test_all_examples_of_an_object_are_in_one_part(tmp_path):
    splits = views(class_folders(tmp_path), count=2, val=0.2, test=0.2, **TINY)
    objects = [{name.split(" from")[0] for name in part.names} for part in splits.parts().values()]
    assert sum(splits.counts().values()) == 40
    assert not objects[0] & objects[1] | objects[0] & objects[2] | objects[1] & objects[2]


def test_one_half_of_the_turn_against_the_other(tmp_path):
    splits = views(
        turntable(tmp_path), pattern="obj{object}__{view}.png", count=4, split_by="turn", test=0.5, val=0.3, **TINY
    )
    seen = {name: {int(path.rsplit("__")[-1][:-4]) for item in part.items for path in item}
            for name, part in splits.parts().items()}  # fmt: skip
    assert seen["test"] == set(range(12, 24))
    assert seen["train"] | seen["val"] == set(range(12))
    assert not seen["train"] & seen["val"] or len(splits.train) + len(splits.val) == 9


def test_a_pattern_with_a_class_in_it(tmp_path):
    splits = views(class_folders(tmp_path), pattern="{label}/{object}/v{view}.png", **TINY)
    assert splits.info.class_names == ("cup", "pot")


def test_classes_of_one_object_each_cannot_be_split_by_object(tmp_path):
    with pytest.raises(DataError, match="Say split_by: turn"):
        views(turntable(tmp_path), pattern="obj{object}__{view}.png", count=4, **TINY)


def test_an_object_that_lacks_a_view_is_set_aside_by_name(tmp_path):
    (class_folders(tmp_path) / "cup" / "03" / "v2.png").unlink()
    splits = views(tmp_path, **TINY)
    assert splits.info.set_aside == {str(tmp_path / "cup" / "03"): "view 2 missing"}
    assert sum(splits.counts().values()) == 19


def test_an_object_whose_picture_is_broken_is_set_aside_by_its_file(tmp_path):
    broken = class_folders(tmp_path) / "cup" / "03" / "v2.png"
    broken.write_bytes(b"not a picture")
    assert views(tmp_path, **TINY).info.set_aside == {str(broken.parent): f"{broken}: not a picture"}


def test_too_many_uneven_objects_stop(tmp_path):
    for number in range(3):
        (class_folders(tmp_path) / "cup" / f"{number:02}" / "v2.png").unlink()
    for number in range(2):
        (tmp_path / "cup" / f"{number:02}" / "v2.png").unlink()
    with pytest.raises(DataError, match=r"3 of 20 examples cannot be used.*view 2 missing"):
        views(tmp_path, **TINY)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"pattern": "obj{object}.png"}, "expected {object} and {view}"),
        ({"pattern": "x{object}_{view}.png"}, "no picture has a name like"),
        ({"split_by": "half"}, "expected object or turn, found 'half'"),
        ({"count": 9}, "expected 9 views, found 4"),
        ({"channels": 2}, "pictures have 1 or 3 channels, found 2"),
    ],
)
def test_settings_that_do_not_fit_are_one_line(tmp_path, settings, said):
    with pytest.raises(DataError, match=said):
        views(class_folders(tmp_path), **TINY | settings)


def test_a_view_that_is_there_twice_is_refused(tmp_path):
    picture(turntable(tmp_path) / "obj1__07.png", 9)
    with pytest.raises(DataError, match=r"view 0?7 of '1' is there already"):
        views(tmp_path, pattern="obj{object}__{view}.png", split_by="turn", **TINY)


def test_pictures_right_in_class_folders_are_refused(tmp_path):
    picture(tmp_path / "cup" / "1.png", 5)
    with pytest.raises(DataError, match="one folder a class and in it one folder an object"):
        views(tmp_path, **TINY)
