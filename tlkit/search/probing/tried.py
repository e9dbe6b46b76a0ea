"""What ways to learn come to on examples that they did not learn from, and which of them is best."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Candidate:
    """A way to learn: what it is called, and what of a recipe it changes."""

    name: str
    changes: Mapping[str, Any]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Gain:
    """By how much a mean error is less than another on the same examples, and the standard error of that."""

    mean: float
    error: float

    share: float = 1.0  # of the other's examples

    @property
    def counts(self) -> bool:
        """Whether it is more than its standard error; twice that where fewer examples tell it."""
        return self.mean > (self.error if self.share == 1.0 else 2 * self.error)

    @property
    def is_hopeless(self) -> bool:
        """Whether it is a loss of more than its standard error."""
        return self.mean < -self.error

    def __str__(self) -> str:
        return f"{self.mean:+.4f} ± {self.error:.4f}"


@dataclass(frozen=True)
class Tried:
    """What a candidate comes to on examples that it did not learn from."""

    candidate: Candidate
    name: str  # of the task's first score
    score: float  # of all that was held out
    errors: Mapping[str, float]  # of each example, by its id: its loss, or what of another metric it is judged by
    seconds: float
    loss: float  # in the mean
    final: float = 0.0  # seconds of a run with it, beside those that every run takes

    @property
    def error(self) -> float:
        """In the mean."""
        return float(np.mean([*self.errors.values()]))

    @property
    def line(self) -> str:
        """What it came to, in a line."""
        return f"{self.candidate!s:<30} {self.name} {self.score:.4f}  loss {self.loss:.4f}  {self.seconds:.1f} s"

    def row(self, first: Tried) -> dict[str, Any]:
        """What it came to as plain values, beside what was tried first."""
        gain = self.gain_over(first)
        return {
            "candidate": self.candidate.name, self.name: self.score, "log_loss": self.loss, "gain": gain.mean,
            "error": gain.error, "examples": len(self.errors), "seconds": round(self.seconds, 2),
        }  # fmt: skip

    def gain_over(self, other: Tried) -> Gain:
        """By how much it is better on the examples that both were judged by."""
        less = np.array([other.errors[each] - error for each, error in self.errors.items() if each in other.errors])
        if len(less) < 2:
            return Gain(0.0, 0.0)
        return Gain(float(less.mean()), float(less.std(ddof=1) / len(less) ** 0.5), len(less) / len(other.errors))

    def beats(self, other: Tried) -> bool:
        """Whether what it gains counts."""
        return self.gain_over(other).counts


@dataclass(frozen=True)
class Step:
    """One that was tried, the best before it, and what it gained over that."""

    tried: Tried
    before: Tried
    gain: Gain

    @property
    def is_taken(self) -> bool:
        """Whether it is the best from there on."""
        return self.gain.counts


def best_of(found: Sequence[Tried]) -> Tried:
    """The one that beats all before it by more than its standard error; the first stands while none does."""
    return functools.reduce(lambda best, each: each if each.beats(best) else best, found)


def steps_of(found: Sequence[Tried]) -> list[Step]:
    """Each behind the first, in the order in which they were tried."""
    pairs = [(each, best_of(found[:place])) for place, each in enumerate(found) if place]
    return [Step(each, before, each.gain_over(before)) for each, before in pairs]
