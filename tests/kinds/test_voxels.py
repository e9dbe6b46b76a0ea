"""Grids and meshes as solids, and those that are none."""

import re

import numpy as np
import pytest

from tlkit.errors import DataError
from tlkit.kinds.voxels.meshes import filled, read_off, voxelize
from tlkit.kinds.voxels.voxels import inputs_at, voxels

CUBE = """OFF
8 6 0
0 0 0
0 0 1
0 1 0
0 1 1
1 0 0
1 0 1
1 1 0
1 1 1
4 0 1 3 2
4 4 6 7 5
4 0 4 5 1
4 2 3 7 6
4 0 2 6 4
4 1 5 7 3
"""


def grids(count=20, size=4, seed=0):
    return np.random.default_rng(seed).integers(0, 2, (count, size, size, size)).astype(np.uint8)


def archive(path, **arrays):
    np.savez(path, **arrays)
    return path


def mesh(tmp_path, content):
    (tmp_path / "solid.off").write_text(content)
    return tmp_path / "solid.off"


def class_folders(path, count=10):
    for place, label in enumerate(("box", "rod")):
        (path / label).mkdir(parents=True)
        for number, grid in enumerate(grids(count, seed=place)):
            np.save(path / label / f"{number}.npy", grid)
    return path


def test_an_archive_with_its_own_test_part(tmp_path):
    path = archive(tmp_path / "all.npz", X_train=grids(), y_train=np.arange(20) % 2, X_test=grids(6, seed=1),
                   y_test=np.arange(6) % 2)  # fmt: skip
    splits = voxels(path)
    assert splits.counts()["test"] == 6
    assert (splits.info.input_shape, splits.info.input_dtype, splits.info.kind) == ((4, 4, 4, 1), "uint8", "voxels")


def test_the_grids_of_an_archive_are_predicted_for_and_one_of_another_size_is_named(tmp_path):
    grids = np.zeros((3, 4, 4, 4))
    grids[1] = 1
    np.savez(tmp_path / "new.npz", X_train=grids, X_test=np.zeros((1, 5, 5, 5)), y_train=[0, 1, 0])
    metadata = {"input_shape": [4, 4, 4, 1], "reading": {"fill": False}}
    for place in (tmp_path, tmp_path / "new.npz"):
        *found, odd = inputs_at(place, metadata)
        assert [(name, int(read().sum())) for name, read in found] == [
            (f"{tmp_path / 'new.npz'}: X_train[{index}]", total) for index, total in enumerate((0, 64, 0))
        ]
        with pytest.raises(DataError, match=r"new\.npz: X_test\[0\]: expected a grid of 4 x 4 x 4, found 5 x 5 x 5"):
            odd[1]()
    np.savez(tmp_path / "new.npz", grids=grids)
    with pytest.raises(DataError, match="expected grids in an array X, X_train, X_val or X_test, found none"):
        list(inputs_at(tmp_path / "new.npz", metadata))


def test_an_archive_without_parts_names_its_classes(tmp_path):
    archive(tmp_path / "all.npz", X=grids() * 0.9, y=np.arange(20) % 2, class_names=np.array(["box", "rod"]))
    splits = voxels(tmp_path)
    assert splits.info.class_names == ("box", "rod")
    assert set(np.unique(splits.train.load([0, 1]))) == {0, 1}


def test_ten_classes_are_in_the_order_of_their_numbers(tmp_path):
    path = archive(tmp_path / "all.npz", X=grids(66), y=np.arange(66) % 11)
    assert voxels(path).info.class_names == tuple(map(str, range(11)))


def test_copies_and_leaks_are_dropped_from_training(tmp_path):
    train, test = grids(), grids(6, seed=1)
    path = archive(tmp_path / "all.npz", X_train=np.concatenate([train, train[:2], test[:2]]),
                   y_train=np.arange(24) % 2, X_test=test, y_test=np.arange(6) % 2)  # fmt: skip
    splits = voxels(path, duplicates="drop")
    assert splits.counts()["test"] == 6
    assert sum(splits.counts().values()) == 26
    assert not set(splits.test.ids) & {*splits.train.ids, *splits.val.ids}


def test_folders_of_grids(tmp_path):
    assert voxels(class_folders(tmp_path)).info.class_names == ("box", "rod")


def test_meshes_in_the_layout_of_modelnet(tmp_path):
    for label, height in (("box", 0.9), ("tower", 2)):
        for part, count in (("train", 6), ("test", 2)):
            (tmp_path / label / part).mkdir(parents=True)
            for number in range(count):
                tall = height * (1 + 0.3 * number) if label == "tower" else height - 0.1 * number
                text = CUBE.replace(" 1\n", f" {tall + 0.05 * (part == 'test')}\n", 4)
                (tmp_path / label / part / f"{number}.off").write_text(text)
    splits = voxels(tmp_path, size=24)
    assert splits.counts()["test"] == 4
    assert splits.info.input_shape == (24, 24, 24, 1)


