"""The task `labels`: any number of labels an example, a probability for each of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tlkit.errors import DataError
from tlkit.evaluation.metrics import ClassRow, Measures
from tlkit.evaluation.probabilities import probability_columns, shares
from tlkit.model.heads import HeadOutput
from tlkit.tasks.costs import Costs, costs_of_labels
from tlkit.tasks.multi_label.label_scores import measure
from tlkit.tasks.multi_label.thresholds import DEFAULT, LEAST, can_choose, chosen_thresholds
from tlkit.tasks.task import Answer, Columns, Order

_LEAST_COST = 1e-12


@dataclass(frozen=True)
class MultiLabel:
    """Any number of labels an example: those whose probability reaches the class's threshold.

    `few` are the classes that had too few validation examples to choose a threshold.
    """

    thresholds: tuple[float, ...] = ()  # one a class; 0.5 for each where none were chosen
    few: tuple[str, ...] = ()
    costs: tuple[tuple[float, ...], ...] = ()  # of missing each label and of answering it wrongly, where that is known

    name = "labels"
    watched: ClassVar[Mapping[str, str]] = {"loss": "min", "accuracy": "max"}
    in_files = False
    wanted = "labels"
    answer_types: ClassVar[Mapping[str, str]] = {"classes": "strings", "probabilities": "shares"}
    headline = ("subset_accuracy", "examples with all labels right")

    def fitted(self, targets: np.ndarray) -> MultiLabel:
        return self

    def decided(self, targets: np.ndarray, outputs: Callable[[], np.ndarray], class_names: Sequence[str]) -> MultiLabel:
        if self.costs:
            return self
        few = tuple(name for name, column in zip(class_names, targets.T, strict=True) if not can_choose(column))
        return self if len(few) == len(class_names) else MultiLabel(chosen_thresholds(targets, outputs()), few)

    def costing(self, costs: Costs, class_names: Sequence[str]) -> MultiLabel:
        found = costs_of_labels(costs, class_names)
        thresholds = found[:, 1] / np.maximum(found.sum(axis=1), _LEAST_COST)
        return MultiLabel(tuple(thresholds.tolist()), costs=tuple(map(tuple, found.tolist())))

    def page(self, class_names: Sequence[str]) -> Mapping[str, Any]:
        if not self.thresholds:
            return {}
        few = {"thresholds_not_chosen": list(self.few)} if self.few else {}
        rows = [dict(zip(("miss", "false_alarm"), row, strict=True)) for row in self.costs]
        costs = {"costs": dict(zip(class_names, rows, strict=True))} if rows else {}
        return {"thresholds": dict(zip(class_names, self.thresholds, strict=True)), **few, **costs}

    def from_page(self, page: Mapping[str, Any]) -> MultiLabel:
        known = page.get("thresholds", {})
        if not known:
            return MultiLabel()
        thresholds = tuple(known.get(name, DEFAULT) for name in page["class_names"])
        costs = [page["costs"][name] for name in page["class_names"]] if page.get("costs") else []
        rows = tuple((each["miss"], each["false_alarm"]) for each in costs)
        return MultiLabel(thresholds, tuple(page.get("thresholds_not_chosen", ())), rows)

    def combined(self, columns: Mapping[str, Sequence[Any]], *, where: object) -> list[Any]:
        rows = zip(*columns.values(), strict=True)
        return [[name for name, flag in zip(columns, row, strict=True) if flag] for row in rows]

    def read(self, cells: Sequence[Any]) -> tuple[list[Any], np.ndarray]:
        return list(cells), np.zeros(len(cells), bool)

    def fault(self, cell: Any) -> str:
        return "no labels"

    def class_names(self, labels: Sequence[Any], *, where: object, order: Order = sorted) -> tuple[str, ...]:
        return tuple(order({str(name) for row in labels for name in row}))

    def counted(self, class_names: Sequence[str]) -> str:
        return f"{len(class_names)} class{'es' * (len(class_names) != 1)}"

    def unknown(self, labels: Sequence[Any], class_names: Sequence[str]) -> list[str]:
        return sorted({str(name) for row in labels for name in row} - set(class_names))

    def array_class_names(self, names: Sequence[str] | None, arrays: Sequence[np.ndarray]) -> tuple[str, ...]:
        count = arrays[0].shape[1]
        if names is not None and len(names) != count:
            raise DataError(f"class_names: expected {count} for rows of {count} flags, found {len(names)}")
        return tuple(names or (str(i) for i in range(count)))

    def array_targets(self, array: np.ndarray, class_names: Sequence[str]) -> np.ndarray:
        return array.astype(np.float32)

    def targets(self, labels: Sequence[Any], class_names: Sequence[str]) -> np.ndarray:
        indices = {name: index for index, name in enumerate(class_names)}
        targets = np.zeros((len(labels), len(indices)), np.float32)
        for row, names in enumerate(labels):
            targets[row, [indices[str(name)] for name in names]] = 1.0
        return targets

    def strata(self, labels: Sequence[Any]) -> None:
        return None

    def class_counts(self, targets: np.ndarray, class_names: Sequence[str]) -> dict[str, int]:
        counts = np.asarray(targets).sum(0).astype(int)
        return dict(zip(class_names, counts.tolist(), strict=True))

    def output(self, targets: np.ndarray) -> HeadOutput:
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

    @property
    def _cuts(self) -> np.ndarray | float:
        return np.asarray(self.thresholds) if self.thresholds else DEFAULT

    def measure(self, targets: np.ndarray, outputs: np.ndarray, class_names: Sequence[str]) -> Measures:
        found = measure(targets, outputs, class_names, self._cuts)
        if not self.thresholds:
            return found
        rows: list[ClassRow] = [
            {**row, "threshold": each} for row, each in zip(found["per_class"], self.thresholds, strict=True)
        ]
        metrics = {**found["metrics"], **self._mean_cost(targets.astype(bool), outputs)}
        return {**found, "metrics": metrics, "per_class": rows, "notes": (*found["notes"], self._note())}

    def errors(self, targets: np.ndarray, outputs: np.ndarray) -> Mapping[str, np.ndarray]:
        wrong = targets.astype(bool) != (outputs >= self._cuts)
        return {"label_accuracy": wrong.mean(axis=1), "subset_accuracy": wrong.any(axis=1).astype(float)}

    def _mean_cost(self, true: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
        """What the answers on an example cost in the mean, and those from 0.5 on."""
        if not self.costs:
            return {}
        miss, alarm = np.asarray(self.costs).T
        cuts = {"mean_cost": self._cuts, "mean_cost_of_likeliest": DEFAULT}
        mistakes = {name: (true & (outputs < cut), ~true & (outputs >= cut)) for name, cut in cuts.items()}
        return {name: float((missed @ miss + wrong @ alarm).mean()) for name, (missed, wrong) in mistakes.items()}

    def _note(self) -> str:
        if self.costs:
            return "a label is predicted from the probability on at which that costs less than not to, by predict.costs"
        told = "a label is predicted from its class's threshold on, chosen on the validation part by F1"
        shown = ", ".join(self.few[:10]) + (f" and {len(self.few) - 10} more" if len(self.few) > 10 else "")
        return f"{told}; {DEFAULT} for {shown}: under {LEAST} examples with or without it there" if self.few else told

    def columns(self, targets: np.ndarray | None, outputs: np.ndarray, classes: np.ndarray) -> Columns:
        """The probability is that of the whole set of labels, taken as independent of each other."""
        said, true = outputs >= self._cuts, None if targets is None else targets.astype(bool)
        return {
            "true": None if true is None else _listed(true, classes),
            "predicted": _listed(said, classes),
            "probability": np.where(said, outputs, 1 - outputs).prod(1),
            "correct": None if true is None else (said == true).all(1),
            **probability_columns(outputs, classes),
        }

    def spread(self, outputs: np.ndarray) -> float:
        return 1.0

    def output_names(self, class_names: Sequence[str]) -> list[str]:
        return [f"p_{each}" for each in class_names]

    def main_output(self, outputs: np.ndarray) -> int:
        return int(outputs.argmax())

    def answer(self, outputs: np.ndarray, class_names: Sequence[str]) -> Answer:
        chosen = [name for name, said in zip(class_names, outputs >= self._cuts, strict=True) if said]
        return Answer(
            " ".join(chosen) or "none", None, {"classes": chosen, "probabilities": shares(outputs, class_names)}
        )


def _listed(flags: np.ndarray, classes: np.ndarray) -> list[str]:
    return [", ".join(map(str, classes[row])) for row in flags]
