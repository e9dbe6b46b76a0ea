"""Pipes, sockets and devices among files of data: named and passed over, never waited for."""

import os

import numpy as np
import pytest
from PIL import Image

from tlkit.data.files.array_files import read_arrays
from tlkit.errors import DataError
from tlkit.kinds.image.image_folder import image_folder
from tlkit.kinds.image.pictures import inspect_picture, picture_size, read_picture
from tlkit.kinds.signal.signals import signals
from tlkit.kinds.signal.sounds import sounds
from tlkit.kinds.table.table import table
from tlkit.kinds.text.text import text


@pytest.fixture(params=["pipe", "device", "folder"])
def odd(request, tmp_path):
    """What is no file, under a file's name."""

    def put(name):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        {"pipe": os.mkfifo, "device": lambda each: each.symlink_to("/dev/zero"), "folder": os.mkdir}[request.param](
            path
        )
        return path

    return put


@pytest.mark.parametrize("read", [read_picture, picture_size])
def test_no_picture_is_read_from_it(odd, read):
    path = odd("a.png")
    with pytest.raises(DataError, match=r"a\.png: cannot be decoded \(.*(not a regular file|a folder)"):
        read(path)
    assert inspect_picture(path)[1] in (
        "cannot be read (not a regular file)",
        "cannot be read (a folder, expected a file)",
    )


@pytest.mark.parametrize(
    ("source", "name"),
    [(signals, "a.csv"), (signals, "a.npz"), (table, "a.csv"), (table, "a.parquet"), (text, "a.csv")],
)
def test_no_table_or_array_is_read_from_it(tmp_path, source, name):
    os.mkfifo(tmp_path / name)
    with pytest.raises(DataError, match=r"a\."):
        source(tmp_path / name)


def test_among_pictures_and_sounds_it_is_set_aside(tmp_path):
    for kind in ("one", "two"):
        (tmp_path / kind).mkdir()
        for index in range(8):
            pixels = np.random.default_rng(index + len(kind) * (kind == "one")).integers(0, 256, (8, 8), np.uint8)
            Image.fromarray(pixels).save(tmp_path / kind / f"{index}.png")
    os.mkfifo(tmp_path / "one" / "pipe.png")
    (tmp_path / "two" / "zero.png").symlink_to("/dev/zero")
    aside = image_folder(tmp_path, max_bad=0.5, image_size=8).info.set_aside
    assert aside == {
        str(tmp_path / each): "cannot be read (not a regular file)" for each in ("one/pipe.png", "two/zero.png")
    }
    os.mkfifo(tmp_path / "one" / "pipe.wav")
    os.mkfifo(tmp_path / "two" / "pipe.wav")
    with pytest.raises(DataError, match=r"pipe\.wav: cannot be read \(not a regular file\)"):
        sounds(tmp_path)


def test_an_array_that_promises_more_than_its_file_holds_makes_no_room_for_it(tmp_path):
    header = {"descr": "<f8", "fortran_order": False, "shape": (10**13,)}
    with (tmp_path / "a.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
    with pytest.raises(DataError, match="its header promises 80,000,000,000,000 bytes, 0 are there"):
        read_arrays(tmp_path / "a.npy")


def test_arrays_that_unpack_to_far_more_than_their_file_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros(8))
    data = bytearray((tmp_path / "a.npz").read_bytes())
    place = data.index(b"PK\x01\x02") + 24  # how large the archive's directory says that the array is
    data[place : place + 4] = b"\xff\xff\xff\x7f"
    (tmp_path / "a.npz").write_bytes(data)
    with pytest.raises(DataError, match="it unpacks to 2,047 MB"):
        read_arrays(tmp_path / "a.npz")


def test_an_array_whose_header_is_torn_is_one_line(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(8))
    (tmp_path / "a.npy").write_bytes((tmp_path / "a.npy").read_bytes().replace(b"(8,), }", b"((((((("))
    with pytest.raises(DataError, match="not arrays that can be read"):
        read_arrays(tmp_path / "a.npy")