def test_a_grid_of_another_size_is_set_aside(tmp_path):
    np.save(class_folders(tmp_path) / "box" / "odd.npy", grids(1, size=5)[0])
    aside = voxels(tmp_path).info.set_aside
    assert aside == {str(tmp_path / "box" / "odd.npy"): "a grid of 5 x 5 x 5, expected 4 x 4 x 4"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda path: path.write_bytes(b""), "not arrays that can be read"),
        (lambda path: np.save(path, np.full((4, 4, 4), 7)), "expected values from 0 .* to 1 .*, found 7 to 7"),
        (lambda path: np.save(path, np.zeros((4, 4))), r"expected a grid of numbers .* found float64 \(4, 4\)"),
        (lambda path: np.save(path, np.array([{}]), allow_pickle=True), "not arrays that can be read"),
        (lambda path: np.save(path, np.full((4, 4, 4), np.nan)), "found nan to nan"),
    ],
)
def test_a_file_that_is_no_grid_is_set_aside(tmp_path, content, said):
    path = class_folders(tmp_path, count=11) / "box" / "bad.npy"
    content(path)
    aside = voxels(tmp_path).info.set_aside
    assert list(aside) == [str(path)]
    assert re.search(said, aside[str(path)])


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"X_train": grids()}, "expected the arrays X_train and y_train"),
        ({"X": grids(), "y": np.zeros(3)}, "X has 20 grids, y 3 labels"),
        ({"z": grids()}, "expected the arrays X and y, found z"),
    ],
)
def test_an_archive_that_will_not_do_is_one_line(tmp_path, arrays, said):
    with pytest.raises(DataError, match=said):
        voxels(archive(tmp_path / "all.npz", **arrays))


def test_an_archive_cut_short_is_one_line(tmp_path):
    path = archive(tmp_path / "all.npz", X=grids(), y=np.zeros(20))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match=r"all.npz: not arrays that can be read"):
        voxels(path)


def test_a_cube_becomes_a_hollow_box_and_a_full_one_when_filled(tmp_path):
    vertices, triangles = read_off(mesh(tmp_path, CUBE))
    assert len(triangles) == 12
    hollow, full = (voxelize(vertices, triangles, 10, fill=fill)[..., 0] for fill in (False, True))
    assert hollow.sum() == 8**3 - 6**3
    assert full.sum() == 8**3
    assert full[1:9, 1:9, 1:9].all()


def test_the_surface_has_no_holes():
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0.3], [0.2, 0.3, 1]])
    grid = voxelize(corners, np.array([[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]]), 32)[..., 0]
    assert filled(grid).sum() > 1.5 * grid.sum()  # the hollow inside cannot be reached from outside


def test_counts_may_stand_right_behind_the_word_off(tmp_path):
    assert len(read_off(mesh(tmp_path, CUBE.replace("OFF\n", "OFF")))[0]) == 8


@pytest.mark.parametrize("head", ["COFF", "NOFF", "STCNOFF", "off"])
def test_colours_and_normals_behind_a_vertex_are_passed_over(tmp_path, head):
    lines = [f"{line} 9 9 9" if len(line.split()) == 3 and line != "8 6 0" else line for line in CUBE.splitlines()]
    told, plain = (read_off(mesh(tmp_path, "\n".join([head, *each[1:]]))) for each in (lines, CUBE.splitlines()))
    np.testing.assert_array_equal(told[0], plain[0])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "expected an OFF file"),
        ("PLY\n1 2 3\n", "expected an OFF file in text, found 'PLY'"),
        ("OFF\n", "cut short"),
        (CUBE[: len(CUBE) // 2], "cut short, or nonsense counts: 8 vertices and 6 faces announced in 11 lines"),
        (CUBE.replace("8 6 0", "-8 6 0"), "found -8 vertices and 6 faces"),
        (CUBE.replace("8 6 0", "8 99999999999 0"), "at most 10,000,000"),
        (CUBE.replace("8 6 0", "eight"), ":2: expected the numbers of vertices and faces, found 'eight'"),
        (CUBE.replace("0 1 1\n", "0 x 1\n"), ":6: expected three numbers for a vertex, found '0 x 1'"),
        (CUBE.replace("0 1 1\n", "0 nan 1\n"), ":6: expected three numbers"),
        (CUBE.replace("4 0 1 3 2", "4 0 1 3 9"), ":11: a face names vertex 9; there are 8"),
        (CUBE.replace("4 0 1 3 2", "4 0 1 3 -2"), ":11: a face names vertex -2; there are 8"),
        (CUBE.replace("4 0 1 3 2", "9 0 1 3 2"), ":11: expected a face"),
        (CUBE.replace("OFF\n", "OFF BINARY\n"), ":1: expected an OFF file in text, found 'OFF BINARY'"),
    ],
)
def test_an_off_file_that_will_not_do_is_named_with_its_line(tmp_path, content, said):
    with pytest.raises(DataError) as caught:
        read_off(mesh(tmp_path, content))
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "solid.off"))


def test_a_bad_mesh_is_set_aside_like_a_bad_grid(tmp_path):
    (class_folders(tmp_path, count=11) / "box" / "torn.off").write_text(CUBE[:40])
    assert "cut short" in voxels(tmp_path, size=4).info.set_aside[str(tmp_path / "box" / "torn.off")]
