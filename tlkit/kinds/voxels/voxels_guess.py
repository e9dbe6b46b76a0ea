"""Guesses of data that are solids."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tlkit.kinds.detection.guess import Guess
from tlkit.kinds.detection.layouts import find_layout, labelled_guess


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
        loaded = np.load(file, allow_pickle=False, mmap_mode="r")
        return int(loaded.ndim if isinstance(loaded, np.ndarray) else loaded[loaded.files[0]].ndim)
    except (OSError, ValueError, EOFError, IndexError):
        return 0
