"""A recorded model as MLflow serves it: pictures in base64, arrays or paths in, class names and probabilities out.

Paths are read below the folder that TLKIT_SERVE_FOLDER names, and only there.
Started by `mlflow models serve --env-manager local --model-uri runs:/RUN/model`; see `tracking.sending.models`.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import BAD_REQUEST

from tlkit.data.side_columns.encoding import encoded
from tlkit.data.splits import paired
from tlkit.errors import DataError
from tlkit.kinds.kind import Kind, as_array, kind_of
from tlkit.model.metadata import Metadata, read_metadata
from tlkit.quiet import load_keras
from tlkit.tasks.task import task_in

FOLDER = "TLKIT_SERVE_FOLDER"
_BATCH = 32
_LONGEST_PATH = 4096
_LONGEST = 32 << 20  # letters of an example in a request
_log = logging.getLogger(__name__)


class Refused(DataError, MlflowException):
    """A request that is not answered, and why, in the one line that the client gets."""

    def __init__(self, reason: str) -> None:
        MlflowException.__init__(self, reason, error_code=BAD_REQUEST)
        self.reason = reason

    def serialize_as_json(self) -> str:
        """Without the request's data, which MLflow puts before the message."""
        return json.dumps({"error_code": self.error_code, "message": self.reason})


class ServedModel:
    """A model with its metadata, in the shape that MLflow asks for.

    Args:
        folder: below it paths in requests are read; without one none is.
    """

    def __init__(self, model: Any, metadata: Metadata, folder: Path | None = None) -> None:
        self._model, self._metadata, self._folder = model, metadata, folder.resolve() if folder else None
        self._task = task_in(metadata)

    @property
    def _kind(self) -> Kind:
        return kind_of(self._metadata["kind"])

    def predict(self, model_input: Any, params: dict[str, object] | None = None) -> list[dict[str, object]]:
        """One answer an example."""
        try:
            return self._answers(model_input)
        except DataError as error:
            raise Refused(" ".join(str(error).split())) from error
        except Exception as error:
            _log.exception("a request that cannot be answered")
            raise Refused("the model cannot answer this request; the server's log says why") from error

    def _answers(self, model_input: Any) -> list[dict[str, object]]:
        examples = model_input.iloc[:, 0].tolist() if isinstance(model_input, pd.DataFrame) else list(model_input)
        columns = self._columns(model_input)
        answers: list[dict[str, Any]] = []
        for start in range(0, len(examples), _BATCH):
            indices = range(start, min(start + _BATCH, len(examples)))
            inputs = paired(np.stack([self._input(index, examples[index]) for index in indices]), columns, indices)
            answers += [self._answer(row) for row in np.asarray(self._model.predict_on_batch(inputs), np.float64)]
        return answers

    def _columns(self, model_input: Any) -> np.ndarray | None:
        """What stands beside the examples, where the model takes anything there."""
        if not self._metadata.get("beside"):
            return None
        kinds = self._metadata["beside"]["columns"]
        if not isinstance(model_input, pd.DataFrame):
            raise DataError(f"expected a row with {', '.join(kinds)} for each example; send dataframe_split")
        columns, bad = encoded(model_input, kinds, list(map(str, model_input.index)), "request")
        if bad:
            raise DataError("; ".join(bad.values()))
        return columns

    def _input(self, index: int, example: Any) -> np.ndarray:
        if isinstance(example, str):
            path = self._served(example)
            return self._decoded(index, example) if path is None else self._at(index, path)
        try:
            return as_array(example, self._metadata)
        except DataError as error:
            raise DataError(f"example {index}: {error}") from error

    def _served(self, text: str) -> Path | None:
        """The path that a text is, if it leads to something below the folder."""
        if self._folder is None or len(text) >= _LONGEST_PATH:
            return None
        try:
            path = (self._folder / text).resolve()
            return path if path.is_relative_to(self._folder) and path.exists() else None
        except (OSError, ValueError):  # no name of a file
            return None

    def _at(self, index: int, path: Path) -> np.ndarray:
        if self._kind.inputs_at is None:
            raise DataError(f"example {index}: expected numbers, this model has learned from arrays")
        try:
            found = list(self._kind.inputs_at(path, self._metadata))
            inputs = found[0][1]() if len(found) == 1 else None
        except DataError as error:  # tells what the file holds
            raise DataError(f"example {index}: what lies at this path cannot be read as this model's input") from error
        if inputs is None:
            raise DataError(f"example {index}: expected one example at this path, found {len(found)}")
        return inputs

    def _decoded(self, index: int, text: str) -> np.ndarray:
        wanted = f"a path below the folder that the server was told of ({FOLDER})"
        if len(text) > _LONGEST:
            raise DataError(f"example {index}: {len(text):,} letters, at most {_LONGEST:,} are read")
        if self._kind.is_string:
            return self._kind.input_of(text, self._metadata)
        if self._kind.decoded is None:
            raise DataError(f"example {index}: expected {wanted}")
        try:
            return self._kind.decoded(text, self._metadata)
        except DataError as error:
            raise DataError(f"example {index}: {error}, nor {wanted}") from error

    def _answer(self, row: np.ndarray) -> dict[str, object]:
        return dict(self._task.answer(row, self._metadata["class_names"]).served)


def _load_pyfunc(path: str) -> ServedModel:
    """The name by which MLflow asks; `path` is the model's folder or the data within."""
    load_keras()
    from tlkit.model.saving import load_model

    home = Path(path)
    file = home if home.is_file() else next(home.rglob("model.keras"))
    folder = os.environ.get(FOLDER)
    return ServedModel(load_model(file)[0], read_metadata(file), Path(folder) if folder else None)
