"""The picture that excites a filter most: gradient ascent on the input, from coarse to fine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from tlkit.compat.tensors import Tensor
from tlkit.errors import ModelError
from tlkit.interpretation.methods.occlusion import blurred
from tlkit.model.anatomy import before_activation, find_nested_layer, up_to
from tlkit.model.gradients import compiled, value_and_gradient


def exciting_pictures(
    model: keras.Model, layer: str, filters: list[int], *, steps: int = 64, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """For each filter a picture (0 to 1) and how strongly it answers, relative to grey noise of the same contrast.

    Each step moves the picture a little first, and the first steps are blurred, so that what comes out is a pattern.

    Reference: Erhan et al., 2009, "Visualizing higher-layer features of a deep network".
    """
    nested = find_nested_layer(model, layer)
    count = nested.shape[-1] or 0
    wrong = [each for each in filters if not 0 <= each < count]
    if wrong:
        raise ModelError(f"layer '{layer}': has filters 0 to {count - 1}, found {wrong[0]}")
    front = up_to(model, before_activation(model, nested))
    # raw input may be whole numbers, which have no gradients: begin behind the preprocessing's cast
    scale, front = _float_input(model, front)
    rng = np.random.default_rng(seed)
    noise = rng.normal(0.5, 0.05, (len(filters), *model.input_shape[1:])).astype(np.float32)
    step = compiled(value_and_gradient(lambda x: _response(front, x * scale, filters)))
    (_, before), _ = step(ops.convert_to_tensor(noise))
    pictures = _climb(step, noise, steps, rng)
    (_, after), _ = step(ops.convert_to_tensor(pictures))
    return pictures, np.asarray(ops.convert_to_numpy(after)) - np.asarray(ops.convert_to_numpy(before))


def _float_input(model: keras.Model, front: keras.Model) -> tuple[float, keras.Model]:
    """A twin of the front that takes floats, and what 1 stands for in raw input."""
    if "int" not in str(model.inputs[0].dtype):
        return 1.0, front
    inputs = keras.Input(front.input_shape[1:], dtype="float32")
    parts = [each for each in front.layers if isinstance(each, keras.Model)]
    if len(parts) != 2:
        raise ModelError("this model takes whole numbers, and has no preprocessing of its own to go around")
    x = inputs
    for each in parts[0].layers:
        x = x if isinstance(each, keras.layers.InputLayer) else each(x)
    return 255.0, keras.Model(inputs, parts[1](x))


def _response(front: keras.Model, pictures: Tensor, filters: Sequence[int]) -> tuple[Tensor, Tensor]:
    maps = front(pictures, training=False)
    chosen = ops.stack([ops.mean(maps[index, ..., each]) for index, each in enumerate(filters)])
    return ops.sum(chosen), chosen


def _climb(step: Callable[[Tensor], Any], pictures: np.ndarray, steps: int, rng: np.random.Generator) -> np.ndarray:
    axes = pictures.ndim - 2
    around = tuple(range(1, pictures.ndim))
    for number in range(steps):
        shift = rng.integers(-4, 5, axes)
        moved = np.roll(pictures, shift, tuple(range(1, axes + 1)))
        _, slope = step(ops.convert_to_tensor(moved))
        slope = np.roll(np.asarray(ops.convert_to_numpy(slope)), -shift, tuple(range(1, axes + 1)))
        pictures = pictures + 0.03 * _evened(slope, axes, around)
        share = 1 - number / steps
        if number % 4 == 0 and share > 0.2:  # finer and finer
            soft = np.stack([blurred(each, axes, 2) for each in pictures]).astype(np.float32)
            pictures = pictures + share * 0.7 * (soft - pictures)
        pictures = np.clip(pictures, 0, 1).astype(np.float32)
    return pictures


def _evened(slope: np.ndarray, axes: int, around: tuple[int, ...]) -> np.ndarray:
    """A gradient whose coarse parts count as much as its fine ones, which else drown them."""
    total = np.zeros_like(slope)
    for width in (2, 6, 18):
        part = np.stack([blurred(each, axes, width) for each in slope]) if width < min(slope.shape[1:-1]) else slope
        total += part / (part.std(axis=around, keepdims=True) + 1e-8)
    return total / 3
