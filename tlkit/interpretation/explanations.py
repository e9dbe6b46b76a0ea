"""What an explanation is, and how it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tlkit.errors import writing
from tlkit.evaluation.canvas import save
from tlkit.evaluation.notebook_views import Drawing
from tlkit.interpretation.methods.boxes import Box


@dataclass
class Explanation:
    """What one method has to say of one input: arrays, numbers and figures, each by name."""

    method: str
    class_name: str = ""
    probability: float | None = None
    heat: np.ndarray | None = None
    box: Box | None = None
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)

    def save(self, folder: str | Path) -> list[Path]:
        """Write a PNG file for each figure, and all arrays into one .npz file."""
        folder = Path(folder)
        with writing(folder):
            files = [save(figure, folder / f"{name}.png") for name, figure in self.figures.items()]
            arrays: dict[str, Any] = {**self.arrays, **({} if self.heat is None else {"heat": self.heat})}
            if arrays:
                np.savez_compressed(folder / f"{self.method}.npz", **arrays)
        return files

    def _repr_png_(self) -> bytes | None:
        return next((Drawing(figure)._repr_png_() for figure in self.figures.values()), None)


@dataclass(frozen=True)
class Options:
    """How to look; what a method has no use for it passes over."""

    class_name: str | None = None
    patch: int | None = None
    stride: int | None = None
    fill: str = "grey"
    layer: str | None = None
    filters: tuple[int, ...] = ()
    trust: bool = False
    believed: str | None = None  # the class that a picture's folder names
    title: str = ""
    shape: float = 1.0
