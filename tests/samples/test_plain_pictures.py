"""Letters, digits and textures: plain samples of small pictures in class folders."""

import inspect

import numpy as np
import pytest
from PIL import Image

from tlkit import catalog
from tlkit.samples.textures import draw_texture
from tlkit.samples.x_and_o import draw_letter

CASES = {
    "x-and-o": ({"o", "x"}, (9, 9)),
    "digits": (set("0123456789"), (8, 8)),
    "textures": ({"dotted", "striped", "woven"}, (64, 64)),
}
EACH = pytest.mark.parametrize("name", CASES)


def written(name, folder, **options):
    catalog.resolve(name, catalog.SAMPLES, kind="sample")(folder, **options)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.png"))}


@EACH
def test_the_same_call_writes_the_same_files(name, tmp_path):
    first = written(name, tmp_path / "first", count=30)
    assert first == written(name, tmp_path / "again", count=30)
    assert len(first) == len(set(first.values())) == 30


@EACH
def test_classes_and_pixels_are_those_promised(name, tmp_path):
    classes, size = CASES[name]
    files = written(name, tmp_path, count=30)
    assert {path.split("/")[0] for path in files} == classes
    with Image.open(tmp_path / next(iter(files))) as picture:
        assert (picture.size, picture.mode) == (size, "L")
        assert np.ptp(np.asarray(picture)) > 50


@EACH
def test_a_larger_set_begins_with_a_smaller_one(name, tmp_path):
    assert written(name, tmp_path / "few", count=12).items() <= written(name, tmp_path / "more", count=24).items()


@EACH
def test_progress_is_told(name, tmp_path):
    told = []
    written(name, tmp_path, count=3, on_picture=told.append)
    assert told == [0, 1, 2]


@pytest.mark.parametrize("draw", [draw_letter, draw_texture])
def test_another_seed_draws_other_pictures(draw):
    assert "seed" in inspect.signature(draw).parameters
    assert not np.array_equal(draw(0, seed=1)[1], draw(0, seed=2)[1])


def test_letters_vary_in_place_size_and_thickness():
    inks = np.array([draw_letter(2 * index)[1] for index in range(200)]).astype(float)
    weight = inks.sum(axis=(1, 2))
    assert weight.max() > 2 * weight.min()
    middles = (inks * np.arange(9)[:, None]).sum(axis=(1, 2)) / weight
    assert np.ptp(middles) > 1


def test_all_digits_are_there(tmp_path):
    assert len(written("digits", tmp_path)) == 1797
