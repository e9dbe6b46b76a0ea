"""What a task is asked for by the rest of the house; nothing else asks which task it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from tlkit import catalog
from tlkit.data.splits import Info
from tlkit.errors import DataError
from tlkit.evaluation.metrics import Measures
from tlkit.model.heads import HeadOutput
from tlkit.tasks.costs import Costs

Order = Callable[[Iterable[str]], Iterable[str]]

Columns = dict[str, Any]  # of a table, each with a value an example, or None where there is none


@dataclass(frozen=True)
class Answer:
    """What a model says of one example: as a line shows it, and as a server gives it."""

    text: str
    probability: float | None
    served: Mapping[str, Any]


class Task(Protocol):
    """Everything that depends on what is answered, from labels in the data to answers on new examples.

    Targets are the labels as arrays: class numbers (n,), rows of 0 and 1 (n, classes), numbers (n,) or (n, numbers).
    A task is made bare by its name, knows more by `fitted` and `decided`, and stands with that in the model file.
    """

    name: str
    watched: Mapping[str, str]  # metrics that training gives, each with `min` or `max` as the better end
    in_files: bool  # whether a label is one, as class folders have it, or numbers
    wanted: str  # a label in words

    @property
    def answer_types(self) -> Mapping[str, str]:
        """What a server gives by name: string, strings, double or shares."""
        ...

    @property
    def headline(self) -> tuple[str, str]:
        """The score that stands first in a report, and what it is called."""
        ...

    def fitted(self, targets: np.ndarray) -> Task:
        """The task as it is once the targets of the training part are known."""
        ...

    def decided(self, targets: np.ndarray, outputs: Callable[[], np.ndarray], class_names: Sequence[str]) -> Task:
        """The task with what is chosen on the validation part, whose outputs are computed where they are needed."""
        ...

    def costing(self, costs: Costs, class_names: Sequence[str]) -> Task:
        """The task with answers that cost least, by what mistakes cost; a `RecipeError` where that cannot be."""
        ...

    def page(self, class_names: Sequence[str]) -> Mapping[str, Any]:
        """What of it stands in the model file."""
        ...

    def from_page(self, page: Mapping[str, Any]) -> Task:
        """The task as a model file has it; what an old file does not say is as it was then."""
        ...

    def combined(self, columns: Mapping[str, Sequence[Any]], *, where: object) -> list[Any]:
        """Cells to be read where a label stands in several columns of a table."""
        ...

    def read(self, cells: Sequence[Any]) -> tuple[list[Any], np.ndarray]:
        """Labels from the cells of a table, and which of the cells are none."""
        ...

    def fault(self, cell: Any) -> str:
        """What is wrong with a cell that is no label."""
        ...

    def class_names(self, labels: Sequence[Any], *, where: object, order: Order = sorted) -> tuple[str, ...]:
        """The classes among labels; a `DataError` where there are too few."""
        ...

    def counted(self, class_names: Sequence[str]) -> str:
        """How many classes or numbers these are, in words; nothing where there is nothing to say."""
        ...

    def unknown(self, labels: Sequence[Any], class_names: Sequence[str]) -> list[str]:
        """Classes among labels that a model of these does not know."""
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

    def output(self, targets: np.ndarray) -> HeadOutput:
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

    def measure(self, targets: np.ndarray, outputs: np.ndarray, class_names: Sequence[str]) -> Measures:
        """The fields of `tasks.scoring.Scores`."""
        ...

    def errors(self, targets: np.ndarray, outputs: np.ndarray) -> Mapping[str, np.ndarray]:
        """How wrong each answer is, by the scores that are means over examples; less is better."""
        ...

    def columns(self, targets: np.ndarray | None, outputs: np.ndarray, classes: np.ndarray) -> Columns:
        """Truth and answers as the columns of a table; without targets nothing is said of the truth."""
        ...

    def spread(self, outputs: np.ndarray) -> np.ndarray | float:
        """The scale on which two outputs of one example are compared."""
        ...

    def output_names(self, class_names: Sequence[str]) -> list[str]:
        """The columns of raw outputs in a table of predictions."""
        ...

    def main_output(self, outputs: np.ndarray) -> int:
        """The place of the output that is explained where none is asked for."""
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
    task: Task = catalog.resolve(name, catalog.TASKS, kind="task")()
    return task


def task_in(page: Mapping[str, Any]) -> Task:
    """The task of a model, by the page in its file."""
    return task_of(page["task"]).from_page(page)


def task_for(info: Info) -> Task:
    """The task of data, with what it has learned of them."""
    return task_of(info.task).from_page({"class_names": info.class_names, **info.learned})


def learning(info: Info, task: Task) -> Info:
    """What is known of data, with what their task has learned."""
    return replace(info, learned=task.page(info.class_names))


def require_task(name: str, known: Sequence[str], *, where: object, what: str) -> Task:
    """The task of a source's data, if it is one of those that such data can have."""
    if name not in known:
        raise DataError(f"{where}: {what} (data.task: {' or '.join(known)}), not {name!r}")
    return task_of(name)
