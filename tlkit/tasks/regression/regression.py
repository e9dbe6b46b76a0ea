"""The task `number`: a number an example, in the units of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from tlkit.data.single_precision import in_float32
from tlkit.tasks.regression.number_scores import measure
from tlkit.tasks.task import Answer, Order


class Regression:
    """A number an example."""

    name = "number"
    watched: ClassVar[Mapping[str, str]] = {"loss": "min", "mae": "min"}
    in_files = True
    wanted = "a finite number"
    answer_types: ClassVar[Mapping[str, str]] = {"value": "double"}
    measure = staticmethod(measure)

    def read(self, cells: Sequence[Any]) -> tuple[list[float], np.ndarray]:
        numbers = pd.to_numeric(pd.Series(list(cells), dtype=object), errors="coerce").to_numpy(np.float64)
        return numbers.tolist(), ~np.isfinite(in_float32(numbers))

    def fault(self, cell: Any) -> str:
        return f"its label is {str(cell)[:20]!r}, expected a number"

    def class_names(self, labels: Sequence[Any], *, where: object, order: Order = sorted) -> tuple[str, ...]:
        return ()

    def array_class_names(self, names: Sequence[str] | None, arrays: Sequence[np.ndarray]) -> tuple[str, ...]:
        return ()

    def array_targets(self, array: np.ndarray, class_names: Sequence[str]) -> np.ndarray:
        return array.astype(np.float32).reshape(-1)

    def targets(self, labels: Sequence[Any], class_names: Sequence[str]) -> np.ndarray:
        return np.asarray(list(labels), np.float32)

    def strata(self, labels: Sequence[Any]) -> None:
        return None

    def class_counts(self, targets: np.ndarray, class_names: Sequence[str]) -> dict[str, int]:
        return {}

    def output(self, targets: np.ndarray) -> dict[str, Any]:
        return {"output": "linear", "mean": float(targets.mean()), "deviation": self.spread(targets)}

    def loss(self, label_smoothing: float) -> Any:
        import keras

        return keras.losses.MeanSquaredError()

    def metrics(self) -> list[Any]:
        import keras

        return [keras.metrics.MeanAbsoluteError(name="mae")]

    def for_loss(self, targets: np.ndarray, num_outputs: int) -> np.ndarray:
        return targets.astype(np.float32)

    def class_weights(self, targets: np.ndarray, num_outputs: int) -> None:
        return None

    def columns(self, targets: np.ndarray | None, outputs: np.ndarray, classes: np.ndarray) -> dict[str, Any]:
        said, true = outputs.reshape(-1), None if targets is None else targets.reshape(-1)
        return {"true": true, "predicted": said, "error": None if true is None else said - true}

    def spread(self, outputs: np.ndarray) -> float:
        return float(outputs.std()) or 1.0

    def answer(self, outputs: np.ndarray, class_names: Sequence[str]) -> Answer:
        return Answer(f"{float(outputs[0]):.6g}", None, {"value": float(outputs[0])})
