"""A model that answers requests, whatever runs it: its sessions, what its inputs and outputs mean, and its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlkit.data.side_columns.layout import width_of
from tlkit.errors import DataError
from tlkit.kinds.kind import Kind, kind_in
from tlkit.model.metadata import Metadata
from tlkit.serving.request_batches import Rows, Session
from tlkit.tasks.task import Task, task_in

_ANY = 64  # the length of what may have any
Json = Mapping[str, Any]  # what is told in JSON


@dataclass(frozen=True)
class InputSpec:
    """One input of a model: an example's shape, without the batch axis."""

    name: str
    shape: Sequence[int | None]
    dtype: str


@dataclass(frozen=True)
class ServedModel:
    """What a service answers with.

    Args:
        file: what runs, in words: `openvino float32`.
        sessions: that answer side by side.
        outputs: what each output of a session is: `outputs` first, and maybe `unknown` and `features`.
        unknown: the score above which an example is like nothing that was learned from; None where nothing tells.
    """

    name: str
    version: str
    file: str
    metadata: Metadata
    sessions: Sequence[Session]
    outputs: Sequence[str] = ("outputs",)
    unknown: float | None = None

    @property
    def kind(self) -> Kind:
        """What is looked at."""
        return kind_in(self.metadata)

    @property
    def task(self) -> Task:
        """What is answered."""
        return task_in(self.metadata)

    @property
    def class_names(self) -> list[str]:
        """The names of its outputs, in their order."""
        return self.metadata["class_names"]

    @property
    def inputs(self) -> list[InputSpec]:
        """What goes in: the examples, and columns beside them."""
        first = InputSpec("input", self.metadata["input_shape"], self.metadata["input_dtype"])
        beside = self.metadata.get("beside")
        width = width_of(beside["columns"]) if beside else 0
        return [first, InputSpec("beside", [width], "float32")] if width else [first]

    def answer(self, rows: Rows) -> Json:
        """What one example's rows of outputs say."""
        outputs = np.asarray(rows[0], np.float64)
        if not np.isfinite(outputs).all():
            raise DataError("the model's answer to this example is not a number")
        return {**self.task.answer(outputs, self.class_names).served, **self._doubt(rows)}

    def warm_up(self) -> None:
        """Answer once before anybody asks, so that whatever is loaded late is there, and what cannot answer is seen."""
        blank = [np.zeros([1, *(each or _ANY for each in spec.shape)], _dtype(spec)) for spec in self.inputs]
        for session in self.sessions:
            rows = [each[0] for each in session.outputs(blank)]
        self.task.answer(np.asarray(rows[0], np.float64), self.class_names)
        self.kind.draw(blank[0][0])

    def description(self) -> Json:
        """What a client may want to know."""
        page, beside = self.metadata, self.metadata.get("beside")
        return {
            "name": self.name, "version": self.version, "file": self.file, "kind": page["kind"], "task": page["task"],
            "class_names": self.class_names, "input_shape": page["input_shape"], "input_dtype": page["input_dtype"],
            "is_picture": self.kind.is_picture, "is_text": self.kind.is_string,
            "beside": beside["columns"] if beside else {}, "unknown_threshold": self.unknown,
        }  # fmt: skip

    def row(self, name: str, rows: Rows) -> np.ndarray | None:
        """One of the rows by the name of its output."""
        return rows[self.outputs.index(name)] if name in self.outputs else None

    def _doubt(self, rows: Rows) -> Json:
        score = self.row("unknown", rows)
        if self.unknown is None or score is None:
            return {}
        return {"unknown": float(score), "known": bool(score <= self.unknown)}


def _dtype(spec: InputSpec) -> str:
    return "<U1" if spec.dtype == "string" else spec.dtype
