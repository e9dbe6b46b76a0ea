"""What a model makes of many examples, by the fastest engine at hand."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from tlkit.data.splits import InputSequence
from tlkit.engines.engine_messages import Outputs
from tlkit.engines.engine_process import EngineProcess
from tlkit.engines.hardware import cpu_has_bf16, gpu_names, has_openvino
from tlkit.errors import EngineError, ModelError
from tlkit.model.further_outputs import View
from tlkit.progress import progress

if TYPE_CHECKING:
    import keras

_BATCH = 32
_FEW = 64  # examples that Keras, if it is here already, has done before the engine's process has started
_log = logging.getLogger(__name__)


class ModelRunner:
    """Called with a sequence of examples, gives the model's outputs: a row each.

    Many examples for a model that lies in a file go to OpenVINO in a process of its own; the rest is Keras in batches.

    Args:
        load: gives the model, once it is needed: where OpenVINO does the work, it is not.
        path: the model's file; without one Keras does all the work.
        engine: "auto", "openvino" or "keras".
        precision: "auto" is bfloat16 on processors that have it and float32 elsewhere; it counts for OpenVINO alone.
        view: what is asked of the file's model; what `load` gives is asked for its outputs.
    """

    def __init__(
        self,
        load: Callable[[], keras.Model],
        path: Path | None = None,
        *,
        engine: str = "auto",
        precision: str = "auto",
        view: View = "outputs",
    ) -> None:
        if engine == "openvino" and (path is None or not has_openvino()):
            raise EngineError("engine: openvino needs the package openvino and a model that lies in a file")
        self._view: View = view
        self._load, self._path, self._forced = load, path, engine == "openvino"
        self._fast = path is not None and engine != "keras" and has_openvino() and (self._forced or not gpu_names())
        self._precision = ("bfloat16" if cpu_has_bf16() else "float32") if precision == "auto" else precision
        self._process: EngineProcess | None = None
        self.seconds = 0.0  # of the passes alone, last time

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.stop()

    def __call__(self, examples: InputSequence, label: str = "Looking") -> np.ndarray:
        with progress(label, len(examples)) as bar:
            return self.outputs(examples, bar)

    def outputs(self, examples: InputSequence, bar: Callable[[int], None] = lambda done: None) -> np.ndarray:
        """A row of outputs for each example; `bar` hears how many there are so far."""
        if self._fast and (self._process or self._forced or len(examples) > _FEW or "keras" not in sys.modules):
            try:
                return self._by_openvino(examples, bar)
            except (EngineError, ModelError) as error:
                if self._forced:
                    raise
                self._fast = False
                _log.info("OpenVINO cannot run this model (%s): Keras does", error)
        return self._by_keras(examples, bar)

    def _by_openvino(self, examples: InputSequence, bar: Callable[[int], None]) -> np.ndarray:
        self._process = self._process or EngineProcess()
        rows: list[Any] = []

        def hear(message: Outputs) -> None:
            rows.extend(message.rows)
            self.seconds = message.seconds
            bar(len(rows))

        assert self._path is not None, "the fast way needs a file"
        job = self._process.begin_answer(self._path, examples, self._precision, self._view)
        self._process.follow(job, hear)
        return np.array(rows, np.float32)

    def _by_keras(self, examples: InputSequence, bar: Callable[[int], None]) -> np.ndarray:
        found = []
        for start in range(0, len(examples), _BATCH):
            batch = np.stack([examples[index] for index in range(start, min(start + _BATCH, len(examples)))])
            found.append(np.asarray(self._load().predict_on_batch(batch), np.float32))
            bar(start + len(batch))
        return np.concatenate(found)
