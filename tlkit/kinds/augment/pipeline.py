"""Random changes of training examples, each a function of the example, its seed and the recipe's steps alone."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tlkit.compat.tensors import Tensor
from tlkit.errors import RecipeError, TlkitError
from tlkit.kinds.augment.augmentation_layers import Part, Transform, make_step, make_transforms
from tlkit.kinds.augment.augmentation_names import MIXES, Step, read_steps
from tlkit.kinds.augment.random_draws import Draws, seeds_for
from tlkit.kinds.kind import kind_of
from tlkit.own_files import own_file

_REFUSALS = (ValueError, TypeError, tf.errors.InvalidArgumentError)
_LARGE, _PIECE = 1 << 21, 256  # values of an example that a step is not tried on whole; sides of what it is tried on

__all__ = ["Augmentation", "as_before", "build", "seeds_for"]


class Augmentation:
    """A recipe's augmentation steps, ready to be applied; made by `build`.

    Nothing is kept between calls, so the batch, its order and the number of threads change nothing.
    """

    def __init__(
        self, spec: str, transforms: Sequence[Transform], mixes: Sequence[keras.Layer], *, pixels: bool = True
    ) -> None:
        self.spec = spec
        self._pixels = pixels
        self.mixes = bool(mixes)
        self._transforms = transforms
        self._mixes = mixes
        self._graphs: dict[tuple[Any, ...], Callable[..., Tensor]] = {}

    @property
    def fingerprint(self) -> str:
        """A short hash of `spec`, the steps that change single images, to key caches by."""
        return hashlib.blake2b(self.spec.encode(), digest_size=8).hexdigest()

    def one(self, image: Tensor, seed: Tensor) -> Tensor:
        """One example changed as its seed says, in float32, pixels from 0 to 255; also inside `dataset.map`.

        Example:
            >>> pairs = tf.data.Dataset.from_tensor_slices((np.zeros((2, 8, 8, 3), "uint8"), np.arange(2)))
            >>> len(pairs.map(build([{"zoom": 0.2}]).one, num_parallel_calls=2))
            2
        """
        draws = Draws(seed)
        images = tf.cast(image, tf.float32)[None]
        for transform in self._transforms:
            images = transform(images, draws)
        changed = tf.ensure_shape(images[0], image.shape)
        return tf.clip_by_value(changed, 0.0, 255.0) if self._pixels else changed

    def augment(self, images: Tensor, seeds: Tensor) -> Tensor:
        """A batch of examples (n, ...), each changed as its own seed says; for use inside a graph."""
        return tf.map_fn(lambda pair: self.one(*pair), (images, seeds), fn_output_signature=tf.float32)

    def batch(self, images: np.ndarray, seeds: np.ndarray) -> np.ndarray:
        """The same for arrays, from anywhere; compiled once for every size of example.

        Example:
            >>> build([{"flip": "horizontal"}]).batch(np.zeros((2, 8, 8, 3), "uint8"), np.arange(2)).shape
            (2, 8, 8, 3)
        """
        key = (images.dtype.str, *images.shape[1:])
        if key not in self._graphs:
            self._graphs[key] = _compiled(self.augment, images)
        with tf.device("CPU:0"):
            return np.asarray(self._graphs[key](images, np.asarray(seeds, np.int64)).numpy())

    def mix(self, images: Tensor, targets: Tensor, seed: int) -> tuple[Tensor, Tensor]:
        """Images (n, h, w, c) and targets (n, k) mixed as the seed says; of several mixes a batch gets one."""
        if len(targets.shape) != 2:
            raise ValueError(f"mix expects targets of shape (examples, classes), received {tuple(targets.shape)}")
        draws = Draws(seed)
        pair = tf.cast(images, tf.float32), tf.cast(targets, tf.float32)
        twins = draws.fork(len(self._mixes))
        branches = [functools.partial(_mixed, *each, *pair) for each in zip(self._mixes, twins, strict=True)]
        if len(branches) < 2:
            return branches[0]() if branches else pair
        return tuple(tf.switch_case(draws.integer(len(branches)), branches))


def build(
    steps: Iterable[Any] | None,
    *,
    folder: Path | None = None,
    kind: str = "image",
    shape: tuple[int, ...] | None = None,
) -> Augmentation:
    """The augmentation that a recipe's list of steps describes; own files are looked for in `folder`.

    Steps that do not suit the `kind` of data are refused, and those that fail on an example of a `shape`; only pixels
    are kept between 0 and 255.

    Example:
        >>> build([{"flip": "horizontal"}, {"mixup": 0.2}]).mixes
        True
    """
    read = read_steps(steps, kind=kind)
    parts = _parts(read, folder, shape)
    single = [part for step, part in zip(read, parts, strict=True) if step.name not in MIXES]
    mixes = [part for step, part in zip(read, parts, strict=True) if step.name in MIXES]
    return Augmentation(_spec(read, folder), make_transforms(single), mixes, pixels=kind_of(kind).is_picture)


def as_before(changed: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Changed examples in the type they had: whole numbers rounded and kept in their range, others as they are.

    Example:
        >>> as_before(np.array([1.6, 300.0]), np.dtype("uint8")).tolist()
        [2, 255]
    """
    if dtype.kind not in "iu":
        return np.asarray(changed, dtype)
    limits = np.iinfo(dtype)
    return np.asarray(np.rint(changed).clip(limits.min, limits.max).astype(dtype))


