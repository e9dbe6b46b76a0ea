"""Examples of every kind drawn: something is seen, and what cannot be drawn gives nothing."""

import numpy as np
import pytest

from tlkit.kinds.kind import kind_of

_random = np.random.default_rng(0)
EXAMPLES = {
    "image": _random.integers(0, 256, (20, 30, 3), dtype=np.uint8),
    "signal": np.sin(np.arange(5000)[:, None] / [30, 50, 80]),
    "sound": np.sin(np.arange(16000) / 5)[:, None].astype(np.float32),
    "dna": np.array("ACGTN" * 12),
    "text": np.array("It was a dark and stormy night; the rain fell in torrents, except at occasional intervals."),
    "views": _random.integers(0, 256, (12, 16, 16, 3), dtype=np.uint8),
    "voxels": (_random.random((8, 8, 8, 1)) > 0.7).astype(np.float32),
    "array": _random.random((64, 3)).astype(np.float32),
}


def draw_example(values, kind):
    return kind_of(kind).draw(values)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_kind_is_seen(kind):
    pixels = np.asarray(draw_example(EXAMPLES[kind], kind).convert("RGB"))
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 1


def _colours(base):
    pixels = np.asarray(draw_example(np.array(base * 9), "dna")).reshape(-1, 3)
    return {tuple(each) for each in pixels.tolist() if max(each) - min(each) > 80}


def test_bases_have_colours_of_their_own():
    colours = [_colours(base) for base in "ACGT"]
    assert all(colours)
    assert not set.intersection(*colours)


def test_a_pitch_is_a_level_line_in_the_spectrogram():
    rows = np.asarray(draw_example(EXAMPLES["sound"], "sound")).mean(1)
    assert rows.argmin() == pytest.approx(160 * (1 - (1 / 5 / np.pi)), abs=6)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (np.zeros(3), "array"),
        (np.zeros((4, 4, 7)), "image"),
        (np.full((9, 1), np.nan), "signal"),
        (np.array(""), "dna"),
    ],
)
def test_what_has_no_look_is_not_drawn(values, kind):
    assert draw_example(values, kind) is None


@pytest.mark.parametrize("kind", ["signal", "sound", "voxels", "image"])
def test_constant_and_tiny_examples_are_drawn_like_others(kind):
    for shape in ((1, 1, 1), (2, 1, 1)):
        assert min(draw_example(np.zeros(shape, np.float32), kind).size) >= 1


def test_codes_of_letters_look_like_the_letters():
    codes = np.array([1, 2, 3, 4, 15] * 12, np.uint8)
    assert draw_example(codes, "dna").tobytes() == draw_example(np.array(list("ACGTN" * 12)), "dna").tobytes()
