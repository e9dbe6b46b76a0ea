"""The model file: written, loaded again and held against what was scored, while the rest of a run is written down."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tlkit.engines.engine_process import EngineProcess
from tlkit.evaluation.verifying import verify
from tlkit.model.saving import load_model
from tlkit.report.artifacts import page_of, save_parts
from tlkit.tasks.task import task_of
from tlkit.training.model_builder import Construction
from tlkit.training.setup import Setup
from tlkit.training.trained import Trained

_EXAMPLES = 64


class SavedFile:
    """A run's model file and its outputs on raw test examples, by the worker process where OpenVINO can run the net.

    Where the backbone stayed frozen, the worker has it built already, so that it also puts the file together.
    """

    def __init__(
        self, setup: Setup, construction: Construction, trained: Trained, process: EngineProcess | None, folder: Path
    ) -> None:
        self._setup, self._construction, self._process = setup, construction, process
        self._path = folder / "model.keras"
        count = min(_EXAMPLES, len(trained.splits.test))
        self._examples = trained.splits.test.take(range(count))
        if process is not None and not construction.built:
            weights = construction.head_weights()
            job = (setup.front, construction.head, weights, self._path.absolute(), page_of(setup), self._examples)
            process.begin_finish(*job)
        else:
            save_parts(setup, construction.parts(), folder)
            if process is not None:
                process.begin_reload(self._path, self._examples)

    def difference(self, trained: Trained) -> float:
        """The largest difference to the scored outputs; a `VerificationError` past the tolerance."""
        outputs = self._loaded_outputs()
        spread = task_of(trained.splits.info.task).spread(trained.outputs)
        return verify(outputs, trained.outputs[: len(outputs)], precision=trained.precision, spread=spread)

    def _loaded_outputs(self) -> np.ndarray:
        outputs = self._process.reloaded() if self._process is not None else None
        if outputs is not None:
            return outputs
        if not self._path.is_file():
            save_parts(self._setup, self._construction.parts(), self._path.parent)
        model, _ = load_model(self._path)
        return np.asarray(model.predict_on_batch(self._examples.fed(range(len(self._examples)))), np.float32)
