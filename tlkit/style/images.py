"""The canvas: a picture kept as layers from coarse to fine in unmixed colours, the only weight that is trained.

A step then moves whole areas as readily as single pixels; on plain pixels, a net with strides gives noise.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from keras import ops
from PIL import Image

from tlkit.compat.tensors import Tensor

# square root of the covariance of colours in photographs, largest column of length 1 (Olah et al., 2017)
_MIX = np.array([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]], np.float32)
_MIX /= np.linalg.norm(_MIX, axis=0).max()
_REACH = 60.0  # levels of grey that a weight of 1 stands for


def blank_levels(height: int, width: int, levels: int = 5) -> list[np.ndarray]:
    """Weights of a canvas on which nothing has been painted yet."""
    sizes = [(max(1, height >> level), max(1, width >> level)) for level in range(levels)]
    return [np.zeros((1, rows, columns, 3), np.float32) for rows, columns in sizes]


def painted(levels: Sequence[Tensor], ground: Tensor) -> Tensor:
    """The picture: what was there at first, and all levels over it; pixels from 0 to 255, softly kept there."""
    height, width = ground.shape[1:3]
    total = 0.0
    for level in levels:
        same = tuple(level.shape[1:3]) == (height, width)
        total = total + (level if same else ops.image.resize(level, (height, width), interpolation="bilinear"))
    return _kept(ground + _REACH * ops.matmul(total, ops.convert_to_tensor(_MIX.T)))


def _kept(pixels: Tensor) -> Tensor:
    """Values within the range as they are; those beyond pressed back to a tenth, so that they still can be moved."""
    inside = ops.clip(pixels, 0.0, 255.0)
    return inside + 0.1 * (pixels - inside)


def with_colours_of(painted: np.ndarray, content: np.ndarray) -> np.ndarray:
    """The lightness of a painting with the hues of the picture that it was painted from.

    Reference: Gatys et al., 2016, "Preserving color in neural artistic style transfer".
    """
    lightness, _, _ = Image.fromarray(painted).convert("YCbCr").split()
    _, blue, red = Image.fromarray(content).convert("YCbCr").split()
    return np.asarray(Image.merge("YCbCr", (lightness, blue, red)).convert("RGB"))
