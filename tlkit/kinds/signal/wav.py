"""WAV files as float samples: whole numbers of 8 to 32 bits and floats, any number of channels, any sample rate."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tlkit.data.files.regular_files import read_bytes
from tlkit.data.single_precision import in_float32
from tlkit.errors import DataError

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_UNTIL_THE_END = (0, 0xFFFFFFFF)  # what recorders that stream write for a length they do not know yet


class Wav(NamedTuple):
    """Samples (time, channels) in float32, whole numbers scaled to -1 to 1, and how many of them make a second."""

    samples: np.ndarray
    rate: int


class _Format(NamedTuple):
    code: int
    channels: int
    rate: int
    bits: int


def read_wav(path: str | Path) -> Wav:
    """A WAV file; one that is no WAV, is cut short or holds NaN is a `DataError`.

    Example:
        >>> read_wav("note.wav").samples.shape  # doctest: +SKIP
        (16000, 1)
    """
    try:
        return parse_wav(read_bytes(path))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def parse_wav(data: bytes) -> Wav:
    """The bytes of a WAV file, read."""
    if not data:
        raise DataError("empty file")
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise DataError("not a WAV file")
    form = None
    for name, size, start in _chunks(data):
        if name == b"fmt ":
            form = _read_format(data[start : start + size])
        elif name == b"data":
            if form is None:
                raise DataError("not a WAV file that can be read (no format before its samples)")
            return Wav(_samples(data, start, size, form), form.rate)
    raise DataError("cut short: no samples in it")


def resampled(samples: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """Samples (time, channels) at another rate, by their spectrum: nothing above half the lower rate is left.

    Example:
        >>> resampled(np.zeros((8000, 1), np.float32), 8000, 16000).shape
        (16000, 1)
    """
    if rate == wanted or not len(samples):
        return samples
    count = max(1, round(len(samples) * wanted / rate))  # as scipy.signal.resample, whose import takes 1.5 s
    spectrum = np.fft.rfft(samples, axis=0)[: count // 2 + 1]
    return (np.fft.irfft(spectrum, count, axis=0) * (count / len(samples))).astype(np.float32)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, length and start of each part of the file."""
    place = 12
    while place + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        yield name, size, place + 8
        place += 8 + size + size % 2


def _read_format(chunk: bytes) -> _Format:
    if len(chunk) < 16:
        raise DataError("cut short: its header is not whole")
    code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
    if code == _EXTENSIBLE and len(chunk) >= 26:
        code = struct.unpack_from("<H", chunk, 24)[0]
    if (code, bits) not in _READERS or not channels or not rate:
        raise DataError(f"a WAV of format {code} with {bits} bits, {channels} channels at {rate} Hz; expected "
                        f"uncompressed samples of 8, 16, 24 or 32 bits, or floats")  # fmt: skip
    return _Format(code, channels, rate, bits)


def _samples(data: bytes, start: int, size: int, form: _Format) -> np.ndarray:
    there = len(data) - start
    size = there if size in _UNTIL_THE_END else size
    if size > there:
        raise DataError(f"cut short: its header promises {size} bytes of samples, {there} are there")
    frame = form.channels * form.bits // 8
    if size < frame:
        raise DataError("holds no samples")
    values = in_float32(_READERS[form.code, form.bits](data[start : start + size - size % frame]))
    if not np.isfinite(values).all():
        raise DataError(f"sample {int(np.flatnonzero(~np.isfinite(values))[0]) // form.channels} is NaN or infinite")
    return values.reshape(-1, form.channels)


def _three_bytes(data: bytes) -> np.ndarray:
    parts = np.frombuffer(data, np.uint8).reshape(-1, 3)
    whole = np.zeros((len(parts), 4), np.uint8)
    whole[:, 1:] = parts
    return whole.view("<i4")[:, 0] / 2.0**31


_READERS: dict[tuple[int, int], Callable[[bytes], np.ndarray]] = {
    (_PCM, 8): lambda data: (np.frombuffer(data, np.uint8) - 128.0) / 128.0,
    (_PCM, 16): lambda data: np.frombuffer(data, "<i2") / 2.0**15,
    (_PCM, 24): _three_bytes,
    (_PCM, 32): lambda data: np.frombuffer(data, "<i4") / 2.0**31,
    (_FLOAT, 32): lambda data: np.frombuffer(data, "<f4"),
    (_FLOAT, 64): lambda data: np.frombuffer(data, "<f8"),
}
