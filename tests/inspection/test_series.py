"""Copies, neighbours in a series, and what merely looks alike."""

import numpy as np
import pytest
from picture_faults import draw_scene, reencoded, scenes
from PIL import Image

from tlkit.data.duplicates.image_hash import picture_print
from tlkit.inspection.duplicates import find_duplicates, near_leaks
from tlkit.inspection.lookalikes import alike_features
from tlkit.inspection.series import alike_pictures
from tlkit.inspection.subject_reading import subject_of
from tlkit.kinds.image.picture_tables import picture_table


def textured(seed, width=600, height=300):
    """A picture with detail everywhere, wide enough to look along it."""
    noise = np.random.default_rng(seed).integers(0, 256, (height // 12, width // 12), np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BILINEAR).convert("RGB")


def walk(folder, name, steps=24, stride=1):
    """Views of one long picture, each a little further on."""
    whole = textured(ord(name[0]))
    paths = []
    for step in range(steps):
        paths.append(folder / f"{name}_{step:02}.png")
        whole.crop((step * stride, 0, step * stride + 128, 128)).save(paths[-1])
    return paths


def table(walks, part_of):
    import pandas as pd

    rows = [
        {"path": str(path), "label": path.name[0], "split": part_of(step)}
        for paths in walks
        for step, path in enumerate(paths)
    ]
    return picture_table(pd.DataFrame(rows), split="split", root="/", image_size=(24, 24))


@pytest.fixture
def walks(tmp_path):
    """Two objects that are passed by: neighbouring views are nearly the same, far ones are not."""
    return [walk(tmp_path, "a"), walk(tmp_path, "b")]


def findings(splits):
    subject = subject_of(splits)
    return subject, list(find_duplicates(subject, allow_leaks=False))


def test_series_that_are_cut_up_are_a_leak(walks):
    subject, found = findings(table(walks, lambda step: ("train", "test", "train", "val")[step % 4]))
    levels = {(each.level, each.topic) for each in found}
    assert ("error", "near leak") in levels
    leaked = {subject.names[late] for late, _ in near_leaks(subject)}
    tested = {name for name, part in zip(subject.names, subject.parts, strict=True) if part == "test"}
    assert len(leaked & tested) > 0.8 * len(tested)


def test_series_that_are_cut_once_are_none(walks):
    _, found = findings(table(walks, lambda step: "train" if step < 8 else "val" if step < 12 else "test"))
    assert {each.level for each in found} <= {"note"}


def test_a_copy_is_told_from_a_neighbour(walks):
    paths = [*walks[0], walks[0][0].with_name("copy.jpg")]
    reencoded(walks[1][3], paths[-1], quality=40)
    opened = [Image.open(each) for each in [*paths, walks[1][3]]]
    found = alike_pictures(np.stack([picture_print(each) for each in opened]), np.zeros(len(opened)))
    assert found.copies.tolist() == [[24, 25]]
    assert len(found.neighbours) > 20


def test_many_copies_of_one_picture_are_no_series(tmp_path):
    draw_scene(3, width=200, height=150).save(tmp_path / "0.png")
    copies = [reencoded(tmp_path / "0.png", tmp_path / f"{q}.jpg", quality=q, scale=1) for q in range(30, 95, 7)]
    prints = np.stack([picture_print(Image.open(each)) for each in [tmp_path / "0.png", *copies]])
    found = alike_pictures(prints, np.zeros(len(prints)))
    assert len(found.neighbours) == 0
    assert {0} | set(found.copies[found.copies[:, 0] == 0, 1].tolist()) == set(range(len(prints)))


def test_views_of_objects_are_compared_picture_by_picture(tmp_path):
    from tlkit.kinds.views.view_folders import views

    for name in "ab":
        for number in range(6):
            home = tmp_path / "solids" / name / f"{name}{number}"
            home.mkdir(parents=True)
            for view in range(2):
                textured(100 * ord(name) + 10 * number + view, 120, 120).save(home / f"{view}.png")
    splits = views(tmp_path / "solids", image_size=24, val=0.2, test=0.3)
    assert not near_leaks(subject_of(splits))
    learned, tested = splits.train.items[0], splits.test.items[0]
    Image.open(learned[0]).save(tested[1])  # the same pixels in a file of its own
    Image.open(tested[1]).resize((100, 100)).save(tested[1])
    subject = subject_of(splits)
    assert [(subject.names[late], subject.names[early]) for late, early in near_leaks(subject)] == [
        (splits.test.names[0], splits.train.names[0])
    ]


def test_features_that_are_all_but_equal_are_look_alikes():
    rows = np.random.default_rng(0).normal(size=(30, 200))
    near = rows[4] + 0.3 * np.random.default_rng(1).normal(size=200)
    assert alike_features(np.concatenate([rows, [near]]), np.zeros(31)).tolist() == [[4, 30]]


def test_features_that_are_near_in_a_whole_class_or_in_a_series_are_not():
    rng = np.random.default_rng(0)
    like_one = rng.normal(size=200) + 0.3 * rng.normal(size=(20, 200))
    turn = np.linspace(0, np.pi, 40)[:, None]
    series = np.cos(turn) * rng.normal(size=200) + np.sin(turn) * rng.normal(size=200)
    assert len(alike_features(np.concatenate([like_one, series]), np.repeat([0, 1], [20, 40]))) == 0


def test_near_copies_of_every_kind_stay_in_one_part(tmp_path):
    from tlkit import Splits

    rng = np.random.default_rng(0)
    waves = rng.normal(size=(60, 80)).astype(np.float32)
    waves = np.concatenate([waves, waves + 1e-3 * rng.normal(size=waves.shape).astype(np.float32)])
    for kind in ("signal", "array"):
        splits = Splits.from_arrays(waves, np.arange(120) % 2, kind=kind)
        where = {int(name[6:-1]): part for part, each in splits.parts().items() for name in each.names}
        assert [where[place] for place in range(60)] == [where[place + 60] for place in range(60)]
    apart = Splits.from_arrays(waves, np.arange(120) % 2, kind="signal", near_copies="apart")
    where = {int(name[6:-1]): part for part, each in apart.parts().items() for name in each.names}
    assert [where[place] for place in range(60)] != [where[place + 60] for place in range(60)]


def test_clean_scenes_have_neither(tmp_path):
    files = sorted(scenes(tmp_path / "scenes", count=40).rglob("*.jpg"))
    found = alike_pictures(np.stack([picture_print(Image.open(each)) for each in files]), np.zeros(len(files)))
    assert len(found.copies) == len(found.neighbours) == 0
