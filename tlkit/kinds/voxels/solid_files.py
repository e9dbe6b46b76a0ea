"""One solid as a grid of 0 and 1: checked, or read from a .npy or .off file; and whether data are solids."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tlkit.data.files.array_files import num_axes, read_array
from tlkit.errors import DataError
from tlkit.kinds.detection.guess import Guess
from tlkit.kinds.detection.layouts import find_layout, labelled_guess
from tlkit.kinds.voxels.meshes import read_off, voxelize

SUFFIXES = frozenset({".npy", ".off"})


def occupancy_grid(values: np.ndarray) -> np.ndarray:
    """A grid (x, y, z) or (x, y, z, 1) of any type as one of 0 and 1 (x, y, z, 1).

    Example:
        >>> occupancy_grid(np.full((4, 4, 4), 0.7)).sum()
        np.uint64(64)
    """
    grid = values[..., None] if values.ndim == 3 else values
    if grid.ndim != 4 or grid.shape[-1] != 1 or grid.dtype.kind not in "buif":
        raise DataError(f"expected a grid of numbers (x, y, z), found {values.dtype} {values.shape}")
    if not grid.size or not (grid.min() >= 0 and grid.max() <= 1):
        found = f"{grid.min()} to {grid.max()}" if grid.size else "none"
        raise DataError(f"expected values from 0 (empty) to 1 (full), found {found}")
    return (grid >= 0.5).astype(np.uint8)


def read_solid(file: Path, size: int, fill: bool) -> np.ndarray:
    """The grid in a .npy file as it is, or that of the mesh in an .off file."""
    try:
        if file.suffix.lower() == ".off":
            return voxelize(*read_off(file), size, fill=fill)
        return occupancy_grid(read_array(file))
    except DataError as error:
        raise error if str(error).startswith(str(file)) else DataError(f"{file}: {error}") from error


def of_shape(grid: np.ndarray, shape: tuple[int, ...], where: str) -> np.ndarray:
    """The grid itself if it has this shape."""
    if grid.shape != shape:
        raise DataError(f"{where}: expected a grid of {times(shape)}, found {times(grid.shape)}")
    return grid


def times(shape: tuple[int, ...]) -> str:
    """A grid's size for people: 30 x 30 x 30."""
    return " x ".join(map(str, shape[:-1]))


def guess_voxels(path: Path, files: Sequence[Path]) -> Guess | None:
    """Solids: OFF meshes, grids in .npy files, or a .npz file of grids."""
    model, training = {"net": "voxnet"}, {"epochs": 20, "batch_size": 32, "learning_rate": 0.002}
    data = {"source": "voxels", "duplicates": "drop"}
    why = {"source": "guessed: grids of voxels", "duplicates": "copies are left out, in train those of the test"}
    guess = Guess(data, why, model, training)
    if any(each.suffix == ".npz" and _axes(each) in (4, 5) for each in files):
        return guess
    solids = [each for each in files if each.suffix.lower() == ".off"]
    grids = [each for each in files if each.suffix == ".npy"]
    if not solids and not (grids and _axes(grids[0]) in (3, 4)):
        return None
    layout = find_layout(path, files, {".off", ".npy"}, "solids")
    return guess if layout is None else labelled_guess(layout, guess)


def _axes(file: Path) -> int:
    """How many axes the (first) array of a file has; 0 where there is none."""
    try:
        return num_axes(file)
    except DataError:
        return 0
