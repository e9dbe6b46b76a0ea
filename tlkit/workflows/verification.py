"""The saved file held against what was scored, while the rest of a run is written down."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tlkit.evaluation.verifying import verify
from tlkit.model.saving import load_model
from tlkit.training.engine_process import EngineProcess
from tlkit.workflows.recording import Trained

_EXAMPLES = 64


class FileCheck:
    """A saved model's outputs on raw test examples, from a process of its own where OpenVINO can run it."""

    def __init__(self, path: Path, trained: Trained, process: EngineProcess | None) -> None:
        self._path, self._process = path, process
        self._places = np.arange(min(_EXAMPLES, len(trained.splits.test)))
        self._raw = trained.splits.test.load(self._places)
        self._outputs: np.ndarray | None = None
        if process is not None:
            process.begin_reload(path, self._raw)

    def difference(self, trained: Trained) -> float:
        """The largest difference to the scored outputs; a `VerificationError` past the tolerance."""
        outputs = self._loaded_outputs()
        spread = float(trained.outputs.std()) or 1.0 if trained.splits.info.task == "number" else 1.0
        return verify(outputs, trained.outputs[self._places], precision=trained.precision, spread=spread)

    def _loaded_outputs(self) -> np.ndarray:
        if self._outputs is None and self._process is not None:
            self._outputs = self._process.reloaded()
        if self._outputs is None:
            model, _ = load_model(self._path)
            self._outputs = np.asarray(model.predict_on_batch(self._raw), np.float32)
        return self._outputs
