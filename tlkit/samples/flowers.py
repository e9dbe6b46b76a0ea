"""Drawn flowers as a table: four measures of each, and the kind that they belong to."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

# centimetres: length and width of the sepals, then of the petals
KINDS = {
    "marsh": (5.0, 3.4, 1.7, 0.4),
    "meadow": (5.7, 2.8, 3.7, 1.2),
    "forest": (6.1, 2.9, 4.5, 1.6),
}
_SPREAD = (0.5, 0.35, 0.45, 0.25)


def draw(folder: Path, *, count: int = 600, seed: int = 7, on_picture: Callable[[int], None] | None = None) -> None:
    """Write `flowers.csv` into a folder: a row for each flower, its kind in the last column.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> draw(folder, count=2)
        >>> (folder / "flowers.csv").read_text().splitlines()[0]
        'sepal_length,sepal_width,petal_length,petal_width,kind'
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "flowers.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["sepal_length", "sepal_width", "petal_length", "petal_width", "kind"])
        for index in range(count):
            measures, kind = draw_one(index, seed=seed)
            writer.writerow([*(f"{value:.2f}" for value in measures), kind])
            if on_picture is not None:
                on_picture(index)


def draw_one(index: int, *, seed: int = 7) -> tuple[np.ndarray, str]:
    """The measures of one flower and its kind; large flowers are large in everything.

    Example:
        >>> draw_one(1)[1]
        'meadow'
    """
    rng, kind = np.random.default_rng([seed, index]), tuple(KINDS)[index % len(KINDS)]
    size = rng.normal(0, 0.7)
    measures = np.array(KINDS[kind]) + np.array(_SPREAD) * (size + rng.normal(0, 0.7, 4))
    return measures.clip(0.1), kind
