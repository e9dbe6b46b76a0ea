import struct

import numpy as np
import pytest
from waves import write_idx

from tlkit.errors import DataError
from tlkit.kinds.image.idx import idx


def write_set(folder, *, train=40, test=10, packed=False, suffix="-idx3-ubyte"):
    rng = np.random.default_rng(0)
    for part, count in (("train", train), ("t10k", test)):
        end = ".gz" if packed else ""
        labels = f"{part}-labels-idx1-ubyte{end}"
        write_idx(folder / f"{part}-images{suffix}{end}", rng.integers(0, 255, (count, 6, 5)), packed=packed)
        write_idx(folder / labels, np.arange(count) % 2, packed=packed)
    return folder


@pytest.mark.parametrize("packed", [True, False])
def test_the_given_test_part_is_kept_and_validation_comes_out_of_training(tmp_path, packed):
    splits = idx(write_set(tmp_path, packed=packed), val=0.2)
    assert splits.counts()["test"] == 10
    assert splits.counts()["train"] + splits.counts()["val"] == 40
    assert 2 <= splits.counts()["val"] < 20
    assert {name.split("[")[0] for name in splits.test.names} == {"test"}
    assert (splits.info.input_shape, splits.info.input_dtype, splits.info.kind) == ((6, 5, 1), "uint8", "image")


def test_pictures_and_labels_are_those_of_the_file(tmp_path):
    write_set(tmp_path)
    splits = idx(tmp_path, class_names=["shoe", "bag"])
    expected = np.random.default_rng(0).integers(0, 255, (40, 6, 5))
    for place, name in enumerate(splits.train.names[:5]):
        row = int(name.split("[")[1][:-1])
        np.testing.assert_array_equal(splits.train.load([place])[0, ..., 0], expected[row])
        assert splits.train.targets[place] == row % 2
    assert splits.info.class_names == ("shoe", "bag")


def test_names_with_a_dot_are_found_too(tmp_path):
    assert idx(write_set(tmp_path, suffix=".idx3-ubyte")).counts()["test"] == 10


def spoil(folder, name, content):
    (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("train-images-idx3-ubyte", lambda data: data[:-7], "cut short: its header promises 40 x 6 x 5 values"),
        ("train-images-idx3-ubyte", lambda data: data + b"x", "too long"),
        ("train-images-idx3-ubyte", lambda data: data[:9], "cut short: its header is not whole"),
        ("train-images-idx3-ubyte", lambda data: b"\x89PNG" + data[4:], "not an IDX file: .*found 89 50 4e 47"),
        ("train-labels-idx1-ubyte", lambda data: b"", "empty file"),
        ("t10k-labels-idx1-ubyte", lambda data: b"\0\0\x08\1\0\0\0\1\1", "a label for each of 10 pictures"),
        ("t10k-labels-idx1-ubyte", lambda data: b"\x1f\x8b" + data, "cannot be read"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_by_name(tmp_path, name, change, told):
    write_set(tmp_path)
    (tmp_path / name).write_bytes(change((tmp_path / name).read_bytes()))
    with pytest.raises(DataError, match=f"{name}: .*{told}"):
        idx(tmp_path)


def test_a_gzip_cut_short_is_refused(tmp_path):
    write_set(tmp_path, packed=True)
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match="cut short: the compressed data end too early"):
        idx(tmp_path)


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(DataError, match="an empty folder"):
        idx(tmp_path)
    write_set(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match="test: expected files of images and of labels"):
        idx(tmp_path)


@pytest.mark.parametrize(
    ("labels", "names", "told"),
    [
        ([3] * 40, None, r"expected at least two classes, found one \(3\)"),
        ([0, 1] * 20, ["bag", "bag"], "expected different names, found bag, bag"),
    ],
)
def test_labels_and_names_that_do_not_part_the_pictures_are_refused(tmp_path, labels, names, told):
    write_idx(tmp_path / "train-images-idx3-ubyte", np.random.default_rng(0).integers(0, 255, (40, 6, 5)))
    write_idx(tmp_path / "train-labels-idx1-ubyte", labels)
    with pytest.raises(DataError, match=told):
        idx(tmp_path, class_names=names)


@pytest.mark.parametrize(
    ("code", "kind", "first", "told"),
    [(0x0D, ">f4", 0.5, "expected labels in whole numbers, found 0.5"), (0x09, "i1", -1, "labels from 0 on, found -1")],
)
def test_labels_that_are_no_classes_are_refused(tmp_path, code, kind, first, told):
    write_set(tmp_path)
    labels = np.array([first, *[0, 1] * 19, 1]).astype(kind)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(struct.pack(">HBBI", 0, code, 1, 40) + labels.tobytes())
    with pytest.raises(DataError, match=told):
        idx(tmp_path)


def test_pictures_without_pixels_are_refused(tmp_path):
    write_set(tmp_path)
    write_idx(tmp_path / "train-images-idx3-ubyte", np.zeros((40, 0, 5)))
    with pytest.raises(DataError, match="expected pictures in bytes"):
        idx(tmp_path)


def test_too_few_class_names_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"labels go from 0 to 1, but data\.class_names has 1 names"):
        idx(write_set(tmp_path), class_names=["bag"])
