"""What a task is asked for by the rest of the house; nothing else asks which task it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from tlkit import catalog
from tlkit.errors import DataError

Order = Callable[[Iterable[str]], Iterable[str]]


@dataclass(frozen=True)
class Answer:
    """What a model says of one example: as a line shows it, and as a server gives it."""

    text: str
    probability: float | None
    served: Mapping[str, Any]


class Task(Protocol):
    """Everything that depends on what is answered, from labels in the data to answers on new examples.

    Targets are the labels as arrays: class numbers (n,), rows of 0 and 1 (n, classes) or numbers (n,).
    """

    name: str
    watched: Mapping[str, str]  # metrics that training gives, each with `min` or `max` as the better end
    in_files: bool  # whether labels can stand in the class folders and tables that a model is scored on
    wanted: str  # a label in words
    answer_types: Mapping[str, str]  # what a server gives by name: string, strings, double or shares

    def read(self, cells: Sequence[Any]) -> tuple[list[Any], np.ndarray]:
        """Labels from the cells of a table, and which of the cells are none."""
        ...

    def fault(self, cell: Any) -> str:
        """What is wrong with a cell that is no label."""
        ...

    def class_names(self, labels: Sequence[Any], *, where: object, order: Order = sorted) -> tuple[str, ...]:
        """The classes among labels; a `DataError` where there are too few."""
        ...

    def array_class_names(self, names: Sequence[str] | None, arrays: Sequence[np.ndarray]) -> tuple[str, ...]:
        """The classes of arrays from Python, by the names that are given where some are."""
        ...

    def array_targets(self, array: np.ndarray, class_names: Sequence[str]) -> np.ndarray:
        """An array from Python as targets."""
        ...

    def targets(self, labels: Sequence[Any], class_names: Sequence[str]) -> np.ndarray:
        """Labels as targets."""
        ...

    def strata(self, labels: Sequence[Any]) -> list[Any] | None:
        """What every part of the data should have its share of; None where there is nothing of the kind."""
        ...

    def class_counts(self, targets: np.ndarray, class_names: Sequence[str]) -> dict[str, int]:
        """How many examples each class has."""
        ...

    def output(self, targets: np.ndarray) -> dict[str, Any]:
        """The fields of a `model.heads.Head` that say what it ends in."""
        ...

    def loss(self, label_smoothing: float) -> Any:
        """Keras's loss."""
        ...

    def metrics(self) -> list[Any]:
        """Keras's metrics while training."""
        ...

    def for_loss(self, targets: np.ndarray, num_outputs: int) -> np.ndarray:
        """Targets as the loss takes them."""
        ...

    def class_weights(self, targets: np.ndarray, num_outputs: int) -> np.ndarray | None:
        """A weight for each example, so that every class counts alike; None where there are no classes to weigh."""
        ...

    def measure(self, targets: np.ndarray, outputs: np.ndarray, class_names: Sequence[str]) -> dict[str, Any]:
        """The fields of `tasks.scoring.Scores`."""
        ...

    def columns(self, targets: np.ndarray | None, outputs: np.ndarray, classes: np.ndarray) -> dict[str, Any]:
        """Truth and answers as the columns of a table; without targets nothing is said of the truth."""
        ...

    def spread(self, outputs: np.ndarray) -> float:
        """The scale on which two outputs of one example are compared."""
        ...

    def answer(self, outputs: np.ndarray, class_names: Sequence[str]) -> Answer:
        """What one row of outputs says."""
        ...


def task_of(name: str) -> Task:
    """The task of this name.

    Example:
        >>> task_of("label").watched
        {'loss': 'min', 'accuracy': 'max'}
    """
    if name not in catalog.TASKS:
        raise ValueError(f"task: expected one of {', '.join(catalog.TASKS)}, received {name!r}")
    return catalog.resolve(name, catalog.TASKS, kind="task")()  # type: ignore[no-any-return]


def require_task(name: str, known: Sequence[str], *, where: object, what: str) -> Task:
    """The task of a source's data, if it is one of those that such data can have."""
    if name not in known:
        raise DataError(f"{where}: {what} (data.task: {' or '.join(known)}), not {name!r}")
    return task_of(name)
