"""A linear output found by a solver in place of training: along a path of penalties, one of them chosen by folds.

Rows are centred and divided by their root mean square length, never by column. The loss is that of the output's
canonical link with a penalty on the squared weights, and SciPy's L-BFGS minimises it from strong penalties to weak.
scikit-learn solves one of the three links at a time, takes a second to import, and none of its solvers knows a class
that a fold lacks: forty lines serve all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Metrics = dict[str, float]

PENALTIES = tuple(float(10.0**power) for power in np.arange(0.0, -5.5, -0.5))  # of the mean loss
_LEAST = 1e-7  # of a probability, in a loss
_TEMPERATURES = tuple(float(2 ** (power / 2)) for power in range(-3, 6))
_FLAT = 1e-12  # of the largest square: an axis below it is rounding
_WORSE = 2  # penalties behind the best end the path
_SEARCH = {"maxiter": 300, "ftol": 1e-9, "gtol": 1e-4}


@dataclass(frozen=True)
class Link:
    """What an output makes of a linear sum; its loss is the `potential` less the sum times the target.

    `loss` is the same for each row of answers and targets, less what no answer can change.
    """

    potential: Callable[[np.ndarray], np.ndarray]
    answer: Callable[[np.ndarray], np.ndarray]
    loss: Callable[[np.ndarray, np.ndarray], np.ndarray]
    sums: Callable[[np.ndarray], np.ndarray] | None  # of which answers are made; None where these have no temperature
    wrong: Callable[[np.ndarray, np.ndarray], np.ndarray]  # which rows of answers are not as their targets

    def tempered(self, answers: np.ndarray) -> list[np.ndarray]:
        """The answers, surer and less sure of themselves."""
        sums = self.sums(answers) if self.sums else None
        return [answers] if sums is None else [self.answer(sums / each) for each in _TEMPERATURES]


def _log_sum(sums: np.ndarray) -> np.ndarray:
    """The logarithm of the sum of exponentials of each row (n, 1); SciPy takes 0.25 s to import, in every run."""
    most = sums.max(axis=1, keepdims=True)
    return np.asarray(most + np.log(np.exp(sums - most).sum(axis=1, keepdims=True)))


LINKS: Mapping[str, Link] = {  # by the activation of the output
    "softmax": Link(
        lambda sums: _log_sum(sums)[:, 0],
        lambda sums: np.exp(sums - _log_sum(sums)),
        lambda answers, targets: -(targets * _log(answers)).sum(axis=1),
        lambda answers: _log(answers),
        lambda answers, targets: answers.argmax(axis=1) != targets.argmax(axis=1),
    ),
    "sigmoid": Link(
        lambda sums: np.logaddexp(0.0, sums).sum(axis=1),
        lambda sums: np.exp(-np.logaddexp(0.0, -sums)),
        lambda answers, targets: -(targets * _log(answers) + (1 - targets) * _log(1 - answers)).sum(axis=1),
        lambda answers: _log(answers) - _log(1 - answers),
        lambda answers, targets: ((answers > 0.5) != (targets > 0.5)).any(axis=1),
    ),
    "linear": Link(
        lambda sums: 0.5 * (sums**2).sum(axis=1),
        lambda sums: sums,
        lambda answers, targets: 0.5 * ((answers - targets) ** 2).sum(axis=1),
        None,
        lambda answers, targets: (answers != targets).any(axis=1),
    ),
}


def _log(shares: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(np.maximum(shares, _LEAST)))


@dataclass(frozen=True)
class Rows:
    """What is learned from: inputs and targets (rows, numbers each), and the weight of each row."""

    inputs: np.ndarray
    targets: np.ndarray
    weights: np.ndarray

    def at(self, chosen: np.ndarray) -> Rows:
        """Some of the rows."""
        return Rows(self.inputs[chosen], self.targets[chosen], self.weights[chosen])


@dataclass(frozen=True)
class Solution:
    """A linear output, what each penalty came to, and what the folds' solutions say of the rows they did not see."""

    kernel: np.ndarray
    bias: np.ndarray
    path: list[Metrics]
    chosen: int
    held_out: np.ndarray
    penalties: Sequence[float]  # those of the path first