def _parts(steps: Sequence[Step], folder: Path | None, shape: tuple[int, ...] | None) -> list[Part]:
    """Layers and own functions, one a step; all the problems of all steps at once."""
    parts, problems = [], []
    for index, step in enumerate(steps):
        try:
            parts.append(make_step(step, folder))
            if shape is not None:
                _try(step, parts[-1], shape)
        except TlkitError as error:
            problems += [f"augment[{index}]: {line}" for line in str(error).splitlines()]
    if problems:
        raise RecipeError(problems)
    return parts


def _try(step: Step, part: Part, shape: tuple[int, ...]) -> None:
    """Apply a step once, to find out what its arguments do not tell."""
    try:
        with tf.device("CPU:0"):
            changed = _once(functools.partial(_applied, step, part), shape)
    except _REFUSALS as error:
        said = next(iter(str(error).strip().splitlines()), type(error).__name__)
        said = said.rpartition("}} ")[2].partition(" [Op:")[0]  # TensorFlow's names of its own places
        raise RecipeError([f"{step.name}: fails on an example of shape {shape}: {said}"]) from error
    if not np.isfinite(changed).all():
        raise RecipeError([f"{step.name}: makes values that are no numbers of an example of zeros"])


def _once(apply: Callable[[Any], Any], shape: tuple[int, ...]) -> Any:
    """What is made of an example of zeros; one that is large is traced whole, and computed in part where that works."""
    piece = tuple(min(each, _PIECE) for each in shape) if math.prod(shape) > _LARGE else shape
    if piece != shape:
        tf.function(apply, autograph=False).get_concrete_function(tf.TensorSpec(shape, tf.float32))
        with contextlib.suppress(RecipeError, *_REFUSALS):  # too small a piece, perhaps: the whole tells
            return apply(tf.zeros(piece))
    return apply(tf.zeros(shape))


def _applied(step: Step, part: Any, example: Any) -> Any:
    if step.name in MIXES:
        return _mixed(part, Draws(0), tf.stack([example, example]), tf.zeros((2, 2)))[0]
    return functools.reduce(lambda now, each: each(now, Draws(0)), make_transforms([part]), example[None])


def _spec(steps: Sequence[Step], folder: Path | None) -> str:
    """The steps that change single images, in one order of keys, an own file with the hash of its text."""
    single = [step for step in steps if step.name not in MIXES]
    return json.dumps(
        [[step.name, step.arguments, _source(step, folder)] for step in single], sort_keys=True, default=str
    )


def _source(step: Step, folder: Path | None) -> str:
    path = own_file(step.name, folder or Path())
    return hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest() if path else ""


def _compiled(function: Callable[..., Tensor], images: np.ndarray) -> Callable[..., Tensor]:
    signature = [tf.TensorSpec([None, *images.shape[1:]], images.dtype), tf.TensorSpec([None], tf.int64)]
    graph: Callable[..., Tensor] = tf.function(function, input_signature=signature, autograph=False)
    return graph


def _mixed(layer: keras.Layer, draws: Draws, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    drawn = layer.get_random_transformation(images, seed=draws)
    return layer.transform_images(images, drawn), layer.transform_labels(targets, drawn)
