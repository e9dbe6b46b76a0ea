"""Pictures of every kind that cameras, scanners and accidents produce."""

import io
import os
import struct
import zlib

import keras
import numpy as np
import pytest
from picture_faults import torn_inside
from PIL import Image

from tlkit.errors import DataError
from tlkit.kinds.image.image_index import file_facts
from tlkit.kinds.image.pictures import MAX_PIXELS, inspect_picture, picture_array, read_picture

SIZE = (8, 8)


def halves(left, right, *, size=16, mode="RGB"):
    """A picture whose left and right halves differ."""
    picture = Image.new(mode, (size, size), left)
    picture.paste(right, (size // 2, 0, size, size))
    return picture


def sides(pixels):
    """Mean colour of the left and the right quarter."""
    quarter = pixels.shape[1] // 4
    return pixels[:, :quarter].mean((0, 1)), pixels[:, -quarter:].mean((0, 1))


def header_only(width, height):
    """A PNG that claims a size and holds no pixels."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "gif", "webp", "tif"])
def test_every_format_gives_uint8_pixels_of_the_size_asked_for(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    halves((250, 0, 0), (0, 0, 250), size=32).save(path)
    pixels = read_picture(path, (12, 16))
    left, right = sides(pixels)
    assert (pixels.shape, pixels.dtype) == ((12, 16, 3), np.uint8)
    assert left[0] > 200 > 50 > left[2]
    assert right[2] > 200 > 50 > right[0]
    assert read_picture(path, (12, 16), channels=1).shape == (12, 16, 1)
    assert inspect_picture(path)[1] is None


def test_a_picture_taken_sideways_is_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    halves((255, 255, 255), (0, 0, 0), size=32).save(tmp_path / "a.jpg", exif=exif)
    pixels = read_picture(tmp_path / "a.jpg", SIZE)
    assert pixels[:2].mean() > 200
    assert pixels[-2:].mean() < 50


def test_the_transparent_becomes_white(tmp_path):
    halves((200, 0, 0, 255), (0, 0, 0, 0), mode="RGBA").save(tmp_path / "a.png")
    left, right = sides(read_picture(tmp_path / "a.png", SIZE))
    np.testing.assert_allclose(left, (200, 0, 0), atol=2)
    np.testing.assert_allclose(right, 255, atol=2)


def test_a_palette_picture_keeps_its_colours_and_its_transparency(tmp_path):
    picture = halves(0, 1, mode="P")
    picture.putpalette([200, 10, 20, 0, 0, 0])
    picture.save(tmp_path / "a.png", transparency=1)
    left, right = sides(read_picture(tmp_path / "a.png", SIZE))
    np.testing.assert_allclose(left, (200, 10, 20), atol=2)
    np.testing.assert_allclose(right, 255, atol=2)


def test_sixteen_bits_are_scaled_by_their_range_so_that_the_dark_stays_dark(tmp_path):
    values = np.full((16, 16), 6554, np.uint16)  # a tenth of the range
    values[:, 8:] = 65535
    Image.fromarray(values).save(tmp_path / "a.png")
    left, right = sides(read_picture(tmp_path / "a.png", SIZE))
    np.testing.assert_allclose(left, 25.5, atol=2)
    np.testing.assert_allclose(right, 255, atol=2)


@pytest.mark.parametrize(("mode", "left", "right"), [("L", 30, 220), ("1", 0, 255), ("LA", (30, 255), (220, 255))])
def test_a_grey_picture_gives_three_equal_channels_or_one(tmp_path, mode, left, right):
    picture = Image.fromarray(np.full((16, 16), left, np.uint8)) if mode == "L" else Image.new(mode, (16, 16), left)
    picture.paste(right, (8, 0, 16, 16))
    picture.save(tmp_path / "a.png")
    pixels = read_picture(tmp_path / "a.png", SIZE)
    np.testing.assert_array_equal(pixels[..., 0], pixels[..., 2])
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png", SIZE, channels=1)[..., 0], pixels[..., 0])
    assert pixels[0, 0, 0] <= 30 < 220 <= pixels[0, -1, 0]


def test_a_print_in_four_inks_becomes_colours(tmp_path):
    halves((0, 255, 255, 0), (255, 0, 0, 0), mode="CMYK").save(tmp_path / "a.jpg")
    left, right = sides(read_picture(tmp_path / "a.jpg", SIZE))
    assert left[0] > 180 > 80 > left[2]
    assert right[2] > 180 > 80 > right[0]


@pytest.mark.parametrize("shape", [(16, 16, 3), (16, 16), (16, 16, 1), (16, 16, 4)])
def test_a_picture_in_memory_is_treated_as_its_file_is(tmp_path, shape):
    values = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    Image.fromarray(values.reshape(shape[:2]) if shape[-1] == 1 else values).save(tmp_path / "a.png")
    np.testing.assert_array_equal(picture_array(values, SIZE), read_picture(tmp_path / "a.png", SIZE))


@pytest.mark.parametrize("values", [np.zeros((4, 4, 3)), np.zeros(4, np.uint8), np.zeros((2, 4, 4, 3), np.uint8)])
def test_an_array_that_is_no_picture_says_what_came(values):
    with pytest.raises(DataError, match="expected uint8 pixels"):
        picture_array(values, SIZE)


def whole(kind="JPEG"):
    memory = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(memory, kind)
    return memory.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty file"),
        (b"this is no picture\n" * 9, "not a picture"),
        (whole()[:-300], "truncated"),
        (whole("PNG")[:-300], "truncated"),
        (header_only(12_000, 12_000), "12000 x 12000 pixels, more than 100 million"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
    ],
    ids=["empty", "text", "cut JPEG", "cut PNG", "bomb", "postscript"],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_found_and_reading_it_says_so(tmp_path, content, said):
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    assert said in inspect_picture(path)[1]
    with pytest.raises(DataError, match=r"a\.jpg|pixels"):
        read_picture(path, SIZE)


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(header_only(60_000, 60_000))  # would take 10 GB
    with pytest.raises(DataError, match="60000 x 60000") as caught:
        read_picture(path, SIZE)
    assert str(path) in str(caught.value)


def test_a_large_picture_below_the_limit_is_no_bomb(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(header_only(10_000, 10_000))
    assert MAX_PIXELS == 10_000 * 10_000
    assert "more than" not in inspect_picture(path)[1]  # but has no pixels


def test_one_row_of_very_many_pixels_is_refused(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(header_only(99_000_000, 1))
    assert "a side of more than 65,535" in inspect_picture(path)[1]
    with pytest.raises(DataError, match="99000000 x 1 pixels"):
        read_picture(path, SIZE)


def test_a_file_spoilt_between_is_found_by_the_check_as_by_the_reader(tmp_path):
    torn_inside(tmp_path / "a.png")
    why = inspect_picture(tmp_path / "a.png")[1]
    assert why
    with pytest.raises(DataError, match="cannot be decoded"):
        read_picture(tmp_path / "a.png")


def test_a_file_that_cannot_be_read_is_a_problem_not_a_crash(tmp_path):
    assert inspect_picture(tmp_path / "gone.jpg") == ("", "cannot be read (No such file or directory)")


def test_equal_bytes_have_equal_ids_and_others_not(tmp_path):
    for name, content in {"a": whole(), "b": whole(), "c": whole() + b"x"}.items():
        (tmp_path / name).write_bytes(content)
    first, same, other = (inspect_picture(tmp_path / name)[0] for name in "abc")
    assert first == same != other


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"])
@pytest.mark.filterwarnings("ignore:Tag data larger")
def test_a_damaged_file_of_any_format_is_read_or_refused_but_never_crashes(tmp_path, kind):
    content, rng, path = whole(kind), np.random.default_rng(0), tmp_path / "a"
    refused = 0
    for cut in np.linspace(1, len(content) - 1, 25).astype(int):
        spoilt = bytearray(content)
        spoilt[rng.integers(0, 200)] ^= 255
        for damaged in (content[:cut], bytes(spoilt)):
            path.write_bytes(damaged)
            fault = inspect_picture(path)[1]
            try:
                read_picture(path, SIZE)
                assert fault is None
            except DataError:
                assert fault
                refused += 1
    assert refused > 10


@pytest.mark.parametrize(("shown", "size"), [((40, 30), (21, 27)), ((13, 17), (32, 32))])
def test_pictures_are_sampled_as_keras_does(tmp_path, shown, size):
    source = np.random.default_rng(0).integers(0, 256, (*shown, 3), dtype=np.uint8)
    Image.fromarray(source).save(tmp_path / "a.png")
    expected = keras.ops.image.resize(source.astype("float32"), size, interpolation="bilinear")
    assert np.abs(read_picture(tmp_path / "a.png", size) - np.asarray(expected)).max() <= 1


def test_fine_stripes_in_a_large_picture_become_grey(tmp_path):
    stripes = np.tile(np.array([[0, 255]], np.uint8), (400, 200))
    Image.fromarray(stripes).save(tmp_path / "a.png")
    assert np.ptp(read_picture(tmp_path / "a.png", (64, 64))) <= 2


def test_what_is_known_of_files_leaves_nothing_where_it_finds_no_room(tmp_path, small_disk, monkeypatch):
    files = [tmp_path / f"{number}.png" for number in range(40)]
    for file in files:
        Image.new("RGB", SIZE).save(file)
        os.utime(file, (0, 0))
    monkeypatch.setenv("TLKIT_CACHE", str(small_disk("4k")))
    assert set(file_facts(files)["width"]) == {8}
    assert list((tmp_path / "small disk" / "facts").iterdir()) == []
