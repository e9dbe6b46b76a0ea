"""What a format of files is asked for; formats of other packages (entry points `tlkit.exporters`) keep to the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import keras
import numpy as np

from tlkit import catalog


class Exporter(Protocol):
    """One format: writes a model, and runs what it wrote, so that its answers are compared the same way for all."""

    def convert(self, model: keras.Model, path: Path) -> Path:
        """Write the model at this path, which names no file yet and has no ending; what was written."""
        ...

    def run(self, path: Path, inputs: Sequence[np.ndarray]) -> np.ndarray:
        """The outputs of what was written for batches of raw inputs, one for each input of the model."""
        ...


def exporter_of(format: str) -> Exporter:
    """The exporter of this name."""
    found: Exporter = catalog.resolve(format, catalog.EXPORTERS, kind="format")()
    return found
