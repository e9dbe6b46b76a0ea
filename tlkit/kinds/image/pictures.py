"""Pictures from files: one way to decode for training, evaluation and prediction, and a cheap check before."""

from __future__ import annotations

import functools
import hashlib
import io
import math
import struct
import warnings
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from tlkit.data.assembly.class_folders import SUFFIXES
from tlkit.data.files.regular_files import read_bytes, regular
from tlkit.errors import DataError, exhausted
from tlkit.kinds.kind import Inputs, as_array
from tlkit.model.metadata import Metadata

MAX_PIXELS = 100_000_000  # of a picture among many
MAX_PIXELS_ALONE = 4 * MAX_PIXELS  # of one that is named, to be explained or painted


FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF")
MOST_BYTES = 1 << 30  # of a file
DAMAGED = (
    OSError, SyntaxError, ValueError, EOFError, ArithmeticError, LookupError, RuntimeError,
    MemoryError, struct.error, zlib.error, cv2.error,
)  # fmt: skip  # what decoders say of damaged files
_LONGEST_SIDE = 65_535  # as of a JPEG; one row of more pixels takes many times their room
_INSPECTED = (8, 8)
RESIZES = {"squeeze": 0.0, "crop": 1.0, "centre": 0.875}  # share of each side of the largest part that has the shape

Image.MAX_IMAGE_PIXELS = None  # sizes are checked here, before anything is decoded


def sides(image_size: int | Sequence[int]) -> tuple[int, int]:
    """Height and width of pictures, from one number for both or two.

    Example:
        >>> sides(96), sides([64, 96])
        ((96, 96), (64, 96))
    """
    given = [image_size] if isinstance(image_size, int) else list(image_size)
    if len(given) not in (1, 2):
        raise DataError(f"data.image_size: expected one number or two, found {given}")
    return given[0], given[-1]


def read_picture(
    path: str | Path | IO[bytes],
    size: tuple[int, int] = (224, 224),
    channels: int = 3,
    *,
    resize: str = "squeeze",
    most: int = MAX_PIXELS,
) -> np.ndarray:
    """A picture as uint8 pixels (height, width, channels): turned upright, squeezed to `size` or cropped to its shape.

    Args:
        resize: "squeeze" takes all of the picture, "crop" the largest part around its middle that has the size's shape,
            "centre" 7/8 of the sides of that.
        most: pixels that the picture may have; its header is asked before anything is decoded.

    Example:
        >>> read_picture("cat.jpg", (96, 96)).shape  # doctest: +SKIP
        (96, 96, 3)
    """
    return _read(path, lambda picture: _pixels(picture, size, channels, resize, most))


def whole_picture(path: str | Path, channels: int = 3) -> np.ndarray:
    """All pixels of a picture, turned upright, in the mode that `read_picture` brings it to."""

    def pixels(picture: Image.Image) -> np.ndarray:
        _refuse_size(picture, MAX_PIXELS)
        found = np.asarray(_in_mode(_upright(picture), _mode(channels)))
        return found if channels == 3 else found[..., None]

    return _read(path, pixels)


def _read(path: str | Path | IO[bytes], read: Callable[[Image.Image], np.ndarray]) -> np.ndarray:
    try:
        with opened(path) as picture:
            return read(picture)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    except DAMAGED as error:
        if exhausted(error):
            raise
        raise DataError(f"{path}: cannot be decoded ({reason_of(error)})") from error


def opened(path: str | Path | IO[bytes]) -> Image.Image:
    """A picture with its header read, of the formats that we know; nothing is decoded yet."""
    file = regular(path, MOST_BYTES) if isinstance(path, str | Path) else path
    return Image.open(file, formats=FORMATS)


def picture_array(
    picture: Image.Image | np.ndarray, size: tuple[int, int], channels: int = 3, *, resize: str = "squeeze"
) -> np.ndarray:
    """A picture in memory, treated exactly as a file is."""
    return _pixels(picture if isinstance(picture, Image.Image) else _from_array(picture), size, channels, resize)


def resize_of(metadata: Metadata) -> str:
    """How a model with this metadata has its pictures brought to size."""
    resize = str((metadata.get("reading") or {}).get("resize", "squeeze"))
    if resize not in RESIZES:
        raise DataError(f"the model's pictures are resized by '{resize}'; this release knows {', '.join(RESIZES)}")
    return resize


def picture_size(path: str | Path) -> tuple[int, int]:
    """Width and height of the picture in a file as it is shown, upright; nothing is decoded."""
    try:
        with opened(path) as picture:
            turned = picture.getexif().get(0x0112, 1) >= 5
            return picture.size[::-1] if turned else picture.size
    except DAMAGED as error:
        raise DataError(f"{path}: cannot be decoded ({reason_of(error)})") from error


