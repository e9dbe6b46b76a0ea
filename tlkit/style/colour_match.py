"""The colours of the content kept under the brush of the style."""

from __future__ import annotations

import numpy as np
from PIL import Image


def with_colours_of(painted: np.ndarray, content: np.ndarray) -> np.ndarray:
    """The lightness of a painting with the hues of the picture that it was painted from.

    Reference: Gatys et al., 2016, "Preserving color in neural artistic style transfer".
    """
    lightness, _, _ = Image.fromarray(painted).convert("YCbCr").split()
    _, blue, red = Image.fromarray(content).convert("YCbCr").split()
    return np.asarray(Image.merge("YCbCr", (lightness, blue, red)).convert("RGB"))
