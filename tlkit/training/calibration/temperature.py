"""One temperature for all answers of a model, where that makes its probabilities better on what it did not see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tlkit.training.solving.linear_solver import Link

_FOLDS = 5
_LEAST_ERRORS = 10  # one error among 132 examples made the log loss of others worse (docs/honest-probabilities.md)
_DOUBT = 2  # standard errors
_LIMITS = (np.log(0.2), np.log(5.0))


@dataclass(frozen=True)
class Calibration:
    """By what the sums before a model's probabilities are divided (1: as they were trained), and by what that is known.

    The losses are those of answers at the temperature that the other folds have; None where errors were too few.
    """

    temperature: float
    examples: int
    errors: int
    before: float | None = None
    after: float | None = None

    @property
    def line(self) -> str:
        """What was done and why, in words."""
        counted = f"{self.errors} of {self.examples} held-out answers are wrong"
        if self.before is None or self.after is None:
            return f"as trained: {counted}, a temperature needs {_LEAST_ERRORS}"
        losses = f"log loss {self.before:.4f} at 1, {self.after:.4f} at a temperature, out of fold"
        return f"as trained: {losses}" if self.temperature == 1 else f"temperature {self.temperature:.3g}: {losses}"

    @property
    def metrics(self) -> dict[str, float]:
        """For the record."""
        losses = {"log_loss_before": self.before, "log_loss_after": self.after}
        told = {"temperature": self.temperature, **{name: each for name, each in losses.items() if each is not None}}
        return {f"calibration/{name}": value for name, value in told.items()}


def calibration(
    link: Link, targets: np.ndarray, outputs: np.ndarray, seed: int, weights: np.ndarray | None = None
) -> Calibration:
    """The temperature of outputs (n, k) that were held out, where it lowers their log loss beyond doubt.

    Targets are rows as the loss takes them; `weights` say how much each counts. The temperature counts where the mean
    gain, each example's at the temperature of the other folds, is above twice its standard error.

    Reference: Guo et al., 2017, "On Calibration of Modern Neural Networks".

    Example:
        >>> from tlkit.training.solving.linear_solver import LINKS
        >>> targets = np.eye(2)[np.arange(100) % 2]
        >>> outputs = np.abs(targets - 0.001)
        >>> outputs[:20] = outputs[:20, ::-1]  # a fifth is wrong, and as sure as the others
        >>> round(calibration(LINKS["softmax"], targets, outputs, seed=7).temperature, 1)
        5.0
    """
    assert link.sums is not None, "probabilities"
    sums, errors = link.sums(outputs), int(np.count_nonzero(link.wrong(outputs, targets)))
    if errors < _LEAST_ERRORS:
        return Calibration(1.0, len(targets), errors)
    weights = np.ones(len(targets)) if weights is None else weights / weights.mean()
    folded = _out_of_fold(link, targets, sums, seed, weights)
    losses = [weights * link.loss(each, targets) for each in (link.answer(sums), folded)]
    before, after = (float(each.mean()) for each in losses)
    gain = losses[0] - losses[1]
    pays = gain.mean() > _DOUBT * gain.std() / np.sqrt(len(gain))
    return Calibration(_best(link, sums, targets, weights) if pays else 1.0, len(targets), errors, before, after)


def calibrated(
    link: Link, targets: np.ndarray, outputs: np.ndarray, seed: int, weights: np.ndarray
) -> tuple[np.ndarray, Calibration]:
    """Outputs as their calibration leaves those that it has not seen, and that calibration."""
    assert link.sums is not None, "probabilities"
    found = calibration(link, targets, outputs, seed, weights)
    return (
        outputs if found.temperature == 1 else _out_of_fold(link, targets, link.sums(outputs), seed, weights)
    ), found


def _out_of_fold(link: Link, targets: np.ndarray, sums: np.ndarray, seed: int, weights: np.ndarray) -> np.ndarray:
    """The answers, each at the temperature that is best for the other folds."""
    folds, found = np.random.default_rng(seed).permutation(len(targets)) % _FOLDS, np.empty_like(sums)
    for fold in range(_FOLDS):
        held, rest = folds == fold, folds != fold
        found[held] = link.answer(sums[held] / _best(link, sums[rest], targets[rest], weights[rest]))
    return found


def tempered(link: Link, outputs: np.ndarray, temperature: float) -> np.ndarray:
    """Outputs as they are at another temperature."""
    if link.sums is None or temperature == 1:
        return outputs
    return link.answer(link.sums(np.asarray(outputs, np.float64)) / temperature).astype(np.float32)


def _best(link: Link, sums: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> float:
    from scipy.optimize import minimize_scalar  # 0.45 s that most runs do not need

    def loss(power: float) -> float:
        return float((weights * link.loss(link.answer(sums / np.exp(power)), targets)).mean())

    return round(float(np.exp(minimize_scalar(loss, bounds=_LIMITS, method="bounded").x)), 4)
