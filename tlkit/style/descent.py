"""The steps by which a canvas is improved: Adam on plain tensors, so that a whole step can be compiled."""

from __future__ import annotations

from collections.abc import Sequence

from keras import ops

from tlkit.compat.tensors import Tensor

_FIRST, _SECOND = 0.9, 0.99  # how long slopes are remembered; shorter than usual, since there is no noise


Memory = tuple[Tensor, list[Tensor], list[Tensor]]  # the number of steps, means of slopes and of their squares


def at_rest(weights: Sequence[Tensor]) -> Memory:
    """What Adam remembers before the first step: the step's number, and means of slopes and of their squares."""
    still = [ops.zeros_like(each) for each in weights]
    return ops.convert_to_tensor(0.0), still, still


def moved(
    weights: Sequence[Tensor], slopes: Sequence[Tensor], memory: Memory, learning_rate: float
) -> tuple[list[Tensor], Memory]:
    """Weights after a step, and what is remembered.

    Reference: Kingma and Ba, 2015, "Adam: a method for stochastic optimization".
    """
    number, means, squares = memory
    number = number + 1.0
    means = [_FIRST * old + (1 - _FIRST) * new for old, new in zip(means, slopes, strict=True)]
    squares = [_SECOND * old + (1 - _SECOND) * new**2 for old, new in zip(squares, slopes, strict=True)]
    rate = learning_rate * ops.sqrt(1 - _SECOND**number) / (1 - _FIRST**number)
    steps = [mean / (ops.sqrt(square) + 1e-7) for mean, square in zip(means, squares, strict=True)]
    return [each - rate * step for each, step in zip(weights, steps, strict=True)], (number, means, squares)