def inputs_at(path: Path, metadata: Metadata) -> Inputs:
    """Every picture in a file or folder: its name, and what reads it as a model with this metadata takes it."""
    files = sorted(each for each in path.rglob("*") if each.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
    if not files:
        raise DataError(f"{path}: no pictures in this folder")
    height, width, channels = metadata["input_shape"]
    for file in files:
        yield str(file), functools.partial(read_picture, file, (height, width), channels, resize=resize_of(metadata))


def input_of(example: Any, metadata: Metadata) -> np.ndarray:
    """The input for a picture: a path, a PIL picture or an array of pixels; for a model of fractions these as well."""
    height, width, channels = metadata["input_shape"]
    resize = resize_of(metadata)
    if isinstance(example, str | Path):
        pixels = read_picture(example, (height, width), channels, resize=resize, most=MAX_PIXELS_ALONE)
    elif isinstance(example, Image.Image) or "uint8" in (metadata["input_dtype"], str(np.asarray(example).dtype)):
        pixels = picture_array(example, (height, width), channels, resize=resize)
    else:
        return as_array(example, metadata)
    return pixels.astype(metadata["input_dtype"])


def inspect_picture(path: str | Path) -> tuple[str, str | None]:
    """The hash of a file's bytes, and what is wrong with the picture in it (None if nothing)."""
    try:
        data = read_bytes(path, MOST_BYTES)
    except OSError as error:
        return "", f"cannot be read ({error.strerror})"
    return hashlib.blake2b(data, digest_size=16).hexdigest(), inspect_bytes(data)


def inspect_bytes(data: bytes, look: Callable[[Image.Image], None] = lambda picture: None) -> str | None:
    """What is wrong with a picture file of these bytes, None if nothing: what `read_picture` would say.

    Args:
        look: is given the opened picture first.
    """
    if not data:
        return "empty file"
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            warnings.simplefilter("ignore")
            _refuse_size(picture, MAX_PIXELS)
            look(picture)
            _pixels(picture, _INSPECTED, 3, "squeeze")
    except (DataError, *DAMAGED) as error:
        return reason_of(error)
    return None


def reason_of(error: Exception) -> str:
    """Why a picture cannot be decoded, in a few words."""
    return "not a picture" if isinstance(error, UnidentifiedImageError) else str(error) or type(error).__name__


def _from_array(pixels: np.ndarray) -> Image.Image:
    pixels = np.asarray(pixels)
    pixels = pixels[..., 0] if pixels.ndim == 3 and pixels.shape[-1] == 1 else pixels
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3):
        raise DataError(
            f"picture: expected uint8 pixels (height, width[, channels]), found {pixels.dtype} {pixels.shape}"
        )
    return Image.fromarray(pixels)


def _pixels(
    picture: Image.Image, size: tuple[int, int], channels: int, resize: str, most: int = MAX_PIXELS
) -> np.ndarray:
    height, width = size
    _refuse_size(picture, most)
    mode, share = _mode(channels), RESIZES[resize]
    if picture.format == "JPEG":  # decodes at a half or less where that is enough
        picture.draft(mode, (math.ceil(width / (share or 1)), math.ceil(height / (share or 1))))
    picture = _in_mode(_upright(picture), mode)
    pixels = _squeezed(_cropped(picture, width, height, share) if share else picture, width, height)
    return pixels if channels == 3 else pixels[..., None]


def _mode(channels: int) -> str:
    return "RGB" if channels == 3 else "L"


def _refuse_size(picture: Image.Image, most: int) -> None:
    width, height = picture.size
    if width * height > most:
        raise DataError(f"{width} x {height} pixels, more than {most // 10**6} million")
    if max(width, height) > _LONGEST_SIDE:
        raise DataError(f"{width} x {height} pixels, a side of more than {_LONGEST_SIDE:,}")


def _cropped(picture: Image.Image, width: int, height: int, share: float) -> Image.Image:
    """A share of the largest part around the middle that has this shape; Keras's `Resizing` takes all of it to crop."""
    wide = max(1, round(share * min(picture.width, max(1, int(picture.height * width / height)))))
    high = max(1, round(share * min(picture.height, max(1, int(picture.width * height / width)))))
    left, top = (picture.width - wide) // 2, (picture.height - high) // 2
    return picture.crop((left, top, left + wide, top + high))


def _squeezed(picture: Image.Image, width: int, height: int) -> np.ndarray:
    """Averaged down to less than twice the size, then sampled between four neighbours, as Keras's `resize` does.

    Networks were mostly trained on such sharp pictures: on photographs of cats and dogs the loss of a head on
    EfficientNet-Lite0's features, cross-validated, is a fifth lower than after smoothing by an antialiasing filter.
    """
    shrink = (max(1, picture.width // width), max(1, picture.height // height))
    pixels = np.asarray(picture if shrink == (1, 1) else picture.reduce(shrink))
    if pixels.shape[:2] == (height, width):
        return pixels
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR))


def _upright(picture: Image.Image) -> Image.Image:
    return ImageOps.exif_transpose(picture) if picture.getexif().get(0x0112, 1) != 1 else picture


def _in_mode(picture: Image.Image, mode: str) -> Image.Image:
    if picture.mode == mode:
        return picture
    if picture.mode.startswith("I") or picture.mode == "F":
        picture = _eight_bits(picture)
    if "A" in picture.mode or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    return picture.convert(mode)


def _eight_bits(picture: Image.Image) -> Image.Image:
    """16-bit and float greys scaled by their type's range, so that a dark picture stays dark."""
    values = np.asarray(picture, np.float32)
    top = 65535.0 if picture.mode.startswith("I") else max(float(values.max()), 1.0)
    return Image.fromarray((values * (255.0 / top)).clip(0, 255).astype(np.uint8))
