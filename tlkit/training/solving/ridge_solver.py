"""A linear output by least squares: all penalties from one decomposition a fold, so that many features cost little.

Every column is brought to mean 0 and deviation 1, as random features want it and those of backbones do not. Where the
output is one of probabilities, they are made of the sums at the scale at which held-out rows have the least loss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tlkit.training.solving.linear_solver import Link, Metrics, Rows, Solution, turned_rows

_PENALTIES = tuple(float(10.0**power) for power in np.arange(2.0, -3.5, -0.5))  # of the mean squared length of a row
_SCALES = tuple(float(2.0 ** (power / 2)) for power in range(17))
_FLAT = 1e-6  # of the largest deviation: a column below it says nothing
_LEAST = float(np.finfo(np.float64).tiny)  # penalty, where all rows are the same


@dataclass(frozen=True)
class _Squares:
    """The decomposed sums of squares of some rows, from which the solution for any penalty follows."""

    mean: np.ndarray
    mean_target: np.ndarray
    values: np.ndarray
    axes: np.ndarray
    turned_targets: np.ndarray
    length: float

    @classmethod
    def of(cls, rows: Rows) -> _Squares:
        """Of rows by their weights."""
        shares = rows.weights / rows.weights.sum()
        mean, mean_target = shares @ rows.inputs, shares @ rows.targets
        near, targets = rows.inputs - mean, rows.targets - mean_target
        values, axes = np.linalg.eigh((near * shares[:, None]).T @ near)
        return cls(mean, mean_target, values, axes, axes.T @ (near.T @ (targets * shares[:, None])), values.sum())

    def solution(self, penalty: float) -> tuple[np.ndarray, np.ndarray]:
        """Kernel and bias."""
        strength = max(penalty * self.length / len(self.values), _LEAST)
        kernel = self.axes @ (self.turned_targets / (np.maximum(self.values, 0.0) + strength)[:, None])
        return kernel, self.mean_target - self.mean @ kernel


def solve_by_squares(rows: Rows, folds: np.ndarray, link: Link, judge: Callable[[np.ndarray], Metrics]) -> Solution:
    """The output for the penalty whose answers on held-out rows have the least loss, learned from all rows.

    Reference: Dempster et al., 2020, "ROCKET", whose classifier it is.

    Example:
        >>> from tlkit.training.solving.linear_solver import LINKS
        >>> inputs, targets = np.eye(4), np.eye(2)[[0, 0, 1, 1]]
        >>> judge = lambda answers: {"loss": float(-np.log((answers * targets).sum(1)).mean())}
        >>> found = solve_by_squares(Rows(inputs, targets, np.ones(4)), np.array([0, 1, 0, 1]), LINKS["softmax"], judge)
        >>> (inputs @ found.kernel + found.bias).argmax(1).tolist()
        [0, 0, 1, 1]
    """
    mean, deviation = rows.inputs.mean(axis=0), rows.inputs.std(axis=0)
    deviation = np.where(deviation > _FLAT * deviation.max(), deviation, np.inf)
    turned, back = turned_rows((rows.inputs - mean) / deviation)
    near = Rows(turned, rows.targets, rows.weights)
    whole = _Squares.of(near)
    parts = [(folds == fold, _Squares.of(near.at(folds != fold))) for fold in np.unique(folds)]
    tried = [_held_out(turned, parts, penalty) for penalty in _PENALTIES]
    scales = [_scale(link, sums, rows) for sums in tried]
    path = [judge(link.answer(sums * scale)) for sums, scale in zip(tried, scales, strict=True)]
    chosen = int(np.argmin([metrics["loss"] for metrics in path]))
    kernel, bias = (each * scales[chosen] for each in whole.solution(_PENALTIES[chosen]))
    kernel = back(kernel) / deviation[:, None]
    held_out = link.answer(tried[chosen] * scales[chosen])
    return Solution(kernel, bias - mean @ kernel, path, chosen, held_out, _PENALTIES)


def _held_out(turned: np.ndarray, parts: list[tuple[np.ndarray, _Squares]], penalty: float) -> np.ndarray:
    """The sums of each row by the solution that did not see it."""
    solutions = [(inside, part.solution(penalty)) for inside, part in parts]
    sums = np.empty((len(turned), solutions[0][1][0].shape[1]))
    for inside, (kernel, bias) in solutions:
        sums[inside] = turned[inside] @ kernel + bias
    return sums


def _scale(link: Link, sums: np.ndarray, rows: Rows) -> float:
    """By which sums are multiplied before they become probabilities; sums that are the answers are left alone."""
    if link.sums is None:
        return 1.0
    return min(_SCALES, key=lambda scale: float(rows.weights @ link.loss(link.answer(sums * scale), rows.targets)))
