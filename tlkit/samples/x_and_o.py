"""X's and O's on a 9 x 9 grid: the toy data of the notes, with the trickier cases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tlkit.samples.picture_files import save_classes

SIDE = 9
LABELS = ("o", "x")


def draw_letters(
    folder: Path, *, count: int = 1200, seed: int = 7, on_picture: Callable[[int], None] | None = None
) -> None:
    """Write `x/` and `o/`: letters that are shifted, scaled, turned up to 30 degrees, and thin or thick.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> draw_letters(folder, count=4)
        >>> sorted(path.parent.name for path in folder.rglob("*.png"))
        ['o', 'o', 'x', 'x']
    """
    save_classes(folder, (draw_letter(index, seed=seed) for index in range(count)), on_picture)


def draw_letter(index: int, *, seed: int = 7) -> tuple[str, np.ndarray]:
    """One letter and its label; they take turns.

    Example:
        >>> label, pixels = draw_letter(1)
        >>> label, pixels.shape
        ('x', (9, 9))
    """
    rng, label = np.random.default_rng([seed, index]), LABELS[index % 2]
    size, thickness = rng.uniform(2.2, 3.6), rng.uniform(0.4, 1.0)
    down, across = _grid(rng)
    away = _from_cross(down, across, size) if label == "x" else np.abs(np.hypot(down, across) - size)
    ink = np.clip(thickness + 0.5 - away, 0, 1) * 255 + rng.normal(0, 10, down.shape)
    return label, ink.clip(0, 255).astype(np.uint8)


def _grid(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Places of the pixels as the letter sees them: shifted by up to a pixel and turned."""
    down, across = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2 - rng.uniform(-1, 1, (2, 1, 1))
    angle = rng.uniform(-np.pi / 6, np.pi / 6)
    return down * np.cos(angle) - across * np.sin(angle), down * np.sin(angle) + across * np.cos(angle)


def _from_cross(down: np.ndarray, across: np.ndarray, size: float) -> np.ndarray:
    """How far each place is from the nearer of two crossing strokes."""
    along, beside = np.abs(down + across) / np.sqrt(2), np.abs(down - across) / np.sqrt(2)
    over, beyond = np.maximum(along - size, 0), np.maximum(beside - size, 0)
    return np.minimum(np.hypot(over, beside), np.hypot(beyond, along))
