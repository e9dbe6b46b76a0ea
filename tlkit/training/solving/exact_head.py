"""A head of one dense layer on kept features, solved in place of trained; what it is solved from is all there is.

No part is needed to validate it: its penalty is chosen by folds, and `val/…` is what the folds' heads come to on the
examples that they did not see. The curve is that of the penalties, from strong to weak.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from tlkit.data.splits import Examples, joined, paired
from tlkit.tasks.task import Task
from tlkit.training.batches import BatchSource, Views
from tlkit.training.callbacks import Fitted
from tlkit.training.distillation.lessons import Lessons
from tlkit.training.fitting import PREDICT_BATCH, predict_rows
from tlkit.training.hard_data.imbalance import Imbalance, adjusted
from tlkit.training.solving.folds import solving_folds
from tlkit.training.solving.linear_solver import LINKS, Link, Metrics, Rows, solve, solve_at
from tlkit.training.solving.ridge_solver import solve_by_squares
from tlkit.training.trained import HeldOut

SOLVERS = {"exact": solve, "ridge": solve_by_squares}  # of `model.head.solver`


@dataclass(frozen=True)
class Problem:
    """What a head is solved for: rows in the units of its last layer, the example of each, all examples' targets."""

    examples: Examples
    rows: Rows
    which: np.ndarray
    targets: np.ndarray
    task: Task
    units: tuple[np.ndarray | float, np.ndarray | float]  # mean and deviation of the data's
    prior: np.ndarray | None  # by which answers are adjusted
    judged: np.ndarray  # a flag for each example: whether it is learned from, by a label of its own

    def measured(self, answers: np.ndarray) -> Metrics:
        """How good the answers are on all rows that are judged by."""
        return _measured(self.task, self.targets[self.judged], self.in_units(answers)[self.judged], self.prior)

    def held_out(self, answers: np.ndarray) -> HeldOut:
        """The answers on them, as they are given."""
        examples = self.examples.take(np.flatnonzero(self.judged))
        return HeldOut(examples, adjusted(self.in_units(answers), self.prior)[self.judged])

    def in_units(self, answers: np.ndarray) -> np.ndarray:
        """The answers on the plain rows, in the data's units."""
        mean, deviation = self.units
        return answers[: len(self.examples)] * deviation + mean


def problem_of(
    head: keras.Model,
    sources: Mapping[str, BatchSource],
    parts: Mapping[str, Examples],
    task: Task,
    *,
    num_outputs: int,
    imbalance: Imbalance,
    kept: np.ndarray,
    lessons: Lessons | None = None,
) -> Problem:
    """What a head is to learn from all parts together, of whose examples the first are `kept` or not."""
    whole, (which, inputs) = joined(list(parts.values())), _seen(head, sources, parts)
    mean, deviation = _units(head)
    targets = task.for_loss(whole.targets, num_outputs).reshape(len(whole), -1)
    weights = imbalance.weights(task, whole.targets, num_outputs, solved=True)
    kept = kept[: len(whole)]
    shares = kept.astype(np.float64) if weights is None else kept * weights.astype(np.float64)
    learned = targets if lessons is None else lessons.blended(targets, whole.ids)
    rows = Rows(inputs, ((learned - mean) / deviation)[which], shares[which])
    prior = imbalance.prior(whole.targets[kept], num_outputs)
    judged = kept if lessons is None else kept & lessons.labelled(whole.ids)
    return Problem(whole, rows, which, targets, task, (mean, deviation), prior, judged)


def solve_head(
    head: keras.Model, problem: Problem, *, solver: str, seed: int, on_penalty: Callable[[Metrics, int], None]
) -> tuple[Fitted, HeldOut]:
    """Give a head the weights that solve it, its penalty chosen by folds."""
    begun, folds = time.monotonic(), solving_folds(problem.examples, problem.task, seed)
    found = SOLVERS[solver](problem.rows, folds[problem.which], _link(head), problem.measured)
    _give(head, found.kernel, found.bias, problem.prior)
    history = [_line(penalty, each) for penalty, each in zip(found.penalties, found.path, strict=False)]
    for step, metrics in enumerate(history, 1):
        on_penalty(metrics, step)
    fitted = Fitted(history, found.chosen, history[found.chosen], time.monotonic() - begun)
    return fitted, problem.held_out(found.held_out)


def solve_head_at(head: keras.Model, problem: Problem, penalty: float) -> None:
    """Give a head the weights that solve it at this penalty."""
    _give(head, *solve_at(problem.rows, _link(head), penalty), problem.prior)


def measure_head(head: keras.Model, source: BatchSource, examples: Examples, problem: Problem) -> Metrics:
    """What a head that was solved says of further examples, by the metrics of training."""
    outputs = predict_rows(head, source, batch_size=PREDICT_BATCH, beside=examples.beside)
    targets = problem.task.for_loss(examples.targets, outputs.shape[1]).reshape(len(examples), -1)
    prior = problem.prior
    learned = outputs if prior is None else adjusted(outputs, 1 / prior)
    return {f"val/{name}": value for name, value in _measured(problem.task, targets, learned, prior).items()}


def _give(head: keras.Model, kernel: np.ndarray, bias: np.ndarray, prior: np.ndarray | None) -> None:
    head.get_layer("output").set_weights([kernel, bias if prior is None else bias - np.log(prior)])


def _link(head: keras.Model) -> Link:
    return LINKS[head.get_layer("output").activation.__name__]


def _line(penalty: float, measured: Metrics) -> Metrics:
    return {**{f"val/{name}": value for name, value in measured.items()}, "train/penalty": penalty}


def _seen(
    head: keras.Model, sources: Mapping[str, BatchSource], parts: Mapping[str, Examples]
) -> tuple[np.ndarray, np.ndarray]:
    """What the head's last layer is given, with the number of its example: all plain rows first, then their views."""
    inputs = head.inputs if len(head.inputs) > 1 else head.inputs[0]
    behind = keras.Model(inputs, head.get_layer("output").input)
    plain: list[tuple[np.ndarray, np.ndarray]] = []
    views: list[tuple[np.ndarray, np.ndarray]] = []
    first = 0
    for name, examples in parts.items():
        source, places = sources[name], np.arange(len(examples))
        tables: Sequence[BatchSource] = source.rows if isinstance(source, Views) else [source]
        for table in tables:
            fed = paired(table.load(places), examples.beside, places)
            seen = np.asarray(behind(fed if isinstance(fed, np.ndarray) else list(fed)), np.float64)
            (plain if table is tables[0] else views).append((first + places, seen))
        first += len(examples)
    which, inputs = zip(*plain, *views, strict=True)
    return np.concatenate(which), np.concatenate(inputs)


def _units(head: keras.Model) -> tuple[np.ndarray | float, np.ndarray | float]:
    """Mean and deviation by which the head brings its last layer's numbers to the units of the data."""
    last = head.layers[-1]
    return (np.asarray(last.offset), np.asarray(last.scale)) if isinstance(last, keras.layers.Rescaling) else (0.0, 1.0)


def _measured(task: Task, targets: np.ndarray, outputs: np.ndarray, prior: np.ndarray | None) -> Metrics:
    """Loss and metrics as training has them: what adjusts answers is not in the loss yet."""
    found = {"loss": float(keras.ops.mean(task.loss(0.0)(targets, outputs.astype(np.float32))))}
    answers = adjusted(outputs, prior).astype(np.float32)
    for metric in task.metrics():
        metric.update_state(targets, answers)
        found[metric.name] = float(metric.result())
    return found
