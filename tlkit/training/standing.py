"""A head that stands compiled: trained again from its first weights under other numbers, without being traced anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

_NUMBERS = ("weight_decay", "momentum")  # of optimizers
_OF_SCHEDULES = ("initial_learning_rate", "decay_steps", "warmup_target", "warmup_steps")


class Standing:
    """One head with what was compiled for it; empty until it is first asked for.

    Numbers that the compiled step would have taken for constants are variables here: dropout, learning rate and
    schedule, momentum and weight decay. What was learned before leaves no trace, to the last bit.
    """

    def __init__(self) -> None:
        self.model: keras.Model | None = None
        self.functions: dict[str, Callable] = {}
        self._rates: list[Any] = []

    def head(self, build: Callable[[], keras.Model], dropout: float) -> keras.Model:
        """The head as it begins: built now, or with its first weights and seeds again."""
        if self.model is None:
            self.model = build()
            self._rates = [_lift(each) for each in self.model.layers if isinstance(each, keras.layers.Dropout)]
            self._variables = list(self.model.variables)
            self._first = _values(self._variables)
        else:
            _assign(self._variables, self._first)
        for rate, scale in self._rates:
            rate.assign(dropout)
            scale.assign(1 / (1 - dropout))
        return self.model

    def compile(self, optimizer: keras.optimizers.Optimizer, **settings: Any) -> None:
        """Compile it, or give the optimizer that it has a fresh start with the numbers of this one."""
        assert self.model is not None, "its head was asked for"
        if not self.functions or _names(optimizer) != self._names:
            self._names, self.functions = _names(optimizer), {}
            self.model.compile(optimizer=optimizer, **settings)
            optimizer.build(self.model.trainable_variables)
            self._begun = _values(optimizer.variables)
            self._numbers = _lifted(optimizer)
        else:
            _assign(self.model.optimizer.variables, self._begun)
            self._put(optimizer)

    def compiled(self, name: str, make: Callable[[], Callable]) -> Callable:
        """A compiled function by its name, made when it is first asked for."""
        if name not in self.functions:
            self.functions[name] = make()
        return self.functions[name]

    def _put(self, other: keras.optimizers.Optimizer) -> None:
        for number, (_, _, value) in zip(self._numbers, _numbers_of(other), strict=True):
            number.assign(value)
        if not isinstance(other._learning_rate, keras.optimizers.schedules.LearningRateSchedule):
            self.model.optimizer.learning_rate = float(other.learning_rate)


def _numbers_of(optimizer: keras.optimizers.Optimizer) -> list[tuple[Any, str, float]]:
    """(owner, name, value) of each number that a compiled step would take for a constant."""
    found = [(optimizer, name) for name in _NUMBERS]
    schedule = optimizer._learning_rate
    if isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        found += [(schedule, name) for name in _OF_SCHEDULES]
    return [(owner, name, float(getattr(owner, name))) for owner, name in found if getattr(owner, name, None)]


def _names(optimizer: keras.optimizers.Optimizer) -> list[str]:
    return [name for _, name, _ in _numbers_of(optimizer)]


def _lifted(optimizer: keras.optimizers.Optimizer) -> list[Any]:
    """Its numbers as variables, which stand in their places from now on."""
    import tensorflow as tf

    numbers = []
    for owner, name, value in _numbers_of(optimizer):
        numbers.append(tf.Variable(value, dtype=tf.float32, trainable=False))
        setattr(owner, name, numbers[-1])
    return numbers


def _lift(dropout: keras.layers.Dropout) -> tuple[Any, Any]:
    """Variables for the rate and for what is left to be scaled by, which the layer reads from now on."""
    import tensorflow as tf

    rate, scale = (tf.Variable(0.0, dtype=tf.float32, trainable=False) for _ in range(2))

    def call(inputs, training=False):
        if not training:
            return inputs
        drawn = keras.random.uniform(keras.ops.shape(inputs), dtype="float32", seed=dropout.seed_generator)
        return tf.where(drawn >= rate, inputs * scale, 0.0)

    dropout.call = call
    return rate, scale


def _values(variables: Sequence[Any]) -> list[np.ndarray]:
    return [np.array(each) for each in variables]


def _assign(variables: Sequence[Any], values: Sequence[np.ndarray]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
