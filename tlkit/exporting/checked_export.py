"""A model written in other formats, and each of them run: an export that answers otherwise is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from tlkit.engines.predictor import Predictor
from tlkit.errors import ModelError
from tlkit.exporting.exporter import exporter_of
from tlkit.training.trained import Trained

_COUNT, _SEED = 8, 7  # of the inputs that are compared
_TOLERANCE = 1e-4  # of float32, as all export formats compute


@dataclass(frozen=True)
class Exported:
    """What was written, and how far its outputs are from the model's."""

    format: str
    path: Path
    difference: float


def export(model: Trained | Predictor, folder: str | Path, formats: Sequence[str] = ("savedmodel",)) -> list[Exported]:
    """Write a model in each format into a folder, run it there, and compare; one that answers otherwise is an error.

    Example:
        >>> export(tlkit.load_run("latest"), "cats/", ["savedmodel"])[0].difference < 1e-4  # doctest: +SKIP
        True
    """
    exporters = {name: exporter_of(name) for name in formats}
    predictor = model.predictor if isinstance(model, Trained) else model
    if predictor.metadata["input_dtype"] == "string":
        raise ModelError(f"{predictor.name}: takes texts, which no format of export does yet. Serve it with MLflow")
    Path(folder).mkdir(parents=True, exist_ok=True)
    inputs = _drawn(predictor.model)
    wanted = np.asarray(predictor.model.predict_on_batch(inputs if len(inputs) > 1 else inputs[0]), np.float32)
    found = []
    for name, exporter in exporters.items():
        path = exporter.convert(predictor.model, Path(folder) / name)
        difference = float(np.abs(np.asarray(exporter.run(path, inputs), np.float32) - wanted).max())
        if not difference <= _TOLERANCE * max(1.0, float(np.abs(wanted).max())):
            raise ModelError(f"{path}: answers otherwise than the model, by up to {difference:.4g}. Do not use it")
        found.append(Exported(name, path, difference))
    return found


def _drawn(model: keras.Model) -> list[np.ndarray]:
    """A few inputs of the model's shapes and types, by a seed; what may have any length has 64."""
    rng = np.random.default_rng(_SEED)
    drawn = []
    for each in model.inputs:
        shape = (_COUNT, *(side or 64 for side in each.shape[1:]))
        whole = np.dtype(each.dtype).kind in "iu"
        drawn.append((rng.integers(0, 256, shape) if whole else rng.normal(size=shape)).astype(each.dtype))
    return drawn
