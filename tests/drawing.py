"""Tiny picture folders for tests: one colour a class, so that any net can learn them."""

from pathlib import Path

import numpy as np
from PIL import Image

_COLOURS = ((210, 50, 40), (40, 60, 215), (40, 190, 60), (220, 210, 40), (120, 120, 120))


def draw_pictures(folder, classes=("blue", "red"), count=12, *, seed=0):
    """Write `count` noisy pictures of 16 to 24 pixels for each class; the classes differ by colour."""
    rng = np.random.default_rng(seed)
    for index, name in enumerate(classes):
        home = Path(folder) / name
        home.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            height, width = rng.integers(16, 25, 2)
            pixels = rng.normal(_COLOURS[index % len(_COLOURS)], 18, (height, width, 3)).clip(0, 255)
            Image.fromarray(pixels.astype(np.uint8)).save(home / f"{name}_{number:03}.png")
    return Path(folder)
