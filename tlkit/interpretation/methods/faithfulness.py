"""How far a heat map can be trusted: what its hottest positions do to the answer, and what an untrained model shows."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np

from tlkit.data.splits import InputSequence
from tlkit.interpretation.methods.occlusion import Answers, filling

STEPS = 20


@dataclass(frozen=True)
class DeletionSteps:
    """One example with more and more of its positions from another, in a given order; the second has all of them."""

    start: np.ndarray
    end: np.ndarray
    rank: np.ndarray  # of each position, 0 first

    def __len__(self) -> int:
        return STEPS + 1

    def __getitem__(self, index: int) -> np.ndarray:
        taken = self.rank < index / STEPS * self.rank.size
        wide = taken.reshape(taken.shape + (1,) * (self.start.ndim - taken.ndim))
        return np.where(wide, self.end, self.start)


@dataclass(frozen=True)
class ChainedSequences:
    """Several sequences as one."""

    parts: tuple[InputSequence, ...]

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def __getitem__(self, index: int) -> np.ndarray:
        for part in self.parts:
            if index < len(part):
                return part[index]
            index -= len(part)
        raise IndexError(index)


@dataclass(frozen=True)
class Faithfulness:
    """The probability as positions are deleted or inserted, hottest first, and by chance for comparison."""

    deletion: np.ndarray
    insertion: np.ndarray
    deletion_by_chance: np.ndarray
    insertion_by_chance: np.ndarray

    @property
    def numbers(self) -> dict[str, float]:
        """The area under each curve: low is good for deletion, high for insertion."""
        areas = {name: float(np.trapezoid(getattr(self, name), dx=1 / STEPS)) for name in _NAMES}
        gain = (areas["deletion_by_chance"] - areas["deletion"]) + (areas["insertion"] - areas["insertion_by_chance"])
        return {**areas, "better_than_chance": gain / 2}


_NAMES = ("deletion", "insertion", "deletion_by_chance", "insertion_by_chance")


def judge(
    answers: Answers,
    example: np.ndarray,
    heat: np.ndarray,
    output: int,
    *,
    grey: float | None = None,
    seed: int = 0,
) -> Faithfulness:
    """Deletion (positions replaced by grey) and insertion (positions brought into a blur) along a heat map.

    Chance takes blocks as large as an eighth of the input in random order, so that it deletes shapes and not dust.

    Reference: Petsiuk et al., 2018, "RISE: randomized input sampling for explanation of black-box models".
    """
    axes = heat.ndim
    blank = filling(example, "grey", axes, 1, grey)
    measured = grey is None and np.issubdtype(example.dtype, np.number)
    soft = filling(example, "blur", axes, max(2, min(heat.shape) // 5)) if measured else blank
    ranks = (_rank(heat), _rank(_blocks(heat.shape, seed)))
    orders = [DeletionSteps(start, end, rank) for rank in ranks for start, end in ((example, blank), (soft, example))]
    values = np.asarray(answers(ChainedSequences(tuple(orders))), np.float32)[:, output].reshape(4, -1)
    return Faithfulness(values[0], values[1], values[2], values[3])


def untrained(model: keras.Model, seed: int = 0) -> keras.Model:
    """The same model with weights as they are before any training; the model itself is left alone."""
    keras.utils.set_random_seed(seed)
    return keras.models.clone_model(model)


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """The rank correlation of two maps: 1 where they order positions alike, 0 where one says nothing of the other."""
    first, second = (_rank(each).ravel().astype(float) for each in (one, other))
    if min(np.ptp(one), np.ptp(other)) < 1e-12:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def _rank(heat: np.ndarray) -> np.ndarray:
    order = np.argsort(-heat.ravel(), kind="stable")
    rank = np.empty(heat.size, int)
    rank[order] = np.arange(heat.size)
    return rank.reshape(heat.shape)


def _blocks(shape: tuple[int, ...], seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).random(tuple(min(8, each) for each in shape))
    for axis, size in enumerate(shape):
        noise = np.take(noise, np.arange(size) * noise.shape[axis] // size, axis)
    return noise
