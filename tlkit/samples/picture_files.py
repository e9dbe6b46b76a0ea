"""Small pictures into class folders, as all plain samples write them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image


def save_classes(
    folder: Path, pictures: Iterable[tuple[str, np.ndarray]], on_picture: Callable[[int], None] | None = None
) -> None:
    """Write (class, uint8 pixels) pairs as PNG files, numbered in the order in which they come.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> save_classes(folder, [("x", np.zeros((9, 9), np.uint8))])
        >>> [path.name for path in (folder / "x").iterdir()]
        ['0000.png']
    """
    for number, (label, pixels) in enumerate(pictures):
        home = Path(folder) / label
        home.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(home / f"{number:04}.png")
        if on_picture:
            on_picture(number)
