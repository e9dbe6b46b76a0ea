"""Keras's optimizers with TensorFlow's fused kernels: one pass over a weight and its moments in place of a dozen.

The formulas are Keras's own; so are schedules, clipping, weight decay and averages, which stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from tlkit.compat.tensors import Tensor

Update = Callable[[Any, Any, Any, int], None]  # gradient, variable, learning rate, place of the variable


def fused(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """The same optimizer, its step done by one kernel where TensorFlow has one for it.

    Example:
        >>> type(fused(keras.optimizers.Adam(0.01))).__name__
        'Adam'
    """
    make = _KERNELS.get(type(optimizer))
    if make is None or keras.backend.backend() != "tensorflow" or not _is_plain(optimizer):
        return optimizer
    import tensorflow as tf

    update, general = make(optimizer), optimizer.update_step

    def update_step(gradient: Tensor, variable: keras.Variable, learning_rate: Tensor) -> None:
        if isinstance(gradient, tf.IndexedSlices) or variable.dtype != tf.float32:
            return general(gradient, variable, learning_rate)
        index = optimizer._get_variable_index(variable)
        return update(tf.cast(gradient, tf.float32), variable.handle, tf.cast(learning_rate, tf.float32), index)

    optimizer.update_step = update_step
    return optimizer


def _is_plain(optimizer: keras.optimizers.Optimizer) -> bool:
    """Whether no option is on that the kernels know nothing of, and the weights are on one device."""
    import tensorflow as tf

    return not (
        getattr(optimizer, "amsgrad", False) or getattr(optimizer, "centered", False) or tf.distribute.has_strategy()
    )


def _adam(optimizer: keras.optimizers.Optimizer) -> Update:
    import tensorflow as tf

    def update(gradient: Tensor, handle: Tensor, rate: Tensor, index: int) -> None:
        step = tf.cast(optimizer.iterations, tf.float32) + 1.0
        tf.raw_ops.ResourceApplyAdam(
            var=handle, m=optimizer._momentums[index].value.handle, v=optimizer._velocities[index].value.handle,
            beta1_power=optimizer.beta_1**step, beta2_power=optimizer.beta_2**step, lr=rate,
            beta1=optimizer.beta_1, beta2=optimizer.beta_2, epsilon=optimizer.epsilon, grad=gradient,
        )  # fmt: skip

    return update


def _sgd(optimizer: keras.optimizers.Optimizer) -> Update:
    import tensorflow as tf

    plain = not optimizer.momentum

    def update(gradient: Tensor, handle: Tensor, rate: Tensor, index: int) -> None:
        if plain:
            tf.raw_ops.ResourceApplyGradientDescent(var=handle, alpha=rate, delta=gradient)
            return
        tf.raw_ops.ResourceApplyKerasMomentum(
            var=handle, accum=optimizer.momentums[index].value.handle, lr=rate, grad=gradient,
            momentum=optimizer.momentum, use_nesterov=optimizer.nesterov,
        )  # fmt: skip

    return update


def _rmsprop(optimizer: keras.optimizers.Optimizer) -> Update:
    import tensorflow as tf

    idle: list[Any] = []  # what the kernel takes for momentum where there is none: written, never read
    plain, build = not optimizer.momentum, optimizer.build

    def build_idle(variables: list[keras.Variable]) -> None:
        """Beside Keras's own state, so that no step that is being traced makes a variable and is traced again."""
        build(variables)
        if plain and not idle:
            idle.extend(tf.Variable(np.zeros(each.shape, np.float32)) for each in optimizer._velocities)

    def update(gradient: Tensor, handle: Tensor, rate: Tensor, index: int) -> None:
        momentum = idle[index] if plain else optimizer._momentums[index].value
        tf.raw_ops.ResourceApplyRMSProp(
            var=handle, ms=optimizer._velocities[index].value.handle, mom=momentum.handle, lr=rate,
            rho=optimizer.rho, momentum=optimizer.momentum, epsilon=optimizer.epsilon, grad=gradient,
        )  # fmt: skip

    optimizer.build = build_idle
    return update


_KERNELS: dict[type, Callable[[Any], Update]] = {
    keras.optimizers.Adam: _adam,
    keras.optimizers.AdamW: _adam,
    keras.optimizers.SGD: _sgd,
    keras.optimizers.RMSprop: _rmsprop,
}
