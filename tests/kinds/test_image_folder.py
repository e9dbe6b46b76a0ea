"""Folders of pictures, as people have them."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from drawing import draw_pictures
from PIL import Image

import tlkit
from tlkit import Splits
from tlkit.data.sources import load_splits
from tlkit.errors import DataError
from tlkit.kinds.image.image_folder import image_folder
from tlkit.kinds.image.pictures import read_picture
from tlkit.recipe.schema import Data

SMALL = {"image_size": (8, 8)}


def names(part):
    return {each.rsplit("/", 1)[-1] for each in part.names}


def pictures(folder):
    return sorted(folder.rglob("*.png"))


def test_class_folders_are_split_and_nothing_is_lost(picture_folder):
    splits = image_folder(picture_folder, **SMALL)
    assert splits.info.class_names == ("blue", "red")
    assert splits.info.input_shape == (8, 8, 3)
    together = names(splits.train) | names(splits.val) | names(splits.test)
    assert together == {each.name for each in pictures(picture_folder)}
    assert sum(splits.counts().values()) == 24
    assert all(set(part.targets.tolist()) == {0, 1} for part in splits.parts().values())


def test_each_target_is_the_class_of_its_folder(picture_folder):
    train = image_folder(picture_folder, **SMALL).train
    assert [name.split("/")[-2] for name in train.names] == [("blue", "red")[i] for i in train.targets]


def test_examples_are_read_when_asked_for_as_the_file_says(picture_folder):
    train = image_folder(picture_folder, **SMALL).train
    batch = train.load([2, 0])
    assert (batch.shape, batch.dtype) == ((2, 8, 8, 3), np.uint8)
    np.testing.assert_array_equal(batch[0], read_picture(train.names[2], (8, 8)))


def test_the_split_goes_by_content_not_by_name_or_place(picture_folder, tmp_path):
    before = image_folder(picture_folder, **SMALL)
    for number, path in enumerate(pictures(picture_folder)):
        path.rename(path.with_name(f"{99 - number}.png"))
    after = image_folder(picture_folder.rename(tmp_path / "elsewhere"), **SMALL)
    for one, other in zip(before.parts().values(), after.parts().values(), strict=True):
        assert set(one.ids) == set(other.ids)


def test_train_and_test_folders_are_kept_and_val_comes_out_of_train(tmp_path):
    draw_pictures(tmp_path / "train", seed=1)
    draw_pictures(tmp_path / "test", count=3, seed=2)
    splits = image_folder(tmp_path, **SMALL)
    assert len(splits.test) == 6
    assert all("/test/" in each for each in splits.test.names)
    assert all("/train/" in each for each in [*splits.train.names, *splits.val.names])
    assert len(splits.train) + len(splits.val) == 24
    assert set(splits.val.targets) == {0, 1}


def test_all_three_folders_are_kept_whatever_they_are_called(tmp_path):
    for seed, (name, count) in enumerate({"Training": 4, "validation": 2, "Test": 3}.items()):
        draw_pictures(tmp_path / name, count=count, seed=seed)
    assert image_folder(tmp_path, **SMALL).counts() == {"train": 8, "val": 4, "test": 6}


def test_a_class_may_be_called_test(tmp_path):
    draw_pictures(tmp_path, ("test", "control"))
    assert image_folder(tmp_path, **SMALL).info.class_names == ("control", "test")


def test_hidden_files_and_other_files_are_passed_over(picture_folder):
    (picture_folder / ".cache").mkdir()
    (picture_folder / "blue" / "._blue_000.png").write_bytes(b"")
    (picture_folder / "blue" / "Thumbs.db").write_bytes(b"x")
    (picture_folder / "README.md").write_text("mine")
    splits = image_folder(picture_folder, **SMALL)
    assert (sum(splits.counts().values()), splits.info.set_aside) == (24, {})


def test_pictures_deeper_in_a_class_folder_count(picture_folder):
    (picture_folder / "blue" / "2024").mkdir()
    (picture_folder / "blue" / "blue_000.png").rename(picture_folder / "blue" / "2024" / "a.png")
    assert "a.png" in set().union(*(names(part) for part in image_folder(picture_folder, **SMALL).parts().values()))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: shutil.rmtree(folder), "found nothing there. Put pictures there"),
        (lambda folder: shutil.rmtree(folder) or folder.write_text("x"), "found a file"),
        (lambda folder: shutil.rmtree(folder) or folder.mkdir(), "found no pictures"),
        (lambda folder: shutil.rmtree(folder / "red"), r"found 1 folder \('blue'\). Add the other classes"),
        (lambda folder: (folder / "green").mkdir(), "green: expected pictures of the class 'green', found none"),
    ],
    ids=["missing", "a file", "empty", "one class", "an empty class"],
)
def test_a_folder_that_will_not_do_says_what_was_expected_and_found(picture_folder, spoil, said):
    spoil(picture_folder)
    with pytest.raises(DataError, match=said) as caught:
        image_folder(picture_folder, **SMALL)
    assert str(caught.value).startswith(str(picture_folder))
    assert "\n" not in str(caught.value)


def test_a_class_too_small_for_the_split_is_named(picture_folder):
    for path in pictures(picture_folder / "red")[2:]:
        path.unlink()
    with pytest.raises(DataError, match=r"class 'red': expected at least 3 different examples .* found 2"):
        image_folder(picture_folder, **SMALL)


def test_a_few_bad_pictures_are_set_aside_by_name(picture_folder):
    path = pictures(picture_folder)[0]
    path.write_bytes(b"")
    splits = image_folder(picture_folder, **SMALL)
    assert splits.info.set_aside == {str(path): "empty file"}
    assert sum(splits.counts().values()) == 23
    assert path.name not in names(splits.train) | names(splits.val) | names(splits.test)


def test_more_than_a_twentieth_bad_stops_and_names_them(picture_folder):
    spoilt = [pictures(picture_folder)[place] for place in (0, 20)]
    for path in spoilt:
        path.write_text("not a picture at all")
    with pytest.raises(DataError, match=r"2 of 24 pictures cannot be used, more than 5% \(data.max_bad\)") as caught:
        image_folder(picture_folder, **SMALL)
    assert all(f"{path}: not a picture" in str(caught.value) for path in spoilt)
    assert len(image_folder(picture_folder, **SMALL, max_bad=0.1).info.set_aside) == 2


def test_a_class_whose_pictures_are_all_bad_is_named(picture_folder):
    for path in pictures(picture_folder / "red"):
        path.write_bytes(b"")
    with pytest.raises(DataError, match="class 'red' has no readable picture left"):
        image_folder(picture_folder, **SMALL, max_bad=1.0)


def test_examples_set_aside_later_leave_every_part(picture_folder):
    splits = image_folder(picture_folder, **SMALL)
    bad = {part.names[0]: "cannot be decoded" for part in splits.parts().values()}
    left = splits.without(bad)
    assert left.counts() == {name: count - 1 for name, count in splits.counts().items()}
    assert left.info.set_aside == bad
    assert left.train.ids == splits.train.ids[1:]


def test_the_same_folder_is_had_from_a_recipe_and_from_python(picture_folder):
    asked = load_splits(Data(path=str(picture_folder), val=0.25), seed=3, image_size=(8, 8))
    direct = Splits.from_folder(picture_folder, val=0.25, seed=3, image_size=8)
    assert asked.val.names == direct.val.names
    assert asked.info == direct.info


def test_progress_is_told_file_by_file(picture_folder):
    told = []
    image_folder(picture_folder, **SMALL, on_file=told.append)
    assert told == list(range(1, 25))


def test_a_source_of_ones_own_beside_the_recipe_gets_its_arguments(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(
        "import numpy as np\nfrom tlkit import Splits\n\n\n"
        "def numbers(*, count=30, seed=7):\n"
        "    return Splits.from_arrays(np.arange(count * 4).reshape(count, 4), [0, 1] * (count // 2), seed=seed)\n"
    )
    splits = load_splits(Data(source="own.py:numbers", count=40), seed=1, image_size=(8, 8), folder=tmp_path)
    assert sum(splits.counts().values()) == 40


def test_pictures_are_cropped_around_their_middle_where_that_is_asked_for(tmp_path):
    wide = np.zeros((8, 24, 3), np.uint8)
    wide[:, 8:16] = 200  # the middle third
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(8):
            Image.fromarray(wide + np.uint8(number)).save(tmp_path / name / f"{name}{number}.png")
    file = tmp_path / "a" / "a0.png"
    assert (read_picture(file, (8, 8), resize="crop") == 200).all()
    assert read_picture(file, (8, 8)).min() == 0
    ringed = np.pad(np.full((14, 14, 3), 200, np.uint8), ((1, 1), (9, 9), (0, 0)))  # 7/8 of 16 rows, and of 16 columns
    Image.fromarray(ringed).save(tmp_path.parent / "ringed.png")
    assert (read_picture(tmp_path.parent / "ringed.png", (14, 14), resize="centre") == 200).all()
    assert read_picture(tmp_path.parent / "ringed.png", (16, 16), resize="crop").min() == 0
    kept = load_splits(Data(path=str(tmp_path), resize="crop", near_copies="apart"), seed=3, image_size=(8, 8))
    assert kept.train.load([0]).min() >= 200
    assert kept.info.reading == {"resize": "crop"}
    with pytest.raises(DataError, match="expected squeeze, crop, centre, found 'pad'"):
        load_splits(Data(path=str(tmp_path), resize="pad"), seed=3, image_size=(8, 8))


def test_a_model_of_cropped_pictures_crops_those_that_it_is_asked_about(tmp_path):
    wide = np.zeros((8, 24, 3), np.uint8)
    wide[:, 8:16] = 200
    splits = Splits.from_arrays(np.random.default_rng(0).integers(0, 255, (24, 8, 8, 3)).astype(np.uint8), [0, 1] * 12)
    splits = replace(splits, info=replace(splits.info, reading={"resize": "crop"}))
    trained = tlkit.fit(tlkit.build("mlp", splits.info), splits, [tlkit.Phase(epochs=1)])
    saved = tlkit.load_model(trained.save(tmp_path / "crop.keras"))
    whole, middle = (saved.predict([each])[0].outputs for each in (wide, np.full((8, 8, 3), 200, np.uint8)))
    np.testing.assert_array_equal(whole, middle)
