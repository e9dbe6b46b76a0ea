"""Solids of several shapes, each of its own proportions: as voxels, and as pictures from twelve sides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ("ball", "block", "cone", "cylinder", "pyramid", "ring", "stool")
NUM_VIEWS = 12
_ELEVATION = np.radians(25)
_DEPTHS = 56  # places along a ray that are looked at
_FAR = 1.25  # half the side of what the camera sees; a solid stays within a radius of 1

Inside = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def draw_voxels(
    folder: Path, *, count: int = 1050, size: int = 24, seed: int = 7, on_picture: Callable[[int], None] | None = None
) -> None:
    """Write `solids.npz` with X, y and class_names: grids (x, y, z) of 0 and 1, z upright, with faulty cells.

    Example:
        >>> import tempfile
        >>> draw_voxels(Path(tempfile.mkdtemp()), count=7, size=8)
    """
    folder.mkdir(parents=True, exist_ok=True)
    grids = np.empty((count, size, size, size), np.uint8)
    for index in range(count):
        grids[index] = voxel_grid(index, size=size, seed=seed)
        if on_picture:
            on_picture(index)
    labels = np.arange(count) % len(CLASSES)
    np.savez_compressed(folder / "solids.npz", X=grids, y=labels, class_names=np.array(CLASSES))


def draw_views(
    folder: Path, *, count: int = 490, size: int = 32, seed: int = 7, on_picture: Callable[[int], None] | None = None
) -> None:
    """Write twelve pictures of each solid, 30 degrees apart: `class/number/00.png` to `11.png`.

    Example:
        >>> import tempfile
        >>> draw_views(Path(tempfile.mkdtemp()), count=1, size=8)
    """
    for index in range(count):
        home = folder / CLASSES[index % len(CLASSES)] / f"{index // len(CLASSES) + 1:03}"
        home.mkdir(parents=True)
        for view, picture in enumerate(pictures(index, size=size, seed=seed)):
            Image.fromarray(picture).save(home / f"{view:02}.png")
        if on_picture:
            on_picture(index)


def voxel_grid(index: int, *, size: int = 24, seed: int = 7) -> np.ndarray:
    """The grid of one solid of the set.

    Example:
        >>> voxel_grid(0, size=8).shape
        (8, 8, 8)
    """
    rng = np.random.default_rng([seed, index])
    inside = _solid(index, rng)
    axis = (np.arange(size) + 0.5) / size * 2.3 - 1.15
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij")
    shift = rng.uniform(-0.15, 0.15, 3)
    grid = inside(x - shift[0], y - shift[1], z - shift[2])
    return (grid ^ (rng.random(grid.shape) < rng.uniform(0, 0.02))).astype(np.uint8)


def pictures(index: int, *, size: int = 32, seed: int = 7) -> np.ndarray:
    """The views of one solid of the set, uint8 (views, height, width), each lit from its camera's left.

    Example:
        >>> pictures(0, size=8).shape
        (12, 8, 8)
    """
    rng = np.random.default_rng([seed, index])
    inside = _solid(index, rng)
    start, ground, colour = rng.uniform(0, 2 * np.pi), rng.uniform(15, 200), rng.uniform(90, 235)
    turns = start + np.arange(NUM_VIEWS) * 2 * np.pi / NUM_VIEWS
    shaded = np.stack([_shaded(_depths(inside, turn, size), ground, colour) for turn in turns])
    noise = rng.normal(0, rng.uniform(2, 14), shaded.shape)
    return (shaded + noise).clip(0, 255).astype(np.uint8)


def _depths(inside: Inside, turn: float, size: int) -> np.ndarray:
    """How far each pixel's ray runs until it meets the solid; NaN where it does not."""
    side = (np.arange(size) + 0.5) / size * 2 * _FAR - _FAR
    steps = np.linspace(-_FAR, _FAR, _DEPTHS)
    across, up, along = np.meshgrid(side, -side, steps, indexing="xy")  # (height, width, depth)
    level, steep = np.cos(_ELEVATION), np.sin(_ELEVATION)
    ahead, height = along * level + up * steep, up * level - along * steep
    x = across * np.cos(turn) - ahead * np.sin(turn)
    y = across * np.sin(turn) + ahead * np.cos(turn)
    met = inside(x, y, height)
    return np.where(met.any(2), steps[met.argmax(2)], np.nan)


