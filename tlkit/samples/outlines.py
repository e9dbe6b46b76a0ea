"""Closed outlines as arrays of points: ovals, smooth blobs, tapered limbs."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

Points = np.ndarray  # (num_points, 2), x to the right and y down

_CATMULL_ROM = np.array([(0, -1, 2, -1), (2, 0, -5, 3), (0, 1, 4, -3), (0, 0, -1, 1)])  # (4 points, powers of t)


def oval(x: float, y: float, width: float, height: float | None = None, turn: float = 0.0, num: int = 26) -> Points:
    """An ellipse around (x, y) with these half axes, turned by radians."""
    ring = _circle(num) * (width, height or width)
    return (ring @ rotation(turn) if turn else ring) + (x, y)


def rectangle(left: float, top: float, right: float, bottom: float) -> Points:
    """An upright rectangle."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)


def blob(points: ArrayLike, steps: int = 6) -> Points:
    """A smooth closed outline through the points (Catmull-Rom)."""
    points = np.asarray(points, float)
    before, start, end, after = (np.roll(points, shift, axis=0) for shift in (1, 0, -1, -2))
    return _between(before, start, end, after, steps).reshape(-1, 2)


def curve(points: ArrayLike, steps: int = 6) -> Points:
    """A smooth open line through the points."""
    points = np.asarray(points, float)
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    inner = _between(padded[:-3], padded[1:-2], padded[2:-1], padded[3:], steps).reshape(-1, 2)
    return np.concatenate([inner, points[-1:]])


def limb(points: ArrayLike, widths: Sequence[float], steps: int = 6) -> Points:
    """A tapered stroke along a smooth line, rounded at its far end: tails, legs, whiskers."""
    spine = curve(points, steps)
    halves = np.interp(_grid(len(spine)), _grid(len(widths)), widths)[:, None] / 2
    ahead = np.empty_like(spine)
    ahead[1:-1] = spine[2:] - spine[:-2]
    ahead[0], ahead[-1] = spine[1] - spine[0], spine[-1] - spine[-2]
    ahead *= halves / np.hypot(ahead[:, :1], ahead[:, 1:])
    side = ahead[:, ::-1] * (-1, 1)
    return np.concatenate([spine + side, spine[-1:] + ahead[-1:], (spine - side)[::-1]])


def rotation(turn: float) -> np.ndarray:
    """The matrix that turns row points by radians, clockwise on a screen."""
    cos, sin = np.cos(turn), np.sin(turn)
    return np.array([(cos, sin), (-sin, cos)])


@lru_cache
def _circle(num: int) -> Points:
    angle = np.linspace(0, 2 * np.pi, num, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


@lru_cache
def _grid(num: int) -> np.ndarray:
    return np.linspace(0, 1, num)


@lru_cache
def _powers(steps: int) -> np.ndarray:
    return np.linspace(0, 1, steps, endpoint=False) ** np.arange(4)[:, None]


def _between(before: np.ndarray, start: np.ndarray, end: np.ndarray, after: np.ndarray, steps: int) -> np.ndarray:
    weights = 0.5 * _CATMULL_ROM @ _powers(steps)  # (4 points, steps)
    return np.einsum("kns,kt->nts", np.stack([before, start, end, after]), weights)
