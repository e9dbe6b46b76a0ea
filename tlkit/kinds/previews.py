"""Looks that several kinds of data share: pixels as they are, and a line for each channel."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

SIDE = 160  # pixels of what is drawn here
PAPER, INK = (255, 255, 255), (31, 41, 51)
_LINES = ((43, 108, 176), (221, 107, 32), (47, 133, 90), (128, 90, 213), (197, 48, 48), (0, 131, 143))
_MOST_CHANNELS = 6


def draw_picture(values: np.ndarray) -> Image.Image | None:
    """Pixels of one channel, three or four; numbers of another type from their least to their greatest.

    Example:
        >>> draw_picture(np.zeros((20, 30, 1), np.uint8)).size
        (30, 20)
    """
    if values.ndim == 2:
        values = values[..., None]
    if values.ndim != 3 or values.shape[-1] not in (1, 3, 4):
        return None
    pixels = values if values.dtype == np.uint8 else scaled(values)
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def draw_lines(values: np.ndarray) -> Image.Image | None:
    """A line a channel; of a long signal the range within each column of pixels.

    Example:
        >>> draw_lines(np.sin(np.arange(500.0))[:, None]).size
        (160, 160)
    """
    lines = values.reshape(len(values), -1).astype(float)[:, :_MOST_CHANNELS]
    image = Image.new("RGB", (SIDE, SIDE), PAPER)
    if not np.isfinite(lines).all() or not len(lines):
        return None
    low, high = lines.min(), lines.max()
    heights = (SIDE - 9) - (lines - low) / ((high - low) or 1.0) * (SIDE - 17)
    pen = ImageDraw.Draw(image)
    for channel in range(heights.shape[1]):
        pen.line(_path(heights[:, channel]), fill=_LINES[channel % len(_LINES)], width=1)
    return image


def _path(heights: np.ndarray) -> list[tuple[float, float]]:
    if len(heights) <= 2 * SIDE:
        places = np.linspace(4, SIDE - 5, len(heights))
        return list(zip(places.tolist(), heights.tolist(), strict=True))
    columns = np.array_split(heights, SIDE - 8)
    return [(4.0 + place, float(end)) for place, part in enumerate(columns) for end in (part.min(), part.max())]


def draw_by_shape(values: np.ndarray) -> Image.Image | None:
    """Arrays of unknown meaning: what looks like a picture or a signal is drawn as one."""
    if values.dtype == np.uint8 and values.ndim == 3 and values.shape[-1] in (1, 3):
        return draw_picture(values)
    if values.dtype.kind in "fiu" and values.ndim in (1, 2) and len(values) >= 16:
        return draw_lines(values)
    return None


def scaled(values: np.ndarray) -> np.ndarray:
    """Numbers as bytes, the least as 0 and the greatest as 255."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return np.nan_to_num((values - low) / ((high - low) or 1.0) * 255).astype(np.uint8)
