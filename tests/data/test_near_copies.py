"""Copies that share no byte, and what they do to splits."""

import numpy as np
import pytest
from picture_faults import draw_scene, reencoded, scenes
from PIL import Image

from tlkit.data.assembly.groups import keys_together
from tlkit.data.duplicates.image_hash import near_hashes, near_prints, picture_print
from tlkit.errors import DataError
from tlkit.kinds.image.image_folder import image_folder

SMALL = {"image_size": (8, 8)}


def prints(pictures):
    return np.stack([picture_print(each) for each in pictures])


def opened(path):
    with Image.open(path) as picture:
        return picture_print(picture)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """A folder of 30 large scenes; not to be changed."""
    folder = tmp_path_factory.mktemp("photographs")
    for seed in range(30):
        draw_scene(seed, width=400, height=300).save(folder / f"{seed}.png")
    return folder


@pytest.mark.parametrize(
    "change", [{"quality": 25}, {"scale": 0.6}, {"scale": 1.7}, {"mirror": True, "scale": 1}, {"mirror": True}]
)
def test_a_copy_that_was_encoded_again_resized_or_mirrored_is_found(photographs, tmp_path, change):
    copy = reencoded(photographs / "7.png", tmp_path / "copy.jpg", **change)
    files = [*sorted(photographs.glob("*.png")), copy]
    found = near_prints(np.stack([opened(each) for each in files]))
    assert [(files[one].name, files[other].name) for one, other in found.tolist()] == [("7.png", "copy.jpg")]


def test_different_pictures_are_no_copies():
    assert len(near_prints(prints(draw_scene(seed) for seed in range(300)))) == 0


def test_plain_pictures_are_not_compared():
    assert len(near_prints(prints(Image.new("L", (64, 64), grey) for grey in (10, 11, 12)))) == 0


def test_near_hashes_are_exactly_those_that_differ_in_few_bits():
    rng = np.random.default_rng(0)
    values = rng.integers(0, 2**63, 700).astype(np.uint64)
    for place in range(0, 700, 7):  # neighbours with a few bits turned over
        bits = rng.choice(64, place % 13, replace=False)
        values[(place + 350) % 700] = values[place] ^ np.bitwise_or.reduce(np.uint64(1) << bits.astype(np.uint64))
    every = np.bitwise_count(values[:, None] ^ values[None]) <= 8
    expected = {(i, j) for i, j in np.argwhere(every).tolist() if i < j}
    assert len(expected) > 20
    assert {tuple(pair) for pair in near_hashes(values).tolist()} == expected


def test_copies_stay_in_one_part_of_a_split(tmp_path):
    home = scenes(tmp_path / "scenes")
    for index in range(12):
        name = f"hill/hill{index:03}"
        reencoded(home / f"{name}.jpg", home / f"{name}_copy.jpg", mirror=index % 2 == 1)
    for seed in range(3):
        splits = image_folder(home, seed=seed, **SMALL)
        where = {name.rsplit("/", 1)[-1]: part for part, each in splits.parts().items() for name in each.names}
        assert [where[f"hill{i:03}.jpg"] for i in range(12)] == [where[f"hill{i:03}_copy.jpg"] for i in range(12)]
        assert set(where.values()) == {"train", "val", "test"}


def test_a_lesser_copy_that_is_added_moves_nothing(tmp_path):
    home = scenes(tmp_path / "scenes")
    before = parts_of(home)
    for index in range(10):
        reencoded(home / f"hill/hill{index:03}.jpg", home / f"hill/copy{index}.jpg")
    after = parts_of(home)
    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + 10


def test_a_tenth_more_pictures_move_none_across(tmp_path):
    home = scenes(tmp_path / "scenes", count=40)
    before = parts_of(home)
    scenes(home, count=4, first=500)
    after = parts_of(home)
    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + 8


def parts_of(home):
    splits = image_folder(home, **SMALL)
    return {name: part for part, each in splits.parts().items() for name in each.names}


def test_a_class_of_copies_only_cannot_be_split_and_says_why(tmp_path):
    home = scenes(tmp_path / "scenes", count=6)
    for path in sorted((home / "lake").glob("*.jpg"))[1:]:
        path.unlink()
    for quality in (30, 40, 50, 60):
        reencoded(home / "lake/lake000.jpg", home / f"lake/{quality}.jpg", quality=quality)
    with pytest.raises(DataError, match=r"class 'lake': expected at least 3 .* found 1 \(copies, near-copies"):
        image_folder(home, **SMALL)
    assert sum(image_folder(home, near_copies="apart", **SMALL).counts().values()) == 11


def test_what_a_check_has_looked_at_changes_no_split(tmp_path):
    from tlkit.kinds.image.image_index import file_facts

    scenes(tmp_path / "scenes/train")
    scenes(tmp_path / "scenes/test", count=5, first=200)
    for index in range(20):
        name = f"hill/hill{index:03}.jpg"
        reencoded(tmp_path / "scenes/train" / name, tmp_path / "scenes/test" / name, scale=2)
    before = parts_of(tmp_path / "scenes")
    file_facts(sorted((tmp_path / "scenes").rglob("*.jpg")))
    assert parts_of(tmp_path / "scenes") == before


def test_links_between_groups_join_them():
    keys = keys_together(["g1", "g1", "g2", "x"], np.array([[1, 2]]), [1, 1, 1, 1])
    assert len(set(keys[:3])) == 1
    assert keys[3] == "x"


def test_groups_by_a_pattern_in_names_stay_together(tmp_path):
    home = scenes(tmp_path / "scenes", count=24)
    for path in sorted(home.rglob("*.jpg")):
        number = int(path.stem[4:])
        path.rename(path.with_name(f"walk{number // 3}-{number}.jpg"))
    splits = image_folder(home, group=r"/(walk\d+)-", **SMALL)
    found = [{name.rsplit("/", 1)[-1].split("-")[0] for name in part.names} for part in splits.parts().values()]
    assert sum(map(len, found)) == len(set().union(*found)) == 8


def test_groups_by_folder_stay_together(tmp_path):
    for walk in range(8):
        scenes(tmp_path / "all" / f"{walk}", count=2, first=10 * walk)
    home = tmp_path / "scenes"
    for path in sorted((tmp_path / "all").rglob("*.jpg")):
        target = home / path.parent.name / path.parts[-3] / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    splits = image_folder(home, group_folder=2, **SMALL)
    found = [{"/".join(name.split("/")[-3:-1]) for name in part.names} for part in splits.parts().values()]
    assert sum(map(len, found)) == len(set().union(*found)) == 16


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"group": "("}, "no regular expression"),
        ({"group": "walk"}, "'walk' is not found in 8 of 8 file names"),
        ({"group_folder": 3}, "8 files have fewer"),
        ({"group": "a", "group_folder": 1}, "found both"),
        ({"near_copies": "maybe"}, "expected together or apart"),
    ],
)
def test_grouping_that_does_not_fit_is_refused(tmp_path, options, message):
    with pytest.raises(DataError, match=message):
        image_folder(scenes(tmp_path / "scenes", count=4), **options, **SMALL)
