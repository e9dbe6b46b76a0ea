"""Examples as small pictures: pixels as they are, signals as lines, solids as their shadow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from tlkit.kinds.image.pictures import opened, picture_array


def thumbnail_of_file(path: str | Path, side: int) -> Image.Image:
    """The picture in a file, decoded no larger than is needed."""
    with opened(path) as picture:
        picture.draft("RGB", (2 * side, 2 * side))
        return _fitted(Image.fromarray(picture_array(picture, _sides(picture, side))), side)


def thumbnail_of_input(values: np.ndarray, side: int) -> Image.Image | None:
    """An input of a model as a picture, None where it cannot be shown as one."""
    picture = _drawn(np.asarray(values))  # a text comes as one string
    return None if picture is None else _fitted(picture, side)


def _sides(picture: Image.Image, side: int) -> tuple[int, int]:
    scale = min(1.0, 2 * side / max(picture.size))
    return max(1, round(picture.height * scale)), max(1, round(picture.width * scale))


def _fitted(picture: Image.Image, side: int) -> Image.Image:
    picture = picture.convert("RGB")
    picture.thumbnail((side, side))
    return picture


def _drawn(values: np.ndarray) -> Image.Image | None:
    """Pixels as they are, a signal as a line, voxels as their shadow."""
    if values.dtype == np.uint8 and values.ndim == 3 and values.shape[-1] in (1, 3):
        return Image.fromarray(values[..., 0] if values.shape[-1] == 1 else values)
    values = np.squeeze(values)
    if values.dtype.kind not in "biuf":
        return None
    if values.ndim >= 3:
        shadow = values.astype(np.float32).max(axis=tuple(range(values.ndim - 2)))
        return Image.fromarray((255 - 255 * _unit(shadow)).astype(np.uint8)).resize(
            (128, 128), Image.Resampling.NEAREST
        )
    return _line(values if values.ndim == 1 else values.T[0])


def _line(values: np.ndarray) -> Image.Image:
    picture = Image.new("RGB", (160, 100), "white")
    heights = 92 - 84 * _unit(values.astype(np.float32))
    across = np.linspace(4, 156, len(values))
    ImageDraw.Draw(picture).line([*zip(across.tolist(), heights.tolist(), strict=True)], fill="#2b6cb0", width=1)
    return picture


def _unit(values: np.ndarray) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else np.zeros_like(values)
