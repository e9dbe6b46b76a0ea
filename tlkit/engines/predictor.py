"""A recorded model put to use, on examples of any kind."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tlkit.data.splits import InputSequence, paired
from tlkit.engines.inference import ModelRunner
from tlkit.errors import DataError
from tlkit.kinds.kind import Inputs, kind_in
from tlkit.model.further_outputs import View, viewed
from tlkit.model.known import KnownExamples, read_known
from tlkit.model.metadata import Metadata, read_metadata
from tlkit.quiet import load_keras
from tlkit.tasks.task import task_in
from tlkit.tracking import lookup

_BATCH = 32


@dataclass(frozen=True)
class Prediction:
    """What the model says of one example, and how far that is from what it has learned from, where it knows."""

    name: str
    label: str
    probability: float | None
    outputs: np.ndarray
    unknown: float | None = None
    known: bool | None = None  # whether it is as near as 95 % of validation


class Predictor:
    """A model with what its inputs and outputs mean, ready to predict; made by `load_run` and `load_model`."""

    def __init__(
        self,
        metadata: Metadata,
        *,
        path: Path | None = None,
        model: Any = None,
        known: KnownExamples | None = None,
        name: str = "this model",
    ) -> None:
        self.metadata, self.path, self.name, self._model, self._known = metadata, path, name, model, known
        self._views: dict[View, Any] = {}
        self.kind = kind_in(metadata)
        self.class_names: list[str] = self.metadata["class_names"]
        self.task = task_in(self.metadata)

    @property
    def facts(self) -> Metadata:
        """The metadata, by the name they had before."""
        return self.metadata

    @functools.cached_property
    def model(self) -> Any:
        """The Keras model, loaded when it is first asked for."""
        if self._model is not None:
            return self._model
        load_keras()
        from tlkit.model.saving import load_model

        assert self.path is not None, "a model or its file is given"
        return load_model(self.path)[0]

    @functools.cached_property
    def known(self) -> KnownExamples | None:
        """What it has learned from; None where its file does not say."""
        return read_known(self.path) if self.path is not None else self._known

    @property
    def view(self) -> View:
        """What is asked of the model for predictions: its outputs, and behind them the distance to what is known."""
        return "unknown" if self.known else "outputs"

    def answers(self, view: View = "outputs") -> ModelRunner:
        """The model's outputs for many examples, by the fastest engine at hand, as the file computes them."""
        path = None if self.metadata["input_dtype"] == "string" else self.path
        return ModelRunner(lambda: self.viewed(view), path, precision="float32", view=view)

    def viewed(self, view: View) -> Any:
        """The Keras model as it is asked for this, the same one each time."""
        if view not in self._views:
            self._views[view] = viewed(self.model, view, self.known)
        return self._views[view]

    def predict(self, examples: Sequence[Any] | np.ndarray, beside: Any = None) -> list[Prediction]:
        """Predictions for paths of files or folders, PIL pictures, or arrays of one example each.

        A path gives one prediction for each example in it: one for a picture, as many as it has rows for a table.
        A model that has learned from columns beside its input takes them as a DataFrame with a row for each example in
        their order, or as the path of a table that names them.

        Example:
            >>> load_run("latest").predict(["cat.jpg"])[0].label  # doctest: +SKIP
            'cats'
        """
        inputs = [pair for index, each in enumerate(examples) for pair in self._inputs(index, each)]
        columns, bad = self.columns([name for name, _ in inputs], beside)
        if bad:
            raise DataError("\n".join(f"{name}: {why}" for name, why in bad.items()))
        found: list[Prediction] = []
        for start in range(0, len(inputs), _BATCH):
            indices = range(start, min(start + _BATCH, len(inputs)))
            values = np.stack([inputs[index][1]() for index in indices])
            rows = self.viewed(self.view).predict_on_batch(paired(values, columns, indices))
            found += self.predictions([inputs[index][0] for index in indices], np.asarray(rows, np.float32))
        return found

    def columns(self, names: Sequence[str], beside: Any) -> tuple[np.ndarray | None, dict[str, str]]:
        """The columns beside examples of these names as the model takes them, and what is wrong with some."""
        if beside is None and not self.metadata.get("beside"):
            return None, {}
        from tlkit.data.side_columns.joining import columns_beside

        return columns_beside(names, self.metadata, beside)

    def outputs(self, inputs: Any) -> np.ndarray:
        """The model's raw outputs for a batch of inputs, or a pair of inputs and columns."""
        return np.asarray(self.model.predict_on_batch(inputs), np.float32)

    def inputs_at(self, path: Path) -> Inputs:
        """The examples in a file or folder: each one's name, and what reads it as this model takes it."""
        if self.kind.inputs_at is None:
            raise DataError(f"{self.name}: learned from arrays; give arrays from Python (tlkit.load_run)")
        return self.kind.inputs_at(path, self.metadata)

    def _inputs(self, index: int, example: Any) -> Iterable[tuple[str, Callable[[], np.ndarray]]]:
        if isinstance(example, Path) or (isinstance(example, str) and not self.kind.is_string):
            return self.inputs_at(Path(example))
        return [(str(index), functools.partial(self.kind.input_of, example, self.metadata))]

    def split(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Rows of the model's `view` as its outputs, and the distance of each to what is known."""
        return (rows[..., :-1], rows[..., -1]) if self.known else (rows, None)

    def predictions(self, names: Sequence[str], rows: Iterable[np.ndarray]) -> list[Prediction]:
        """What the model says of examples of these names, by the rows of its `view`."""
        return [self._prediction(name, row) for name, row in zip(names, rows, strict=True)]

    def _prediction(self, name: str, row: np.ndarray) -> Prediction:
        outputs, distance = self.split(row)
        said = self.task.answer(outputs, self.class_names)
        unknown = None if distance is None else float(distance)
        known = unknown <= self.known.threshold if self.known and unknown is not None else None
        return Prediction(name, said.text, said.probability, outputs, unknown, known)


class RunPredictor(Predictor):
    """A recorded run's model."""

    def __init__(self, path: Path, run: lookup.Run, root: Path) -> None:
        super().__init__(read_metadata(path), path=path, name=f"run {run.id[:8]}")
        self.run, self.root = run, root


def load_run(run: str = "latest", root: str | Path = "mlruns") -> RunPredictor:
    """The model of a run: its id, a unique prefix of one, or `latest`."""
    found = lookup.find(run, Path(root))
    return RunPredictor(lookup.fetch(found, "model.keras", Path(root)), found, Path(root))


def load_model(path: str | Path) -> Predictor:
    """The model in a file that tlkit wrote: `model.keras` of a run, or what `trained.save` left."""
    return Predictor(read_metadata(Path(path)), path=Path(path), name=str(path))


def answered(
    predictor: Predictor, answers: ModelRunner, inputs: InputSequence, columns: np.ndarray | None, indices: Any
) -> np.ndarray:
    """A row of outputs for each input: by the fastest engine, or by Keras where columns stand beside them."""
    if columns is None:
        return answers.outputs(inputs)
    return predictor.outputs(paired(np.stack([inputs[i] for i in range(len(inputs))]), columns, indices))
