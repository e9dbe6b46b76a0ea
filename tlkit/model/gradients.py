"""Gradients with respect to an input, with one door for each of Keras's backends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from tlkit.compat.tensors import Tensor
from tlkit.errors import EngineError

Function = Callable[..., Any]  # tensors -> a scalar, or (scalar, more to know)


def gradient(function: Function, inputs: np.ndarray) -> np.ndarray:
    """The gradient of a scalar function at `inputs`.

    Example:
        >>> gradient(lambda x: keras.ops.sum(x**2), np.array([1.0, 3.0], "float32")).tolist()
        [2.0, 6.0]
    """
    _, found = value_and_gradient(lambda x: (function(x), ()))(keras.ops.convert_to_tensor(inputs))
    return np.asarray(keras.ops.convert_to_numpy(found), np.float32)


def value_and_gradient(function: Function) -> Callable[..., Any]:
    """`x, *rest -> ((scalar, more), gradient for x)` of a function that gives `(scalar, more)`."""
    name = keras.backend.backend()
    if name not in _DOORS:
        raise EngineError(f"gradients cannot be had from Keras on {name}; set KERAS_BACKEND to {', '.join(_DOORS)}")
    return _DOORS[name](function)


def compiled(function: Function) -> Callable[..., Any]:
    """A function of tensors traced once per shape and run as one from then on, where the backend can."""
    name = keras.backend.backend()
    if name == "tensorflow":
        import tensorflow as tf

        return tf.function(function, autograph=False)
    if name == "jax":
        import jax

        return jax.jit(function)
    return function


def _tensorflow(function: Function) -> Callable[..., Any]:
    import tensorflow as tf

    def step(x: Tensor, *rest: Tensor) -> tuple[tuple[Tensor, Any], Tensor]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            value, more = function(x, *rest)
        return (value, more), tape.gradient(value, x)

    return step


def _jax(function: Function) -> Callable[..., Any]:
    import jax

    return jax.value_and_grad(function, has_aux=True)


def _torch(function: Function) -> Callable[..., Any]:
    import torch

    def step(x: Tensor, *rest: Tensor) -> tuple[tuple[Tensor, Any], Tensor]:
        leaves = [each.detach().requires_grad_(True) for each in _flat(x)]
        value, more = function(_like(x, leaves), *rest)
        slopes = torch.autograd.grad(value, leaves)
        known = keras.tree.map_structure(lambda each: each.detach(), more)
        return (value.detach(), known), _like(x, slopes)

    return step


def _flat(x: Tensor) -> list[Any]:
    return list(x) if isinstance(x, list | tuple) else [x]


def _like(x: Tensor, leaves: Sequence[Tensor]) -> Any:
    return list(leaves) if isinstance(x, list | tuple) else leaves[0]


_DOORS = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
