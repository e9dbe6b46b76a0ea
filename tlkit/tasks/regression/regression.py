"""The task `number`: a number an example, or several, in the units of the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from tlkit.data.single_precision import in_float32
from tlkit.errors import DataError, RecipeError
from tlkit.evaluation.metrics import Measures
from tlkit.model.heads import HeadOutput
from tlkit.tasks.costs import Costs
from tlkit.tasks.regression.number_scores import deviations_of, measure
from tlkit.tasks.task import Answer, Columns, Order


@dataclass(frozen=True)
class Regression:
    """A number an example, or several; `deviations` are those of several in the training part.

    Several numbers are learned and scored in units of their deviations, so that none counts for more by its unit.
    The names of several stand where a classifier has those of its classes.
    """

    deviations: tuple[float, ...] = ()

    name = "number"
    watched: ClassVar[Mapping[str, str]] = {"loss": "min", "mae": "min"}
    in_files = True
    wanted = "a finite number"

    @property
    def answer_types(self) -> Mapping[str, str]:
        return {"values": "shares"} if self.deviations else {"value": "double"}

    @property
    def headline(self) -> tuple[str, str]:
        return "mae", "mean absolute error" + (" in standard deviations" if self.deviations else "")

    def fitted(self, targets: np.ndarray) -> Regression:
        several = targets.ndim == 2 and targets.shape[1] > 1
        return replace(self, deviations=tuple(deviations_of(targets).tolist()) if several else ())

    def decided(self, targets: np.ndarray, outputs: Callable[[], np.ndarray], class_names: Sequence[str]) -> Regression:
        return self

    def costing(self, costs: Costs, class_names: Sequence[str]) -> Regression:
        raise RecipeError(["predict.costs: is for classes and labels, and this data is numbers. Leave it out"])

    def page(self, class_names: Sequence[str]) -> Mapping[str, Any]:
        return {"deviations": list(self.deviations)} if self.deviations else {}

    def from_page(self, page: Mapping[str, Any]) -> Regression:
        return Regression(tuple(page.get("deviations", ())))

    def combined(self, columns: Mapping[str, Sequence[Any]], *, where: object) -> list[Any]:
        return list(zip(*columns.values(), strict=True))

    def read(self, cells: Sequence[Any]) -> tuple[list[Any], np.ndarray]:
        """A row of several cells is several numbers, and lacks them where it lacks one."""
        rows = [tuple(each) if isinstance(each, list | tuple | np.ndarray) else (each,) for each in cells]
        width = max(map(len, rows), default=1)
        flat = [value for row in rows for value in (*row, *[None] * (width - len(row)))]
        numbers = pd.to_numeric(pd.Series(flat, dtype=object), errors="coerce").to_numpy(np.float64)
        lacking = ~np.isfinite(in_float32(numbers)).reshape(-1, width).all(axis=1)
        return (numbers.reshape(-1, width) if width > 1 else numbers).tolist(), lacking

    def fault(self, cell: Any) -> str:
        return f"its label is {str(cell)[:20]!r}, expected a number"

    def class_names(self, labels: Sequence[Any], *, where: object, order: Order = sorted) -> tuple[str, ...]:
        """Several numbers that stand in one cell have their places as names."""
        width = max((np.size(each) for each in labels), default=1)
        return tuple(map(str, range(width))) if width > 1 else ()

    def counted(self, class_names: Sequence[str]) -> str:
        return f"{len(class_names)} numbers each" if class_names else ""

    def unknown(self, labels: Sequence[Any], class_names: Sequence[str]) -> list[str]:
        return []

    def array_class_names(self, names: Sequence[str] | None, arrays: Sequence[np.ndarray]) -> tuple[str, ...]:
        widths = sorted({each.shape[1] if each.ndim == 2 else 1 for each in arrays})
        if len(widths) > 1 or (widths[0] > 1 and names is not None and len(names) != widths[0]):
            told = f" and {len(names)} names" if names is not None else ""
            raise DataError(f"targets: expected one count of numbers, found {' and '.join(map(str, widths))}{told}")
        return tuple(map(str, names or range(widths[0]))) if widths[0] > 1 else ()

    def array_targets(self, array: np.ndarray, class_names: Sequence[str]) -> np.ndarray:
        return array.astype(np.float32) if class_names else array.astype(np.float32).reshape(-1)

    def targets(self, labels: Sequence[Any], class_names: Sequence[str]) -> np.ndarray:
        numbers, lacking = self.read(labels)
        if lacking.any():
            raise DataError(f"labels: expected {self._wanted(class_names)}, found {labels[int(lacking.argmax())]!r}")
        return np.asarray(numbers, np.float32)

    def _wanted(self, class_names: Sequence[str]) -> str:
        return f"{len(class_names)} finite numbers an example" if class_names else self.wanted

    def strata(self, labels: Sequence[Any]) -> None:
        return None

    def class_counts(self, targets: np.ndarray, class_names: Sequence[str]) -> dict[str, int]:
        return {}

    def output(self, targets: np.ndarray) -> HeadOutput:
        deviation = deviations_of(targets).tolist()
        if isinstance(deviation, float):
            return {"output": "linear", "mean": float(targets.mean()), "deviation": deviation}
        return {"output": "linear", "mean": tuple(targets.mean(axis=0).tolist()), "deviation": tuple(deviation)}

    def loss(self, label_smoothing: float) -> Any:
        import keras

        return keras.losses.MeanSquaredError() if not self.deviations else self._scaled(keras.ops.square)

    def metrics(self) -> list[Any]:
        import keras

        if not self.deviations:
            return [keras.metrics.MeanAbsoluteError(name="mae")]
        return [keras.metrics.MeanMetricWrapper(self._scaled(keras.ops.abs), name="mae")]

    def _scaled(self, size: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
        """A function of truth and outputs: the mean size of the errors in deviations, an example each."""
        import keras

        scale = np.asarray(self.deviations, np.float32)

        def loss(true: Any, said: Any) -> Any:
            said = keras.ops.cast(said, "float32")
            return keras.ops.mean(size((said - keras.ops.cast(true, "float32")) / scale), axis=-1)

        return loss

    def for_loss(self, targets: np.ndarray, num_outputs: int) -> np.ndarray:
        return targets.astype(np.float32)

    def class_weights(self, targets: np.ndarray, num_outputs: int) -> None:
        return None

    def measure(self, targets: np.ndarray, outputs: np.ndarray, class_names: Sequence[str]) -> Measures:
        return measure(targets, outputs, class_names, self.deviations)

    def errors(self, targets: np.ndarray, outputs: np.ndarray) -> Mapping[str, np.ndarray]:
        sizes = np.abs(outputs.reshape(len(targets), -1) - targets.reshape(len(targets), -1))
        return {"mae": (sizes / (self.deviations or 1.0)).mean(axis=1)}

    def columns(self, targets: np.ndarray | None, outputs: np.ndarray, classes: np.ndarray) -> Columns:
        if outputs.ndim == 2 and outputs.shape[1] > 1:
            return self._columns_of_several(targets, outputs, classes)
        said, true = outputs.reshape(-1), None if targets is None else targets.reshape(-1)
        return {"true": true, "predicted": said, "error": None if true is None else said - true}

    def _columns_of_several(self, targets: np.ndarray | None, outputs: np.ndarray, names: np.ndarray) -> Columns:
        """A column for each number; the error of all is their mean size in deviations."""
        said = {f"predicted_{name}": outputs[:, index] for index, name in enumerate(names)}
        if targets is None:
            return said
        true = {f"true_{name}": targets[:, index] for index, name in enumerate(names)}
        errors = np.abs(outputs - targets) / (self.deviations or deviations_of(targets))
        return {**true, **said, "error": errors.mean(axis=1)}

    def spread(self, outputs: np.ndarray) -> np.ndarray:
        return deviations_of(outputs)

    def output_names(self, class_names: Sequence[str]) -> list[str]:
        return list(class_names) or ["value"]

    def main_output(self, outputs: np.ndarray) -> int:
        return 0

    def answer(self, outputs: np.ndarray, class_names: Sequence[str]) -> Answer:
        if len(outputs) == 1:
            return Answer(f"{float(outputs[0]):.6g}", None, {"value": float(outputs[0])})
        values = {name: float(each) for name, each in zip(class_names, outputs, strict=True)}
        return Answer("  ".join(f"{name} {each:.6g}" for name, each in values.items()), None, {"values": values})
