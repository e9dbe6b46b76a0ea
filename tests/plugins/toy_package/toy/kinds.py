"""A kind of data: grids of letters in text files, # for a filled cell."""

import numpy as np
from PIL import Image

from tlkit.kinds.detection.guess import Guess
from tlkit.kinds.kind import Kind


def read_grid(path):
    """(rows, columns, 1), 1 where a cell is filled."""
    return (np.array([list(line) for line in path.read_text().split()]) == "#").astype(np.float32)[..., None]


def grids_at(path, metadata):
    """Every grid in a file or folder."""
    files = sorted(path.rglob("*.grid")) if path.is_dir() else [path]
    return ((str(each), lambda each=each: read_grid(each)) for each in files)


def draw(values):
    """Filled cells are black."""
    return Image.fromarray(np.uint8(255 * (1 - values[..., 0]))).resize((64, 64), Image.Resampling.NEAREST)


def guess_grids(path, files):
    """Files of grids."""
    found = any(each.suffix == ".grid" for each in files)
    return Guess({"source": "grids"}, {"source": "guessed: grids of letters"}, {"net": "dotty"}) if found else None


def guess_wrongly(path, files):
    """A guess that fails."""
    return files[0].no_such_field


def guess_nonsense(path, files):
    """A guess that is none."""
    return {"source": "grids"}


GUESSES = {45: "toy.kinds:guess_grids", 1: "toy.kinds:guess_wrongly", 2: "toy.kinds:guess_nonsense"}
GRID = Kind("grid", inputs_at=grids_at, draw=draw, grey=0.0, guesses=GUESSES)
