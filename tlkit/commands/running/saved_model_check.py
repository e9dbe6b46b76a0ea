"""The model file: written, loaded again and held against what was scored, while the rest of a run is written down."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tlkit.engines.engine_process import EngineProcess
from tlkit.errors import TlkitError
from tlkit.model.metadata import page_of
from tlkit.model.saving import load_model
from tlkit.tasks.task import task_of
from tlkit.training.judging import Evaluation
from tlkit.training.trained import Trained

_EXAMPLES = 64
TOLERANCE = {"float32": 0.001, "bfloat16": 0.03, "float16": 0.03}


class VerificationError(TlkitError):
    """The saved model does not do what the scored one did."""


class SavedFile:
    """A run's model file and its outputs on raw test examples, by the worker process where OpenVINO can run the net.

    Where the backbone stayed frozen, the worker has it built already, so that it also puts the file together.
    """

    def __init__(self, trained: Trained, name: str, process: EngineProcess | None, folder: Path) -> None:
        self._builder, self._name, self._process = trained.builder, name, process
        self._path = folder / "model.keras"
        count = min(_EXAMPLES, len(trained.splits.test))
        self._examples = trained.splits.test.take(range(count))
        builder, page = trained.builder, page_of(trained.splits.info, name=name)
        if process is not None and not builder.built:
            job = (trained.setup.backbone, builder.head, builder.head_weights(), self._path.absolute())
            process.begin_finish(*job, page, builder.known, self._examples)
        else:
            builder.save(folder, name)
            if process is not None:
                process.begin_reload(self._path, self._examples)

    def difference(self, evaluation: Evaluation) -> float:
        """The largest difference to the scored outputs; a `VerificationError` past the tolerance."""
        outputs, scored = self._loaded_outputs(), evaluation.outputs
        spread = task_of(evaluation.info.task).spread(scored)
        return verify(outputs, scored[: len(outputs)], precision=evaluation.precision, spread=spread)

    def _loaded_outputs(self) -> np.ndarray:
        outputs = self._process.reloaded() if self._process is not None else None
        if outputs is not None:
            return outputs
        if not self._path.is_file():
            self._builder.save(self._path.parent, self._name)
        model, _ = load_model(self._path)
        return np.asarray(model.predict_on_batch(self._examples.fed(range(len(self._examples)))), np.float32)


def verify(saved: np.ndarray, scored: np.ndarray, *, precision: str, spread: np.ndarray | float = 1.0) -> float:
    """The largest difference between two sets of outputs; a `VerificationError` if it is past the tolerance.

    `spread` is the width of the outputs' range, of all or of each: 1 for probabilities.

    Example:
        >>> verify(np.array([[0.5]]), np.array([[0.5]]), precision="float32")
        0.0
    """
    difference = float((np.abs(saved - scored) / spread).max())
    if not difference <= TOLERANCE[precision]:
        raise VerificationError(
            f"the saved model's outputs differ from the scored ones by up to {difference:.4f} "
            f"(allowed for {precision}: {TOLERANCE[precision]}). The file cannot be trusted; "
            "try train.precision: float32 and report this"
        )
    return difference
