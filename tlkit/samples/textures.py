"""Drawn textures: woven, dotted and striped cloth at several scales, angles and lights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tlkit.samples.picture_files import save_classes

LABELS = ("dotted", "striped", "woven")


def draw_textures(
    folder: Path, *, count: int = 600, size: int = 64, seed: int = 7, on_picture: Callable[[int], None] | None = None
) -> None:
    """Write `dotted/`, `striped/` and `woven/`, grey pictures under uneven light and with noise.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> draw_textures(folder, count=3, size=16)
        >>> sorted(path.name for path in folder.iterdir())
        ['dotted', 'striped', 'woven']
    """
    save_classes(folder, (draw_texture(index, size=size, seed=seed) for index in range(count)), on_picture)


def draw_texture(index: int, *, size: int = 64, seed: int = 7) -> tuple[str, np.ndarray]:
    """One texture and its label; they take turns.

    Example:
        >>> label, pixels = draw_texture(1, size=32)
        >>> label, pixels.shape
        ('striped', (32, 32))
    """
    rng, label = np.random.default_rng([seed, index]), LABELS[index % 3]
    along, across = _grid(size, rng)
    pattern = {"dotted": _dots, "striped": _stripes, "woven": _weave}[label](along, across, rng)
    contrast, tone = rng.uniform(0.25, 0.6), rng.uniform(0.4, 0.6)
    grey = tone + contrast * (pattern - pattern.mean()) + _light(size, rng) + rng.normal(0, 0.08, pattern.shape)
    return label, (255 * grey).clip(0, 255).astype(np.uint8)


def _grid(size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Places in units of the pattern: turned, at a period of 5 to 12 pixels, bent a little."""
    down, across = np.mgrid[:size, :size].astype(float)
    angle, period = rng.uniform(0, np.pi), rng.uniform(5, 12)
    along, beside = down * np.cos(angle) - across * np.sin(angle), down * np.sin(angle) + across * np.cos(angle)
    bend = rng.uniform(0, 1.5) * np.sin(2 * np.pi * beside / (size * rng.uniform(0.7, 1.5)) + rng.uniform(0, 6))
    return (along + bend) / period + rng.random(), beside / period + rng.random()


def _dots(along: np.ndarray, across: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Round dots in rows."""
    away = np.hypot(along % 1 - 0.5, across % 1 - 0.5)
    return np.clip((rng.uniform(0.22, 0.36) - away) * 8 + 0.5, 0, 1)


def _stripes(along: np.ndarray, across: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Straight stripes of a width that varies from picture to picture."""
    share = rng.uniform(0.3, 0.7)
    return np.clip((share / 2 - np.abs(along % 1 - 0.5)) * 8 + 0.5, 0, 1)


def _weave(along: np.ndarray, across: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Threads that go over and under each other."""
    over = (np.floor(along) + np.floor(across)) % 2 == 0
    round_thread = np.sin(np.pi * (along % 1)), np.sin(np.pi * (across % 1))
    return np.where(over, round_thread[0], rng.uniform(0.5, 0.9) * round_thread[1])


def _light(size: int, rng: np.random.Generator) -> np.ndarray:
    down, across = np.mgrid[:size, :size] / size - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    return rng.uniform(0, 0.25) * (down * np.cos(angle) + across * np.sin(angle))
