"""Random changes of training images, each a function of the image, its seed and the recipe's steps alone."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tlkit.data.augmentation_layers import Transform, make_layer, make_own, make_transforms
from tlkit.data.augmentation_names import MIXES, Step, read_steps
from tlkit.data.draws import Draws, seeds_for
from tlkit.errors import RecipeError, TlkitError

__all__ = ["Augmentation", "build", "seeds_for"]


class Augmentation:
    """A recipe's augmentation steps, ready to be applied; made by `build`.

    Nothing is kept between calls, so the batch, its order and the number of threads change nothing.
    """

    def __init__(self, spec: str, transforms: Sequence[Transform], mixes: Sequence) -> None:
        self.spec = spec
        self.mixes = bool(mixes)
        self._transforms = transforms
        self._mixes = mixes
        self._graphs: dict[tuple, Callable] = {}

    @property
    def fingerprint(self) -> str:
        """A short hash of `spec`, the steps that change single images, to key caches by."""
        return hashlib.blake2b(self.spec.encode(), digest_size=8).hexdigest()

    def one(self, image, seed):
        """One image (h, w, c) changed as its seed says, in float32 from 0 to 255; also inside `dataset.map`.

        Example:
            >>> pairs = tf.data.Dataset.from_tensor_slices((np.zeros((2, 8, 8, 3), "uint8"), np.arange(2)))
            >>> len(pairs.map(build([{"zoom": 0.2}]).one, num_parallel_calls=2))
            2
        """
        draws = Draws(seed)
        images = tf.cast(image, tf.float32)[None]
        for transform in self._transforms:
            images = transform(images, draws)
        return tf.clip_by_value(tf.ensure_shape(images[0], image.shape), 0.0, 255.0)

    def augment(self, images, seeds):
        """A batch of images (n, h, w, c), each changed as its own seed says; for use inside a graph."""
        return tf.map_fn(lambda pair: self.one(*pair), (images, seeds), fn_output_signature=tf.float32)

    def batch(self, images: np.ndarray, seeds: np.ndarray) -> np.ndarray:
        """The same for arrays, from anywhere; compiled once for every size of image.

        Example:
            >>> build([{"flip": "horizontal"}]).batch(np.zeros((2, 8, 8, 3), "uint8"), np.arange(2)).shape
            (2, 8, 8, 3)
        """
        key = (images.dtype.str, *images.shape[1:])
        if key not in self._graphs:
            self._graphs[key] = _compiled(self.augment, images)
        with tf.device("CPU:0"):
            return self._graphs[key](images, np.asarray(seeds, np.int64)).numpy()

    def mix(self, images, targets, seed):
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


def build(steps: Iterable[Any] | None, *, folder: Path | None = None) -> Augmentation:
    """The augmentation that a recipe's list of steps describes; own files are looked for in `folder`.

    Example:
        >>> build([{"flip": "horizontal"}, {"mixup": 0.2}]).mixes
        True
    """
    read = read_steps(steps)
    parts = _parts(read, folder)
    single = [part for step, part in zip(read, parts, strict=True) if step.name not in MIXES]
    mixes = [part for step, part in zip(read, parts, strict=True) if step.name in MIXES]
    return Augmentation(_spec(read, folder), make_transforms(single), mixes)


def _parts(steps: Sequence[Step], folder: Path | None) -> list:
    """Layers and own functions, one a step; all the problems of all steps at once."""
    parts, problems = [], []
    for index, step in enumerate(steps):
        try:
            parts.append(make_own(step, folder) if step.own else make_layer(step))
        except TlkitError as error:
            problems += [f"augment[{index}]: {line}" for line in str(error).splitlines()]
    if problems:
        raise RecipeError(problems)
    return parts


def _spec(steps: Sequence[Step], folder: Path | None) -> str:
    """The steps that change single images, in one order of keys, an own file with the hash of its text."""
    single = [step for step in steps if step.name not in MIXES]
    return json.dumps(
        [[step.name, step.arguments, _source(step, folder)] for step in single], sort_keys=True, default=str
    )


def _source(step: Step, folder: Path | None) -> str:
    path = (folder or Path()) / step.name.rpartition(":")[0]
    return hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest() if path.suffix == ".py" else ""


def _compiled(function: Callable, images: np.ndarray) -> Callable:
    signature = [tf.TensorSpec([None, *images.shape[1:]], images.dtype), tf.TensorSpec([None], tf.int64)]
    return tf.function(function, input_signature=signature)


def _mixed(layer, draws, images, targets) -> tuple:
    drawn = layer.get_random_transformation(images, seed=draws)
    return layer.transform_images(images, drawn), layer.transform_labels(targets, drawn)
