"""What MLflow is told of a run's model, so that `mlflow models serve` can answer with it."""

from __future__ import annotations

import base64
import importlib.metadata
import io
from typing import Any

import numpy as np
from PIL import Image

from tlkit import catalog
from tlkit.data.side_columns.layout import told
from tlkit.data.splits import Examples, Info, Splits
from tlkit.layers.alphabet import ALPHABET
from tlkit.model.metadata import page_of
from tlkit.report.about import About
from tlkit.tasks.task import task_of
from tlkit.tracking import RecordedModel

_NEEDED = ("tlkit", "keras", "tensorflow", "numpy", "pandas", "pillow")
_LARGEST = 20_000  # values of an example that is written out


def logged_model(splits: Splits, about: About, *, step: int) -> RecordedModel:
    """The model file as the record is to know it."""
    info, test = splits.info, splits.test
    text = info.kind in catalog.KINDS
    return RecordedModel(
        name="model",
        file="model.keras",
        loader="tlkit.serving.mlflow_loader",
        input="text" if text else {"dtype": info.input_dtype, "shape": list(info.input_shape)},
        output=dict(task_of(info.task).answer_types),
        example=_text_example(info.kind, test) if text else _array_example(test),
        beside=_beside(info, test) if text and info.beside else {},
        requirements=[f"{name}=={importlib.metadata.version(name)}" for name in _NEEDED],
        keras=importlib.metadata.version("keras"),
        facts=page_of(info, name=about.recipe),
        step=step,
        register=about.register_as,
    )


def _text_example(kind: str, test: Examples) -> str | None:
    """A picture of the test split as base64, a text or letters as they are; None for kinds that are read from files."""
    values = test.load([0])[0]
    if kind == "image":
        return _encoded(values)
    if kind == "text":
        return str(values)
    return "".join(list(ALPHABET)[code] for code in values) if kind == "dna" else None


def _beside(info: Info, test: Examples) -> dict[str, Any]:
    """The columns beside the input, each with its type and what stands beside the example."""
    kinds = info.beside["columns"]
    types = {name: "double" if words is None else "string" for name, words in kinds.items()}
    return {"types": types, "example": told(test.beside[0], kinds)}


def _encoded(pixels: np.ndarray) -> str:
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return base64.b64encode(file.getvalue()).decode("ascii")


def _array_example(test: Examples) -> Any:
    values = test.load([0])[0]
    return values.tolist() if values.size <= _LARGEST else None
