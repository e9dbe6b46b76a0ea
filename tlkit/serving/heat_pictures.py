"""A heat map as a picture to lay over what it explains: red speaks for the answer, blue against it."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

_FOR, _AGAINST = (214, 40, 40), (40, 90, 214)
_STRONGEST = 190  # of 255, how much of the picture it hides


def overlay(heat: np.ndarray) -> Image.Image:
    """Red and blue, as strong as the heat is, on nothing.

    Example:
        >>> overlay(np.array([[0.0, 0.5]])).getpixel((1, 0))
        (214, 40, 40, 190)
    """
    share = heat / (float(np.abs(heat).max()) or 1.0)
    colours = np.where(share[..., None] >= 0, _FOR, _AGAINST)
    return Image.fromarray(np.dstack([colours, np.abs(share) * _STRONGEST]).round().astype(np.uint8), "RGBA")


def data_uri(image: Image.Image) -> str:
    """A picture as a page can show it."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"