def _shaded(depths: np.ndarray, ground: float, colour: float) -> np.ndarray:
    """Grey by how much each place faces the light at the camera's upper left."""
    step = 2 * _FAR / len(depths)
    down, right = np.gradient(np.nan_to_num(depths, nan=_FAR), step)
    light = np.array([-0.5, -0.5, 0.7])  # right, down, towards the camera
    facing = (light[0] * right + light[1] * down + light[2]) / np.sqrt(right**2 + down**2 + 1)
    return np.where(np.isnan(depths), ground, colour * (0.35 + 0.65 * facing.clip(0, 1)))


def _solid(index: int, rng: np.random.Generator) -> Inside:
    """Whether points lie in a solid: its class by the index, its proportions and turn drawn."""
    shape = _SHAPES[CLASSES[index % len(CLASSES)]](rng)
    turn, scale = rng.uniform(0, 2 * np.pi), rng.uniform(0.65, 1.0)
    lean = rng.normal(0, 0.08, 2)

    def inside(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        x, y, z = x / scale - lean[0] * z, y / scale - lean[1] * z, z / scale
        return shape(x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn), z)

    return inside


def _ball(rng: np.random.Generator) -> Inside:
    a, b, c = rng.uniform(0.55, 0.95, 3)
    return lambda x, y, z: (x / a) ** 2 + (y / b) ** 2 + (z / c) ** 2 < 1


def _block(rng: np.random.Generator) -> Inside:
    a, b, c = *rng.uniform(0.35, 0.68, 2), rng.uniform(0.35, 0.8)
    return lambda x, y, z: (abs(x) < a) & (abs(y) < b) & (abs(z) < c)


def _cone(rng: np.random.Generator) -> Inside:
    radius, height, top = rng.uniform(0.5, 0.85), rng.uniform(0.5, 0.85), rng.uniform(0, 0.45)
    return lambda x, y, z: (abs(z) < height) & (np.hypot(x, y) < radius * _taper(z, height, top))


def _pyramid(rng: np.random.Generator) -> Inside:
    a, b, height, top = *rng.uniform(0.4, 0.68, 2), rng.uniform(0.5, 0.8), rng.uniform(0, 0.45)
    return lambda x, y, z: (
        (abs(z) < height) & (abs(x) < a * _taper(z, height, top)) & (abs(y) < b * _taper(z, height, top))
    )


def _cylinder(rng: np.random.Generator) -> Inside:
    a, b, height = *rng.uniform(0.4, 0.75, 2), rng.uniform(0.4, 0.8)
    return lambda x, y, z: (abs(z) < height) & ((x / a) ** 2 + (y / b) ** 2 < 1)


def _ring(rng: np.random.Generator) -> Inside:
    thick, wide = rng.uniform(0.15, 0.32), rng.uniform(0.5, 0.65)
    return lambda x, y, z: (np.hypot(x, y) - wide) ** 2 + z**2 < thick**2


def _stool(rng: np.random.Generator) -> Inside:
    wide, height = rng.uniform(0.45, 0.65), rng.uniform(0.5, 0.8)
    seat, leg = rng.uniform(0.1, 0.3), rng.uniform(0.1, 0.2)
    return lambda x, y, z: (
        (abs(z) < height) & (abs(x) < wide) & (abs(y) < wide)
        & ((z > height - seat) | ((abs(abs(x) - wide + leg) < leg) & (abs(abs(y) - wide + leg) < leg)))
    )  # fmt: skip


def _taper(z: np.ndarray, height: float, top: float) -> np.ndarray:
    """How wide a solid is at z, from 1 at its foot to `top`."""
    return top + (1 - top) * (height - z) / (2 * height)


_SHAPES = {
    "ball": _ball, "block": _block, "cone": _cone, "cylinder": _cylinder, "pyramid": _pyramid, "ring": _ring,
    "stool": _stool,
}  # fmt: skip
