"""A head of one dense layer on kept features, solved in place of trained; what it is solved from is all there is.

No part is needed to validate it: its penalty is chosen by folds, and `val/…` is what the folds' heads come to on the
examples that they did not see. The curve is that of the penalties, from strong to weak.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np

from tlkit.data.splits import Examples, joined, paired
from tlkit.tasks.task import Task
from tlkit.training.batches import BatchSource, Views
from tlkit.training.callbacks import Fitted
from tlkit.training.hard_data.imbalance import Imbalance, adjusted
from tlkit.training.solving.folds import solving_folds
from tlkit.training.solving.linear_solver import LINKS, PENALTIES, Metrics, Rows, solve
from tlkit.training.trained import HeldOut


def solve_head(
    head: keras.Model,
    sources: Mapping[str, BatchSource],
    parts: Mapping[str, Examples],
    task: Task,
    *,
    num_outputs: int,
    imbalance: Imbalance,
    seed: int,
    on_penalty: Callable[[Metrics, int], None],
) -> tuple[Fitted, HeldOut]:
    """Give a head the weights that solve it for all parts together."""
    begun, whole = time.monotonic(), joined(list(parts.values()))
    which, inputs = _seen(head, sources, parts)
    mean, deviation = _units(head)
    targets = task.for_loss(whole.targets, num_outputs).reshape(len(whole), -1)
    weights = imbalance.weights(task, whole.targets, num_outputs, solved=True)
    shares = np.ones(len(whole)) if weights is None else weights.astype(np.float64)
    prior, output = imbalance.prior(whole.targets, num_outputs), head.get_layer("output")

    def judge(answers: np.ndarray) -> Metrics:
        return _measured(task, targets, answers[: len(whole)] * deviation + mean, prior)

    rows, folds = Rows(inputs, ((targets - mean) / deviation)[which], shares[which]), solving_folds(whole, task, seed)
    found = solve(rows, folds[which], LINKS[output.activation.__name__], judge)
    output.set_weights([found.kernel, found.bias if prior is None else found.bias - np.log(prior)])
    history = [_line(penalty, each) for penalty, each in zip(PENALTIES, found.path, strict=False)]
    for step, metrics in enumerate(history, 1):
        on_penalty(metrics, step)
    fitted = Fitted(history, found.chosen, history[found.chosen], time.monotonic() - begun)
    return fitted, HeldOut(whole.targets, adjusted(found.held_out[: len(whole)] * deviation + mean, prior))


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
