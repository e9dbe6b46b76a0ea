"""The task `label`: one class an example, a probability for each class."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from tlkit.data.labels import class_order, plain_label
from tlkit.errors import DataError
from tlkit.evaluation.metrics import Measures
from tlkit.evaluation.probabilities import probability_columns, shares
from tlkit.model.heads import HeadOutput
from tlkit.tasks.costs import Costs, cost_matrix
from tlkit.tasks.single_label.class_scores import measure
from tlkit.tasks.task import Answer, Columns, Order

_COSTLY = (
    "the class that costs least by predict.costs is answered, not the likeliest; classes are taken as likely as said"
)


@dataclass(frozen=True)
class SingleLabel:
    """One class an example: the likeliest, or the one that costs least where it is known what mistakes cost."""

    costs: tuple[tuple[float, ...], ...] = ()  # of answering each class for each true one
    counts: tuple[int, ...] = ()  # of each class's examples, where these are known

    name = "label"
    watched: ClassVar[Mapping[str, str]] = {"loss": "min", "accuracy": "max"}
    in_files = True
    wanted = "a label"
    answer_types: ClassVar[Mapping[str, str]] = {"class": "string", "probability": "double", "probabilities": "shares"}
    headline = ("accuracy", "accuracy")

    def fitted(self, targets: np.ndarray) -> SingleLabel:
        return replace(self, counts=tuple(np.bincount(targets).tolist()))

    def decided(
        self, targets: np.ndarray, outputs: Callable[[], np.ndarray], class_names: Sequence[str]
    ) -> SingleLabel:
        return self

    def costing(self, costs: Costs, class_names: Sequence[str]) -> SingleLabel:
        return replace(self, costs=tuple(map(tuple, cost_matrix(costs, class_names).tolist())))

    def page(self, class_names: Sequence[str]) -> Mapping[str, Any]:
        rows = (dict(zip(class_names, row, strict=True)) for row in self.costs)
        return {"costs": dict(zip(class_names, rows, strict=True))} if self.costs else {}

    def from_page(self, page: Mapping[str, Any]) -> SingleLabel:
        names, costs = page["class_names"], page.get("costs")
        return SingleLabel(tuple(tuple(costs[true][said] for said in names) for true in names)) if costs else self

    def _answers(self, outputs: np.ndarray) -> np.ndarray:
        """The class that is answered by each row of probabilities."""
        return np.asarray((outputs @ np.asarray(self.costs)).argmin(-1) if self.costs else outputs.argmax(-1))

    def measure(self, targets: np.ndarray, outputs: np.ndarray, class_names: Sequence[str]) -> Measures:
        if not self.costs:
            return measure(targets, outputs, class_names)
        answers = self._answers(outputs)
        found = measure(targets, outputs, class_names, answers)
        costs = np.asarray(self.costs)
        likeliest = costs[targets, outputs.argmax(axis=1)].mean()
        mean = {"mean_cost": float(costs[targets, answers].mean()), "mean_cost_of_likeliest": float(likeliest)}
        return {**found, "metrics": {**found["metrics"], **mean}, "notes": (*found["notes"], _COSTLY)}

    def errors(self, targets: np.ndarray, outputs: np.ndarray) -> Mapping[str, np.ndarray]:
        wrong, counts = (self._answers(outputs) != targets).astype(float), np.array(self.counts or np.bincount(targets))
        shares = counts.sum() / np.maximum(counts, 1) / np.count_nonzero(counts)
        return {"accuracy": wrong, "balanced_accuracy": wrong * shares[targets]}

    def combined(self, columns: Mapping[str, Sequence[Any]], *, where: object) -> list[Any]:
        names = ", ".join(columns)
        raise DataError(f"{where}: expected one column that names the class (data.label), received {names}. Several "
                        "are for numbers (data.task: number) or labels (data.task: labels)")  # fmt: skip

    def read(self, cells: Sequence[Any]) -> tuple[list[str], np.ndarray]:
        labels = [plain_label(each) for each in cells]
        return labels, np.array([each.lower() in ("", "nan", "<na>", "nat") for each in labels], bool)

    def fault(self, cell: Any) -> str:
        return "no label"

    def class_names(self, labels: Sequence[Any], *, where: object, order: Order = class_order) -> tuple[str, ...]:
        names = tuple(order({str(each) for each in labels}))
        if len(names) < 2:
            raise DataError(f"{where}: expected at least two classes, found {len(names)} ({', '.join(names)})")
        return names

    def counted(self, class_names: Sequence[str]) -> str:
        return f"{len(class_names)} class{'es' * (len(class_names) != 1)}"

    def unknown(self, labels: Sequence[Any], class_names: Sequence[str]) -> list[str]:
        return sorted({str(each) for each in labels} - set(class_names))

    def array_class_names(self, names: Sequence[str] | None, arrays: Sequence[np.ndarray]) -> tuple[str, ...]:
        values = np.unique(np.concatenate([each.reshape(-1) for each in arrays]))
        if len(values) < 2:
            raise DataError(f"labels: expected at least two classes, found only {values.tolist()}")
        if values.dtype.kind not in "iub":
            return _listed(names, [str(each) for each in values])
        count = int(values.max()) + 1
        if values.min() < 0 or (names is not None and count > len(names)):
            raise DataError(
                f"labels: expected numbers 0 to {len(names or []) - 1}, found {values.min()} to {values.max()}"
            )
        return tuple(names or (str(i) for i in range(count)))

    def array_targets(self, array: np.ndarray, class_names: Sequence[str]) -> np.ndarray:
        flat = array.reshape(-1)
        return flat.astype(np.int64) if array.dtype.kind in "iub" else self.targets(flat.tolist(), class_names)

    def targets(self, labels: Sequence[Any], class_names: Sequence[str]) -> np.ndarray:
        indices = {name: index for index, name in enumerate(class_names)}
        return np.asarray([indices[str(label)] for label in labels], np.int64)

    def strata(self, labels: Sequence[Any]) -> list[Any]:
        return list(labels)

    def class_counts(self, targets: np.ndarray, class_names: Sequence[str]) -> dict[str, int]:
        counts = np.bincount(targets.astype(int), minlength=len(class_names))
        return dict(zip(class_names, counts.tolist(), strict=True))

    def output(self, targets: np.ndarray) -> HeadOutput:
        return {"output": "softmax"}

    def loss(self, label_smoothing: float) -> Any:
        import keras

        return keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing)

    def metrics(self) -> list[Any]:
        import keras

        return [keras.metrics.CategoricalAccuracy(name="accuracy")]

    def for_loss(self, targets: np.ndarray, num_outputs: int) -> np.ndarray:
        return np.asarray(np.eye(num_outputs, dtype=np.float32)[targets])

    def class_weights(self, targets: np.ndarray, num_outputs: int) -> np.ndarray:
        counts = np.bincount(targets, minlength=num_outputs)
        return np.asarray(
            (len(targets) / (np.count_nonzero(counts) * np.maximum(counts, 1)))[targets].astype(np.float32)
        )

    def columns(self, targets: np.ndarray | None, outputs: np.ndarray, classes: np.ndarray) -> Columns:
        best = self._answers(outputs)
        return {
            "true": None if targets is None else classes[targets],
            "predicted": classes[best],
            "probability": outputs[np.arange(len(outputs)), best],
            "correct": None if targets is None else best == targets,
            **probability_columns(outputs, classes),
        }

    def spread(self, outputs: np.ndarray) -> float:
        return 1.0

    def output_names(self, class_names: Sequence[str]) -> list[str]:
        return [f"p_{each}" for each in class_names]

    def main_output(self, outputs: np.ndarray) -> int:
        return int(self._answers(outputs))

    def answer(self, outputs: np.ndarray, class_names: Sequence[str]) -> Answer:
        best, found = int(self._answers(outputs)), shares(outputs, class_names)
        name = class_names[best]
        served = {"class": name, "probability": found[name], "probabilities": found}
        return Answer(name, float(outputs[best]), served)


def _listed(names: Sequence[str] | None, found: list[str]) -> tuple[str, ...]:
    unknown = sorted(set(found) - set(names or found))
    if unknown:
        raise DataError(f"labels: expected the class names {', '.join(names or ())}, found {', '.join(unknown)} too")
    return tuple(names or found)
