"""One example as a picture, whatever kind of data it is: plots, spectrograms, coloured letters, views, projections."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tlkit.layers.alphabet import ALPHABET

_SIDE = 160  # pixels of what is drawn here
_PAPER, _INK = (255, 255, 255), (31, 41, 51)
_LINES = ((43, 108, 176), (221, 107, 32), (47, 133, 90), (128, 90, 213), (197, 48, 48), (0, 131, 143))
_LETTERS = {"A": (47, 133, 90), "C": (43, 108, 176), "G": (180, 120, 0), "T": (197, 48, 48), "U": (197, 48, 48)}
_UNKNOWN = (123, 135, 148)
_MOST_LETTERS, _MOST_CHANNELS, _MOST_VIEWS = 480, 6, 9


def draw_example(values: np.ndarray, kind: str) -> Image.Image | None:
    """What an input of a model looks like; None for what has no look, such as a row of numbers of any meaning.

    Example:
        >>> draw_example(np.sin(np.arange(500.0))[:, None], "signal").size
        (160, 160)
    """
    return _DRAWN.get(kind, _by_shape)(np.asarray(values))


def _picture(values: np.ndarray) -> Image.Image | None:
    if values.ndim == 2:
        values = values[..., None]
    if values.ndim != 3 or values.shape[-1] not in (1, 3, 4):
        return None
    pixels = values if values.dtype == np.uint8 else _scaled(values)
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def _plot(values: np.ndarray) -> Image.Image | None:
    """A line a channel; of a long signal the range within each column of pixels."""
    lines = values.reshape(len(values), -1).astype(float)[:, :_MOST_CHANNELS]
    image = Image.new("RGB", (_SIDE, _SIDE), _PAPER)
    if not np.isfinite(lines).all() or not len(lines):
        return None
    low, high = lines.min(), lines.max()
    heights = (_SIDE - 9) - (lines - low) / ((high - low) or 1.0) * (_SIDE - 17)
    pen = ImageDraw.Draw(image)
    for channel in range(heights.shape[1]):
        pen.line(_path(heights[:, channel]), fill=_LINES[channel % len(_LINES)], width=1)
    return image


def _path(heights: np.ndarray) -> list[tuple[float, float]]:
    if len(heights) <= 2 * _SIDE:
        places = np.linspace(4, _SIDE - 5, len(heights))
        return list(zip(places.tolist(), heights.tolist(), strict=True))
    columns = np.array_split(heights, _SIDE - 8)
    return [(4.0 + place, float(end)) for place, part in enumerate(columns) for end in (part.min(), part.max())]


def _spectrogram(values: np.ndarray) -> Image.Image | None:
    """Time to the right, pitch upwards, loudness dark, of the mean of all channels."""
    wave = values.reshape(len(values), -1).astype(float).mean(1)
    size, step = 256, max(64, len(wave) // _SIDE)
    if len(wave) < 2 * size:
        return _plot(values)
    starts = np.arange(0, len(wave) - size, step)
    windows = np.stack([wave[start : start + size] for start in starts]) * np.hanning(size)
    power = np.log10(np.abs(np.fft.rfft(windows, axis=1)) ** 2 + 1e-10).T[::-1]
    top = power.max()
    dark = 255 - _scaled(np.maximum(power, top - 8))
    return Image.fromarray(dark).resize((_SIDE, _SIDE), Image.Resampling.BILINEAR)


def _letters(values: np.ndarray) -> Image.Image | None:
    """The first letters in rows, each base in its colour; codes of letters as these."""
    values = np.array(list(ALPHABET))[values] if values.dtype.kind in "iu" else values
    text = str(values.item() if values.ndim == 0 else "".join(map(str, values.reshape(-1).tolist())))[:_MOST_LETTERS]
    if not text:
        return None
    columns = int(np.ceil(np.sqrt(len(text) * 1.6)))
    width, height = 9, 14
    image = Image.new("RGB", (columns * width + 8, -(-len(text) // columns) * height + 8), _PAPER)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(12)
    for place, letter in enumerate(text):
        corner = (4 + place % columns * width, 3 + place // columns * height)
        pen.text(corner, letter, fill=_LETTERS.get(letter.upper(), _UNKNOWN), font=font)
    return image


def _text(values: np.ndarray) -> Image.Image | None:
    words = str(values.item() if values.ndim == 0 else " ".join(map(str, values.reshape(-1).tolist())))
    lines, line = [], ""
    for word in words.split()[:200]:
        if len(line) + len(word) > 26:
            lines, line = [*lines, line], ""
        line = f"{line} {word}".strip()[:40]
    lines = [*lines, line][:12]
    image = Image.new("RGB", (_SIDE, _SIDE), _PAPER)
    ImageDraw.Draw(image).multiline_text((5, 4), "\n".join(lines), fill=_INK, font=ImageFont.load_default(10))
    return image


def _views(values: np.ndarray) -> Image.Image | None:
    """The views of an object side by side."""
    if values.ndim != 4:
        return None
    shown = [drawn for each in values[:_MOST_VIEWS] if (drawn := _picture(each)) is not None]
    columns = int(np.ceil(np.sqrt(len(shown))))
    if not shown:
        return None
    side = max(1, 2 * _SIDE // columns)
    sheet = Image.new("RGB", (columns * side, -(-len(shown) // columns) * side), _PAPER)
    for place, each in enumerate(shown):
        sheet.paste(each.convert("RGB").resize((side, side)), (place % columns * side, place // columns * side))
    return sheet


def _projections(values: np.ndarray) -> Image.Image | None:
    """A body seen along each of its three axes; the nearer, the darker where more of it lies behind each other."""
    body = values.reshape((*values.shape[:3], -1)).astype(float).max(-1) if values.ndim >= 3 else None
    if body is None or not body.size:
        return None
    side = _SIDE
    sheet = Image.new("L", (side, side), 255)
    half = side // 2 - 1
    for place, axis in enumerate((0, 1, 2)):
        shadow = Image.fromarray(255 - _scaled(body.mean(axis))).resize((half, half), Image.Resampling.NEAREST)
        sheet.paste(shadow, (place % 2 * (half + 2), place // 2 * (half + 2)))
    return sheet


def _by_shape(values: np.ndarray) -> Image.Image | None:
    """Arrays of unknown meaning: what looks like a picture or a signal is drawn as one."""
    if values.dtype == np.uint8 and values.ndim == 3 and values.shape[-1] in (1, 3):
        return _picture(values)
    if values.dtype.kind in "fiu" and values.ndim in (1, 2) and len(values) >= 16:
        return _plot(values)
    return None


def _scaled(values: np.ndarray) -> np.ndarray:
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return np.nan_to_num((values - low) / ((high - low) or 1.0) * 255).astype(np.uint8)


_DRAWN: dict[str, Callable[[np.ndarray], Image.Image | None]] = {
    "image": _picture,
    "signal": _plot,
    "sound": _spectrogram,
    "dna": _letters,
    "text": _text,
    "views": _views,
    "voxels": _projections,
}
