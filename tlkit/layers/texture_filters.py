"""Hand-made filters for textures: edges, Sobel, spots and bars at several angles and scales, as plain numpy."""

import math
from collections.abc import Sequence

import numpy as np

EDGE = np.array([[1.0, 0.0, -1.0]] * 3)
SOBEL = np.array([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])
ELONGATION = 2.0  # a bar is this much longer than wide


def texture_filters(scales: Sequence[float] = (1.0, 2.0), angles: int = 6) -> list[tuple[str, np.ndarray]]:
    """The bank as (name, kernel) pairs; a flat picture gives 0, a full black-and-white contrast at most 1.

    Reference: Leung and Malik, 2001, "Representing the visual appearance of materials using three-dimensional textons".

    Example:
        >>> [name for name, kernel in texture_filters(scales=[1.0], angles=2)][2:]
        ['sobel vertical', 'sobel horizontal', 'spot 1.0', 'bar 1.0 0°', 'bar 1.0 90°']
    """
    bank = [("edge vertical", EDGE), ("edge horizontal", EDGE.T)]
    bank += [("sobel vertical", SOBEL), ("sobel horizontal", SOBEL.T)]
    for scale in scales:
        bank.append((f"spot {scale}", spot(scale)))
        for turn in range(angles):
            bank.append((f"bar {scale} {180 * turn / angles:.0f}°", bar(scale, math.pi * turn / angles)))
    return [(name, _balanced(kernel)) for name, kernel in bank]


def spot(scale: float) -> np.ndarray:
    """A bright spot on dark ground: the negative Laplacian of a Gaussian of this standard deviation.

    Example:
        >>> spot(1.0).shape
        (7, 7)
    """
    x, y = _grid(scale)
    squares = (x**2 + y**2) / (2 * scale**2)
    return (1 - squares) * np.exp(-squares)


def bar(scale: float, angle: float) -> np.ndarray:
    """A bright bar on dark ground, turned from the vertical by an angle in radians.

    Example:
        >>> bar(1.0, 0.0).shape
        (7, 7)
    """
    x, y = _grid(scale)
    across, along = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    across, along = (across / scale) ** 2, (along / (ELONGATION * scale)) ** 2
    return (1 - across) * np.exp(-(across + along) / 2)


def _grid(scale: float) -> tuple[np.ndarray, np.ndarray]:
    reach = math.ceil(3 * scale)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(float)
    return x, y


def _balanced(kernel: np.ndarray) -> np.ndarray:
    """Mean 0, and the positive part sums to 1: responses of filters of all sizes are then comparable."""
    kernel = kernel - kernel.mean()
    return kernel / kernel[kernel > 0].sum()
