"""The task `labels`: any number of labels an example, a probability for each of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from tlkit.errors import DataError
from tlkit.evaluation.probabilities import probability_columns, shares
from tlkit.tasks.multi_label.label_scores import THRESHOLD, measure
from tlkit.tasks.task import Answer, Order


class MultiLabel:
    """Any number of labels an example."""

    name = "labels"
    watched: ClassVar[Mapping[str, str]] = {"loss": "min", "accuracy": "max"}
    in_files = False
    wanted = "labels"
    answer_types: ClassVar[Mapping[str, str]] = {"classes": "strings", "probabilities": "shares"}
    measure = staticmethod(measure)

    def read(self, cells: Sequence[Any]) -> tuple[list[Any], np.ndarray]:
        return list(cells), np.zeros(len(cells), bool)

    def fault(self, cell: Any) -> str:
        return "no labels"

    def class_names(self, labels: Sequence[Any], *, where: object, order: Order = sorted) -> tuple[str, ...]:
        return tuple(order({str(name) for row in labels for name in row}))

    def array_class_names(self, names: Sequence[str] | None, arrays: Sequence[np.ndarray]) -> tuple[str, ...]:
        count = arrays[0].shape[1]
        if names is not None and len(names) != count:
            raise DataError(f"class_names: expected {count} for rows of {count} flags, found {len(names)}")
        return tuple(names or (str(i) for i in range(count)))

    def array_targets(self, array: np.ndarray, class_names: Sequence[str]) -> np.ndarray:
        return array.astype(np.float32)

    def targets(self, labels: Sequence[Any], class_names: Sequence[str]) -> np.ndarray:
        places = {name: index for index, name in enumerate(class_names)}
        targets = np.zeros((len(labels), len(places)), np.float32)
        for row, names in enumerate(labels):
            targets[row, [places[str(name)] for name in names]] = 1.0
        return targets

    def strata(self, labels: Sequence[Any]) -> None:
        return None

    def class_counts(self, targets: np.ndarray, class_names: Sequence[str]) -> dict[str, int]:
        counts = np.asarray(targets).sum(0).astype(int)
        return dict(zip(class_names, counts.tolist(), strict=True))

    def output(self, targets: np.ndarray) -> dict[str, Any]:
        return {"output": "sigmoid"}

    def loss(self, label_smoothing: float) -> Any:
        import keras

        return keras.losses.BinaryCrossentropy(label_smoothing=label_smoothing)

    def metrics(self) -> list[Any]:
        import keras

        return [keras.metrics.BinaryAccuracy(name="accuracy")]

    def for_loss(self, targets: np.ndarray, num_outputs: int) -> np.ndarray:
        return targets.astype(np.float32)

    def class_weights(self, targets: np.ndarray, num_outputs: int) -> None:
        return None

    def columns(self, targets: np.ndarray | None, outputs: np.ndarray, classes: np.ndarray) -> dict[str, Any]:
        """The probability is that of the whole set of labels, taken as independent of each other."""
        said, true = outputs >= THRESHOLD, None if targets is None else targets >= THRESHOLD
        return {
            "true": None if true is None else _listed(true, classes),
            "predicted": _listed(said, classes),
            "probability": np.where(said, outputs, 1 - outputs).prod(1),
            "correct": None if true is None else (said == true).all(1),
            **probability_columns(outputs, classes),
        }

    def spread(self, outputs: np.ndarray) -> float:
        return 1.0

    def answer(self, outputs: np.ndarray, class_names: Sequence[str]) -> Answer:
        chosen = [each for each, value in zip(class_names, outputs, strict=True) if value >= THRESHOLD]
        return Answer(
            " ".join(chosen) or "none", None, {"classes": chosen, "probabilities": shares(outputs, class_names)}
        )


def _listed(flags: np.ndarray, classes: np.ndarray) -> list[str]:
    return [", ".join(map(str, classes[row])) for row in flags]
