"""Photograph-like pictures, and known faults put into a folder of them."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps


def draw_scene(seed, *, width=96, height=72):
    """A picture of a few soft blobs: like a photograph, no two look alike."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / 72
    pixels = np.zeros((height, width, 3)) + rng.uniform(60, 190, 3)
    for _ in range(9):
        cx, cy, size = rng.uniform(0, 1.33), rng.uniform(0, 1), rng.uniform(0.05, 0.3)
        blob = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / size**2)
        pixels += blob[..., None] * rng.uniform(-120, 120, 3)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def scenes(folder, classes=("hill", "lake"), count=20, *, first=0):
    """Write `count` scenes for each class as JPEGs."""
    for number, name in enumerate(classes):
        home = Path(folder) / name
        home.mkdir(parents=True, exist_ok=True)
        for index in range(count):
            draw_scene(first + 1000 * number + index).save(home / f"{name}{first + index:03}.jpg", quality=90)
    return Path(folder)


def reencoded(source, target, *, quality=40, scale=0.8, mirror=False):
    """Write a copy of a picture that shares no byte with it."""
    with Image.open(source) as picture:
        picture = ImageOps.mirror(picture) if mirror else picture.copy()
    picture = picture.resize((round(picture.width * scale), round(picture.height * scale)))
    picture.save(target, quality=quality)
    return target


def cut_short(path, share=0.6):
    """Leave only the beginning of a file."""
    data = Path(path).read_bytes()
    Path(path).write_bytes(data[: int(share * len(data))])


def torn_inside(path):
    """Write a PNG that begins and ends as it should and is spoilt between."""
    draw_scene(0).save(path)
    data = bytearray(Path(path).read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    Path(path).write_bytes(data)
