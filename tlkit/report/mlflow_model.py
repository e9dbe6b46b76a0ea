"""What MLflow is told of a run's model, so that `mlflow models serve` can answer with it."""

from __future__ import annotations

import importlib.metadata
from typing import Any

import numpy as np

from tlkit.data.side_columns.layout import told
from tlkit.data.splits import Examples, Info, Splits
from tlkit.kinds.kind import kind_of
from tlkit.model.metadata import page_of
from tlkit.report.about import About
from tlkit.tasks.task import task_for
from tlkit.tracking import RecordedModel

_NEEDED = ("tlkit", "keras", "tensorflow", "numpy", "pandas", "pillow")
_LARGEST = 20_000  # values of an example that is written out


def logged_model(splits: Splits, about: About, *, step: int) -> RecordedModel:
    """The model file as the record is to know it."""
    info, test = splits.info, splits.test
    kind, example = kind_of(info.kind), test.load([0])[0]
    text = kind.inputs_at is not None  # else requests hold arrays
    return RecordedModel(
        name="model",
        file="model.keras",
        loader="tlkit.serving.mlflow_loader",
        input="text" if text else {"dtype": info.input_dtype, "shape": list(info.input_shape)},
        output=dict(task_for(info).answer_types),
        example=kind.encoded(np.asarray(example)) if text else _array_example(example),
        beside=_beside(info, test) if text and info.beside else {},
        requirements=[f"{name}=={importlib.metadata.version(name)}" for name in _NEEDED],
        keras=importlib.metadata.version("keras"),
        metadata=page_of(info, name=about.recipe),
        step=step,
        register=about.register_as,
    )


def _beside(info: Info, test: Examples) -> dict[str, object]:
    """The columns beside the input, each with its type and what stands beside the example."""
    assert test.beside is not None, "said by the info"
    kinds = info.beside["columns"]
    types = {name: "double" if words is None else "string" for name, words in kinds.items()}
    return {"types": types, "example": told(test.beside[0], kinds)}


def _array_example(values: np.ndarray) -> Any:
    return values.tolist() if values.size <= _LARGEST else None
