"""WAV files, IDX files and tables of signals for tests."""

import gzip
import struct

import numpy as np


def write_wav(path, values, *, rate=8000, bits=16, promised=None):
    """A WAV of whole numbers (or of floats with bits="float") from values (time,) or (time, channels)."""
    values = np.atleast_2d(np.asarray(values, float).T).T
    code, width = (3, 4) if bits == "float" else (1, bits // 8)
    data = values.astype("<f4").tobytes() if bits == "float" else _whole(values, width)
    channels = values.shape[1]
    form = struct.pack("<HHIIHH", code, channels, rate, rate * channels * width, channels * width, 8 * width)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"LIST" + struct.pack("<I", 3) + b"abc\0"
    body += b"data" + struct.pack("<I", len(data) if promised is None else promised) + data
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


def tone(pitch, *, rate=8000, seconds=0.25, phase=0.0):
    """A plain tone at half the full level."""
    return 0.5 * np.sin(2 * np.pi * pitch * np.arange(int(rate * seconds)) / rate + phase)


def write_tones(folder, count=8, *, rate=8000):
    """Two class folders of low and high tones."""
    for index in range(count):
        for label, pitch in (("low", 300 + 10 * index), ("high", 1500 + 50 * index)):
            write_wav(folder / label / f"{index}.wav", tone(pitch, rate=rate, phase=index), rate=rate)
    return folder


def write_idx(path, array, *, code=0x08, packed=False, cut=0):
    """An IDX file of bytes; `cut` leaves that many out at its end."""
    array = np.asarray(array, np.uint8)
    data = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape) + array.tobytes()
    data = data[: len(data) - cut]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data) if packed else data)
    return path


def rows(count, *, length=12, start=0):
    """Rows of two classes for a table: the class, then a rising or a falling signal."""
    lines = []
    for index in range(start, start + count):
        ramp = np.linspace(0, 1, length) * (1 if index % 2 else -1) + 0.01 * index
        lines.append([str(index % 2 + 1), *(f"{value:.5f}" for value in ramp)])
    return lines


def write_rows(path, lines, *, mark="\t"):
    path.write_text("".join(mark.join(line) + "\n" for line in lines))
    return path


def _whole(values, width):
    scaled = np.rint(values * (2 ** (8 * width - 1) - 1)).astype("<i8")
    if width == 1:
        return (scaled + 128).astype(np.uint8).tobytes()
    return b"".join(int(each).to_bytes(width, "little", signed=True) for each in scaled.reshape(-1))