def solve_at(rows: Rows, link: Link, penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias for one penalty, by the path that leads to it; without folds.

    Example:
        >>> rows = Rows(np.eye(4), np.eye(2)[[0, 0, 1, 1]], np.ones(4))
        >>> kernel, bias = solve_at(rows, LINKS["softmax"], 0.01)
        >>> (np.eye(4) @ kernel + bias).argmax(1).tolist()
        [0, 0, 1, 1]
    """
    near, away = scaled(rows)
    state = np.zeros((near.inputs.shape[1] + 1, rows.targets.shape[1]))
    for each in (each for each in PENALTIES if each >= penalty):
        state = minimum(near, link, each, state)
    return away(state)


def solve(rows: Rows, folds: np.ndarray, link: Link, judge: Callable[[np.ndarray], Metrics]) -> Solution:
    """The output for the penalty whose answers on held-out rows have the least loss, learned from all rows.

    `judge` says how good the answers of all rows are: a `loss`, and what else is measured.

    Example:
        >>> inputs, targets = np.eye(4), np.eye(2)[[0, 0, 1, 1]]
        >>> judge = lambda answers: {"loss": float(-np.log((answers * targets).sum(1)).mean())}
        >>> found = solve(Rows(inputs, targets, np.ones(4)), np.array([0, 1, 0, 1]), LINKS["softmax"], judge)
        >>> (inputs @ found.kernel + found.bias).argmax(1).tolist()
        [0, 0, 1, 1]
    """
    near, away = scaled(rows)
    turned = near.inputs
    learned = [near.at(folds != fold) for fold in np.unique(folds)]
    states = [np.zeros((turned.shape[1] + 1, rows.targets.shape[1])) for _ in [near, *learned]]
    found: list[tuple[Metrics, np.ndarray, np.ndarray]] = []
    for penalty in PENALTIES:
        states = [minimum(part, link, penalty, state) for part, state in zip([near, *learned], states, strict=True)]
        answers = np.empty(rows.targets.shape)
        for fold, state in zip(np.unique(folds), states[1:], strict=True):
            answers[folds == fold] = link.answer(turned[folds == fold] @ state[:-1] + state[-1])
        found.append((judge(answers), states[0], answers))
        chosen = int(np.argmin([metrics["loss"] for metrics, *_ in found]))
        if len(found) - chosen > _WORSE:
            break
    path, weights, held_out = [metrics for metrics, *_ in found], *found[chosen][1:]
    return Solution(*away(weights), path, chosen, held_out, PENALTIES)


def scaled(rows: Rows) -> tuple[Rows, Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]]:
    """The rows centred, of length 1 in the mean and in few axes, and the way back to kernel and bias."""
    mean = rows.inputs.mean(axis=0)
    length = float(np.sqrt(((rows.inputs - mean) ** 2).sum(axis=1).mean())) or 1.0
    turned, back = turned_rows((rows.inputs - mean) / length)

    def away(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        kernel = back(weights[:-1]) / length
        return kernel, weights[-1] - mean @ kernel

    return Rows(turned, rows.targets, rows.weights), away


def turned_rows(inputs: np.ndarray) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """The rows in as many axes as there are rows, where these are fewer, and the way back: no answer changes by it."""
    if len(inputs) >= inputs.shape[1]:
        return inputs, lambda kernel: kernel
    squares, left = np.linalg.eigh(inputs @ inputs.T)  # a hundred times faster than the decomposition of the rows
    told = squares > _FLAT * squares[-1]
    scales, left = np.sqrt(squares[told]), left[:, told]
    return left * scales, lambda kernel: inputs.T @ (left @ (kernel / scales[:, None]))


def minimum(rows: Rows, link: Link, penalty: float, start: np.ndarray | None = None) -> np.ndarray:
    """The weights, and below them the biases, of least loss and penalty on rows that are scaled."""
    from scipy.optimize import minimize  # 0.45 s that a run without a solved head does not need

    start = np.zeros((rows.inputs.shape[1] + 1, rows.targets.shape[1])) if start is None else start
    shares = rows.weights / rows.weights.sum()

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(start.shape)
        kernel = weights[:-1]
        sums = rows.inputs @ kernel + weights[-1]
        value = shares @ (link.potential(sums) - (sums * rows.targets).sum(axis=1)) + penalty / 2 * (kernel**2).sum()
        errors = (link.answer(sums) - rows.targets) * shares[:, None]
        slope = np.vstack([rows.inputs.T @ errors + penalty * kernel, errors.sum(axis=0)])
        return float(value), slope.ravel()

    return np.asarray(minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options=_SEARCH).x).reshape(
        start.shape
    )
