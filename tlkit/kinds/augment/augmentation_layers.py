"""Keras's augmentation layers from steps, each as a function of images (1, h, w, c) and seeded draws."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import keras
import tensorflow as tf

from tlkit import catalog
from tlkit.compat.tensors import Tensor
from tlkit.errors import RecipeError, nearest
from tlkit.kinds.augment.affine import Warp, can_share, moves_pixels
from tlkit.kinds.augment.augmentation_names import AUGMENTATIONS, Step
from tlkit.kinds.augment.random_draws import Draws
from tlkit.quiet import drop_generated

Transform = Callable[[Tensor, Draws], Tensor]  # images (1, h, w, c) in float32 to images of the same shape
Part: TypeAlias = keras.Layer | Transform  # a layer of Keras, or a function of one's own
_MODES = ("horizontal", "vertical", "horizontal_and_vertical")
_OURS = {"data_format": "channels_last", "dtype": "float32", "seed": 0}  # the seed is never drawn from


def make_step(step: Step, folder: Path | None) -> Part:
    """A Keras layer for a step of the table that names one, else the function it names or the user's own."""
    return make_function(step, folder) if step.own or ":" in AUGMENTATIONS[step.name].target else make_layer(step)


def make_layer(step: Step) -> keras.Layer:
    """The Keras layer of a step from the table, on TensorFlow's functions whatever Keras's own backend is."""
    layer_class = getattr(keras.layers, AUGMENTATIONS[step.name].target)
    _check(step, _keywords(layer_class))
    _check_mode(step)
    try:
        layer = layer_class(**_arguments(step), **_OURS)
    except (ValueError, TypeError, NotImplementedError) as error:
        raise RecipeError([f"{step.name}: {' '.join(str(error).split())}"]) from error
    for each in (layer, *_inner(layer)):
        each.backend.set_backend("tensorflow")
    return layer


def make_function(step: Step, folder: Path | None) -> Transform:
    """A step's `function(example, seed, *, …)`, the seed being a pair for `tf.random.stateless_uniform`."""
    known = catalog.arguments(step.name, AUGMENTATIONS, kind="augmentation", folder=folder)
    _check(step, known)
    _check_numbers(step, known)
    function = catalog.resolve(step.name, AUGMENTATIONS, kind="augmentation", folder=folder)
    function = _as_graph(function) if step.own else function

    def transform(images: Tensor, draws: Draws) -> Tensor:
        return _like(images[0], function(images[0], draws.next(), **step.arguments), step)[None]

    return transform


def _as_graph(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of one's own, its plain `if`s made a graph; the files that TensorFlow writes for that go at once."""
    converted = tf.function(function)

    def traced(*given: Any, **arguments: Any) -> Any:
        try:
            return converted(*given, **arguments)
        finally:
            drop_generated()

    graph: Callable[..., Any] = tf.function(traced, autograph=False)
    return graph


def _like(example: Tensor, changed: Any, step: Step) -> Tensor:
    """What a function gave, if it is an example as it was given."""
    try:
        return tf.ensure_shape(tf.cast(changed, tf.float32), example.shape)
    except (TypeError, ValueError, tf.errors.OpError) as error:
        found = f"an array of shape {tuple(changed.shape)}" if hasattr(changed, "shape") else repr(changed)
        expected = f"to return an array of shape {tuple(example.shape)} as it was given"
        raise RecipeError([f"{step.name}: expected {expected}, received {found[:100]}"]) from error


def make_transforms(parts: Sequence[Part]) -> list[Transform]:
    """Functions that do what layers and own functions in turn do, neighbours that only move pixels in one go."""
    runs = [(moves, list(run)) for moves, run in itertools.groupby(parts, key=moves_pixels)]
    return [transform for moves, run in runs for transform in _transforms(run, moves)]


def _transforms(run: Sequence[Part], moves: bool) -> list[Transform]:
    return [Warp(run)] if moves and can_share(run) else [_transform(part) for part in run]


def _transform(part: Part) -> Transform:
    if isinstance(part, keras.layers.RandAugment):
        return functools.partial(_rand_augment, part)
    return functools.partial(_apply, part) if isinstance(part, keras.Layer) else part


def _apply(layer: keras.Layer, images: Tensor, draws: Draws) -> Tensor:
    return layer.transform_images(images, layer.get_random_transformation(images, seed=draws))


def _rand_augment(layer: keras.Layer, images: Tensor, draws: Draws) -> Tensor:
    """RandAugment that computes only the operations drawn; Keras's own call computes all eleven and picks."""
    operations = [each for each in _inner(layer) if _suits(each, images.shape[-1])]
    for _ in range(layer.num_ops):
        twins = draws.fork(len(operations))
        branches = [functools.partial(_apply, each, images, twin) for each, twin in zip(operations, twins, strict=True)]
        images = tf.ensure_shape(tf.switch_case(draws.integer(len(branches)), branches), images.shape)
    return images


def _inner(layer: keras.Layer) -> list[keras.Layer]:
    """The layers that RandAugment picks from; none for other layers."""
    return [getattr(layer, name) for name in getattr(layer, "_AUGMENT_LAYERS", ())]


def _suits(layer: keras.Layer, channels: int) -> bool:
    return channels == 3 or not isinstance(layer, keras.layers.RandomColorDegeneration)


def _arguments(step: Step) -> dict[str, object]:
    factor = step.arguments.get("factor")
    if step.name == "contrast" and isinstance(factor, int | float):
        # Keras documents one number as both ways, but with it draws from 1 to 1 + factor only
        return {**step.arguments, "factor": (factor, factor)}
    return dict(step.arguments)


def _keywords(layer_class: type[keras.Layer]) -> list[str]:
    ours = {"self", "kwargs", "value_range", *_OURS}
    return [name for name in inspect.signature(layer_class.__init__).parameters if name not in ours]


def _check(step: Step, known: Collection[str] | None) -> None:
    """Refuse arguments that the step does not take; None takes any."""
    if known is None:
        return
    unknown = [name for name in step.arguments if name not in known]
    if unknown:
        raise RecipeError(f"{step.name}: unknown argument '{name}'. {_hint(name, known)}" for name in unknown)


def _check_numbers(step: Step, known: Mapping[str, Any] | None) -> None:
    """Refuse anything but a number that is not negative where a step of the table has a number as its default."""
    if step.own or known is None:
        return
    for name, value in step.arguments.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if type(known[name]) in (int, float) and (not number or value < 0):
            raise RecipeError([f"{step.name}: {name}: expected a number from 0 up, received {value!r}"])


def _check_mode(step: Step) -> None:
    mode = step.arguments.get("mode", "horizontal")
    if step.name == "flip" and mode not in _MODES:  # Keras takes any, and then flips nothing
        raise RecipeError([f"flip: expected {', '.join(_MODES)}, received {mode!r}"])


def _hint(name: str, known: Collection[str]) -> str:
    return nearest(name, known) or f"Known: {', '.join(known) or 'none'}."
