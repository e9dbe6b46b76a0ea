"""A head that stands compiled: trained again from its first weights under other numbers, without being traced anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from tlkit.compat.keras_optimizers import learning_rate
from tlkit.compat.tensors import Tensor

_NUMBERS = ("weight_decay", "momentum")  # of optimizers


class ReusableHead:
    """One head with what was compiled for it; empty until it is first asked for.

    Numbers that the compiled step would have taken for constants are variables here: dropout, learning rate and
    schedule, momentum and weight decay. What was learned before leaves no trace, to the last bit.
    """

    def __init__(self) -> None:
        self.model: keras.Model | None = None
        self.functions: dict[str, Callable[..., Any]] = {}
        self._numbers: dict[str, Any] = {}
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
        numbers = _numbers_of(optimizer)
        if not self.functions or list(numbers) != list(self._numbers):
            self.functions = {}
            self.model.compile(optimizer=optimizer, **settings)
            optimizer.build(self.model.trainable_variables)
            self._begun = _values(optimizer.variables)
            self._numbers = _lifted(optimizer)
        else:
            _assign(self.model.optimizer.variables, self._begun)
            for name, value in numbers.items():
                self._numbers[name].assign(value)
            if "_learning_rate" not in numbers:
                self.model.optimizer.learning_rate = float(optimizer.learning_rate)

    def compiled(self, name: str, make: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
        """A compiled function by its name, made when it is first asked for."""
        if name not in self.functions:
            self.functions[name] = make()
        return self.functions[name]


@contextmanager
def as_traced() -> Iterator[None]:
    """Small graphs run as they are: rewriting them takes TensorFlow longer than it saves."""
    import tensorflow as tf

    before = tf.config.optimizer.get_experimental_options().get("disable_meta_optimizer", False)
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    try:
        yield
    finally:
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": before})


def _numbers_of(optimizer: keras.optimizers.Optimizer) -> dict[str, Any]:
    """The numbers that a compiled step would take for constants; where one is 0 or missing, the step is another."""
    found = {name: getattr(optimizer, name, None) for name in _NUMBERS}
    schedule = learning_rate(optimizer)
    table = _table(schedule) if isinstance(schedule, keras.optimizers.schedules.CosineDecay) else None
    return {
        name: value for name, value in {**found, "_learning_rate": table}.items() if value is not None and np.any(value)
    }


def _lifted(optimizer: keras.optimizers.Optimizer) -> dict[str, object]:
    """Its numbers as variables, which stand in their places from now on."""
    import tensorflow as tf

    numbers = {}
    for name, value in _numbers_of(optimizer).items():
        shape = [None] * np.ndim(value)
        numbers[name] = tf.Variable(value, dtype=tf.float32, trainable=False, shape=shape)
        setattr(optimizer, name, _Table(numbers[name]) if shape else numbers[name])
    return numbers


class _Table(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate for each step, looked up."""

    def __init__(self, rates: Any) -> None:
        self.rates = rates

    def __call__(self, step: Tensor) -> Tensor:
        import tensorflow as tf

        rates = self.rates.value()
        return tf.gather(rates, tf.minimum(tf.cast(step, tf.int32), tf.size(rates) - 1))

    def get_config(self) -> dict[str, object]:
        return {"rates": self.rates.numpy().tolist()}


def _table(schedule: keras.optimizers.schedules.CosineDecay) -> np.ndarray:
    """What Keras's schedule gives for each step; it takes two graphs of its own to say it."""
    warmup, start = schedule.warmup_steps, schedule.initial_learning_rate
    peak = start if schedule.warmup_target is None else schedule.warmup_target
    steps = np.arange(warmup + schedule.decay_steps + 1)
    rising = start + (peak - start) * steps / max(1, warmup)
    falling = 0.5 * peak * (1 + np.cos(np.pi * (steps - warmup) / schedule.decay_steps))
    return np.asarray(np.where(steps < warmup, rising, falling))


def _lift(dropout: keras.layers.Dropout) -> tuple[Any, Any]:
    """Variables for the rate and for what is left to be scaled by, which the layer reads from now on."""
    import tensorflow as tf

    rate, scale = (tf.Variable(0.0, dtype=tf.float32, trainable=False) for _ in range(2))

    def call(inputs: Tensor, training: bool = False) -> Tensor:
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
