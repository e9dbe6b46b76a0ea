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

from tlkit.data.splits import paired
from tlkit.errors import DataError
from tlkit.model.metadata import Metadata, read_metadata
from tlkit.quiet import load_keras
from tlkit.serving.request_examples import ExampleReader
from tlkit.tasks.task import task_in

FOLDER = "TLKIT_SERVE_FOLDER"
_BATCH = 32
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
        self._model, self._metadata, self._task = model, metadata, task_in(metadata)
        folders = [folder.resolve()] if folder else []
        self._reader = ExampleReader(metadata, folders, told_by=FOLDER, rows_as="dataframe_split")

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
        columns = self._reader.columns(model_input if isinstance(model_input, pd.DataFrame) else None)
        answers: list[dict[str, Any]] = []
        for start in range(0, len(examples), _BATCH):
            indices = range(start, min(start + _BATCH, len(examples)))
            read = np.stack([self._reader.input_of(index, examples[index]) for index in indices])
            outputs = self._model.predict_on_batch(paired(read, columns, indices))
            answers += [self._answer(row) for row in np.asarray(outputs, np.float64)]
        return answers

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
