"""A recorded model as MLflow serves it: pictures, paths or arrays in, class names and probabilities out.

Started by `mlflow models serve --env-manager local --model-uri runs:/RUN/model`; see `tracking.models`.
"""

from __future__ import annotations

import base64
import binascii
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tlkit import catalog
from tlkit.data.beside import encoded
from tlkit.data.pictures import read_picture
from tlkit.data.splits import paired
from tlkit.errors import DataError
from tlkit.quiet import load_keras

_BATCH = 32


class Server:
    """A model with its facts, in the shape that MLflow asks for."""

    def __init__(self, model: Any, facts: dict[str, Any]) -> None:
        self._model, self._facts = model, facts

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """One answer an example."""
        examples = model_input.iloc[:, 0].tolist() if isinstance(model_input, pd.DataFrame) else list(model_input)
        columns = self._columns(model_input)
        answers: list[dict[str, Any]] = []
        for start in range(0, len(examples), _BATCH):
            places = range(start, min(start + _BATCH, len(examples)))
            inputs = paired(np.stack([self._input(examples[place]) for place in places]), columns, places)
            answers += [self._answer(row) for row in np.asarray(self._model.predict_on_batch(inputs), np.float64)]
        return answers

    def _columns(self, model_input: Any) -> np.ndarray | None:
        """What stands beside the examples, where the model takes anything there."""
        if not self._facts.get("beside"):
            return None
        kinds = self._facts["beside"]["columns"]
        if not isinstance(model_input, pd.DataFrame):
            raise DataError(f"expected a row with {', '.join(kinds)} for each example; send dataframe_split")
        columns, bad = encoded(model_input, kinds, list(map(str, model_input.index)), "request")
        if bad:
            raise DataError("; ".join(bad.values()))
        return columns

    def _input(self, example: Any) -> np.ndarray:
        if isinstance(example, str):
            return self._at(Path(example)) if _is_path(example) else self._decoded(example)
        values = np.asarray(example, self._facts["input_dtype"])
        if values.shape != tuple(self._facts["input_shape"]):
            raise DataError(f"expected inputs of shape {tuple(self._facts['input_shape'])}, found {values.shape}")
        return values

    def _at(self, path: Path) -> np.ndarray:
        read = catalog.resolve(self._facts["kind"], catalog.KINDS, kind="kind of data")
        found = list(read(path, self._facts))
        if len(found) != 1:
            raise DataError(f"{path}: expected one example, found {len(found)}")
        return found[0][1]()

    def _decoded(self, text: str) -> np.ndarray:
        kind = self._facts["kind"]
        if kind in ("dna", "text"):
            return catalog.resolve(kind, catalog.INPUTS, kind="kind of data")(text, self._facts)
        if kind != "image":
            raise DataError(f"'{text[:60]}': no such file")
        height, width, channels = self._facts["input_shape"]
        try:
            content = base64.b64decode(text.partition("base64,")[2] or text, validate=True)
            return read_picture(io.BytesIO(content), (height, width), channels)
        except (binascii.Error, ValueError, DataError) as error:
            raise DataError(f"'{text[:60]}': neither a file here nor a picture in base64") from error

    def _answer(self, row: np.ndarray) -> dict[str, Any]:
        if self._facts["task"] == "number":
            return {"value": float(row[0])}
        names = self._facts["class_names"]
        shares = {name: round(float(value), 6) for name, value in zip(names, row, strict=True)}
        if self._facts["task"] == "labels":
            return {"classes": [name for name, value in shares.items() if value >= 0.5], "probabilities": shares}
        best = int(row.argmax())
        return {"class": names[best], "probability": shares[names[best]], "probabilities": shares}


def _is_path(text: str) -> bool:
    try:
        return len(text) < 4096 and Path(text).exists()
    except OSError:  # longer than a name may be
        return False


def _load_pyfunc(path: str) -> Server:
    """The name by which MLflow asks; `path` is the model's folder or the data within."""
    load_keras()
    from tlkit.model.saving import load_model

    home = Path(path)
    file = home if home.is_file() else next(home.rglob("model.keras"))
    return Server(*load_model(file))
