"""Keras's optimizers with a rate for each weight, and a pull back to what some weights began with.

Keras has neither; its `MultiOptimizer` has a state, a schedule and an average for each rate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras

from tlkit.compat.tensors import Tensor


def guide(
    optimizer: keras.optimizers.Optimizer,
    variables: Sequence[keras.Variable],
    shares: Mapping[str, float],
    *,
    pull: float = 0.0,
) -> None:
    """Build an optimizer that moves a weight by its share of the rate, and by `pull` of that to where it began.

    Args:
        shares: of the learning rate, by the path of a variable; others have all of it and are not pulled.

    Example:
        >>> optimizer, weight = keras.optimizers.SGD(1.0), keras.Variable([2.0], name="kernel")
        >>> guide(optimizer, [weight], {weight.path: 0.1})
        >>> optimizer.apply([keras.ops.ones(1)])
        >>> round(float(weight[0]), 6)
        1.9
    """
    optimizer.build(list(variables))
    given = [shares.get(each.path) for each in variables]
    first = [_copy(optimizer, each) if pull and share else None for each, share in zip(variables, given, strict=True)]
    step = optimizer.update_step

    def update_step(gradient: Tensor, variable: keras.Variable, learning_rate: Tensor) -> None:
        index = optimizer._get_variable_index(variable)
        rate, began = learning_rate * (given[index] or 1.0), first[index]
        step(gradient, variable, rate)
        if began is not None:
            away = keras.ops.subtract(variable, began)
            optimizer.assign_sub(variable, keras.ops.cast(rate * pull, variable.dtype) * away)

    optimizer.update_step = update_step


def _copy(optimizer: keras.optimizers.Optimizer, variable: keras.Variable) -> keras.Variable:
    """Beside the optimizer's own state, so that it is kept where that is."""
    began = optimizer.add_variable_from_reference(variable, name="began")
    began.assign(variable)
    return began
