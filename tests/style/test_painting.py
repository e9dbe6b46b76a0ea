"""Painting on a small canvas."""

import json

import keras
import numpy as np
import pytest
from command_line import tlkit as command
from keras import ops
from PIL import Image

import tlkit
from tlkit.errors import DataError
from tlkit.model.gradients import gradient
from tlkit.style.painting import gram


def photograph(size=(64, 80), seed=0):
    rng = np.random.default_rng(seed)
    rough = rng.integers(0, 255, (6, 8, 3)).astype(np.uint8)
    return np.asarray(Image.fromarray(rough).resize(size[::-1], Image.Resampling.BICUBIC))


def stripes(size=(64, 64)):
    picture = np.zeros((*size, 3), np.uint8)
    picture[::8, :, 0] = 255
    picture[4::8, :, 2] = 200
    return picture


@pytest.fixture(scope="module")
def painting():
    return tlkit.stylize(photograph(), stripes(), size=80, steps=12, strength=3)


def test_the_style_loss_falls_and_the_content_is_not_lost(painting):
    assert painting.losses[-1]["style"] < 0.6 * painting.losses[0]["style"]
    assert painting.losses[-1]["content"] < 1
    assert painting.pixels.shape == (64, 80, 3)


def test_the_slope_of_a_gram_matrix_is_that_of_the_plain_product():
    features, wanted = np.random.default_rng(0).normal(size=(2, 1, 3, 4, 5)).astype("float32")

    def plain(x):
        flat = ops.reshape(x, (1, 12, 5))
        return ops.sum((ops.matmul(ops.transpose(flat, (0, 2, 1)), flat) / 12 - gram(wanted)) ** 2)

    ours = gradient(lambda x: ops.sum((gram(x) - gram(wanted)) ** 2), features)
    np.testing.assert_allclose(ours, gradient(plain, features), rtol=1e-4, atol=1e-6)


def test_less_strength_keeps_more_of_the_content(painting):
    faint = tlkit.stylize(photograph(), stripes(), size=80, steps=12, strength=0.01)
    assert faint.losses[-1]["content"] < painting.losses[-1]["content"]
    assert faint.losses[-1]["style"] > painting.losses[-1]["style"]


def test_colours_are_kept_on_request(painting):
    ground = photograph()
    kept = tlkit.stylize(ground, stripes(), size=80, steps=12, strength=3, keep_colours=True)

    def hues(pixels):
        return np.asarray(Image.fromarray(pixels).convert("YCbCr"))[..., 1:].astype(float)

    wanted = hues(np.asarray(Image.fromarray(ground).resize((80, 64))))
    assert np.abs(hues(kept.pixels) - wanted).mean() < 0.5 * np.abs(hues(painting.pixels) - wanted).mean()


def test_the_command_paints_a_file_from_two_styles(tmp_path):
    names = {"cat": photograph(), "a": stripes(), "b": photograph(seed=3)}
    for name, pixels in names.items():
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    paths = [tmp_path / f"{name}.png" for name in names]
    result = command(
        "stylize", *paths, "--mix", "1", "--mix", "2", "--size", 64, "--steps", 2, "--out", tmp_path / "o.jpg", "--json"
    )
    assert result.exit_code == 0, result.output
    assert "style loss" in result.stderr
    found = json.loads(result.stdout)
    assert (found["file"], found["width"], found["height"]) == (str(tmp_path / "o.jpg"), 64, 51)
    assert [set(each) for each in found["losses"]] == [{"style", "content"}] * 2
    assert Image.open(tmp_path / "o.jpg").size == (64, 51)


@pytest.mark.slow
def test_another_backbone_takes_its_weights_from_a_file(tmp_path):
    net = keras.applications.VGG19(weights=None, include_top=False)
    net.save_weights(tmp_path / "vgg19.weights.h5")
    settings = {"size": 64, "steps": 6, "backbone": "VGG19"}
    painting = tlkit.stylize(photograph(), stripes(), weights=str(tmp_path / "vgg19.weights.h5"), **settings)
    assert painting.losses[-1]["style"] < painting.losses[0]["style"]
    net.set_weights([0 * each for each in net.get_weights()])
    net.save_weights(tmp_path / "nothing.weights.h5")
    blind = tlkit.stylize(photograph(), stripes(), weights=str(tmp_path / "nothing.weights.h5"), **settings)
    assert blind.losses[-1] == {"content": 0, "style": 0}


def test_ctrl_c_saves_what_is_there(tmp_path):
    def stop(step, losses):
        if step == 2:
            raise KeyboardInterrupt

    painting = tlkit.stylize(photograph(), stripes(), size=64, steps=50, out=tmp_path / "o.png", on_step=stop)
    assert painting.interrupted
    assert len(painting.losses) == 2
    assert np.asarray(Image.open(tmp_path / "o.png")).tolist() == painting.pixels.tolist()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"size": 10}, "64 to 2048"),
        ({"steps": 0}, "at least 1 step"),
        ({"strength": float("nan")}, "strength of 0 or more"),
        ({"mix": [1, 2]}, "a weight for each of 1"),
        ({"mix": [float("nan")]}, "numbers of at least 0"),
        ({"out": "picture.txt"}, "ends in .jpg"),
        ({"backbone": "vgg91"}, "Did you mean 'VGG19'"),
        ({"backbone": "VGG19", "weights": "vgg19.h5"}, "found 'vgg19.h5', which does not exist"),
    ],
)
def test_bad_settings_are_one_clear_line(options, said):
    with pytest.raises(tlkit.TlkitError, match=said):
        tlkit.stylize(photograph(), stripes(), **options)


def test_a_picture_that_is_none_is_refused(tmp_path):
    (tmp_path / "no.png").write_text("no picture")
    with pytest.raises(DataError, match=r"nowhere.png: no such file"):
        tlkit.stylize(tmp_path / "nowhere.png", stripes())
    with pytest.raises(DataError, match="not a picture"):
        tlkit.stylize(tmp_path / "no.png", stripes())
