"""Why a net of one's own cannot be built: the layer at fault, and the smallest input that works."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

import keras

from tlkit.errors import ModelError

_LARGEST = 512


def headless(built: object, net: str, shape: Sequence[int]) -> keras.Model:
    """What a net's function gave, if that is a Keras model of such inputs without a head.

    Example:
        >>> headless(keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)]), "tiny", (4,)).output_shape
        (None, 3)
    """
    if fault := _unlike(built, shape):
        said = f"expected to return a keras.Model of one input {tuple(shape)} and one output, without a head"
        raise ModelError(f"model.net: {net}: {said}; received {fault}")
    assert isinstance(built, keras.Model), "said above"
    return built


def _unlike(built: object, shape: Sequence[int]) -> str:
    """What is wrong with a built net; empty if nothing is."""
    if not isinstance(built, keras.Model):
        return type(built).__name__
    inputs: Sequence[Any] = getattr(built, "inputs", None) or ()
    outputs: Sequence[Any] = getattr(built, "outputs", None) or ()
    if len(inputs) != 1 or len(outputs) != 1:
        return f"one of {len(inputs)} inputs and {len(outputs)} outputs"
    taken = inputs[0].shape[1:]
    if len(taken) != len(shape) or any(a not in (None, b) for a, b in zip(taken, shape, strict=True)):
        return f"one of input {tuple(taken)}"
    last = built.layers[-1]
    if isinstance(last, keras.layers.Softmax) or getattr(last, "activation", None) is keras.activations.softmax:
        return f"one that ends in a softmax ('{last.name}'): leave its head out, tlkit puts one on"
    return ""


def explained(build: Callable[[Sequence[int]], Any], shape: Sequence[int], error: Exception) -> str:
    """What Keras says, with the layer it says it of and, where a larger input would do, how large.

    Example:
        >>> explained(lambda shape: keras.layers.Conv2D(1, 5)(keras.Input(shape)), (4, 4, 1), ValueError("too small"))
        'conv2d: too small. The smallest input that works is 5 x 5'
    """
    said = next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")
    layer, smallest = _layer_at_fault(build, shape), _smallest(build, shape)
    where = f"{layer}: " if layer else ""
    if smallest is None:
        return f"{where}{said}"
    return f"{where}{said}. The smallest input that works is {' x '.join([str(smallest)] * (len(shape) - 1))}"


def _layer_at_fault(build: Callable[[Sequence[int]], Any], shape: Sequence[int]) -> str | None:
    """The innermost layer that was being called; Keras hides its own frames unless told not to."""
    filtering = keras.config.is_traceback_filtering_enabled()
    keras.config.disable_traceback_filtering()
    try:
        build(shape)
    except Exception as error:
        return _innermost(error.__traceback__)
    finally:
        if filtering:
            keras.config.enable_traceback_filtering()
    return None


def _innermost(trace: TracebackType | None) -> str | None:
    name = None
    while trace is not None:
        owner = trace.tb_frame.f_locals.get("self")
        name = owner.name if isinstance(owner, keras.Layer) and not isinstance(owner, keras.Model) else name
        trace = trace.tb_next
    return name


def _smallest(build: Callable[[Sequence[int]], Any], shape: Sequence[int]) -> int | None:
    """By doubling and halving, with all sides alike; None where no size of up to 512 helps."""
    low = high = max(shape[:-1], default=0)
    while high and not _works(build, high, shape):
        low, high = high, 2 * high
        if high > _LARGEST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _works(build, middle, shape) else (middle, high)
    return high or None


def _works(build: Callable[[Sequence[int]], Any], size: int, shape: Sequence[int]) -> bool:
    try:
        build((*[size] * (len(shape) - 1), shape[-1]))
    except (ValueError, TypeError):
        return False
    return True
