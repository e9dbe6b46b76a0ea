"""Pictures of any size brought to a model's size inside the exported graph, by the rule of `read_picture`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tlkit.exporting.exporter import RESIZING
from tlkit.kinds.image.pictures import RESIZES, resize_of
from tlkit.model.metadata import Metadata


def taking_any_size(model: keras.Model, metadata: Metadata) -> keras.Model:
    """A model of pictures that takes upright pixels of any size, of every picture in a batch the same."""
    height, width, channels = metadata["input_shape"]
    given = keras.Input((None, None, channels), dtype="uint8", name="inputs")
    resized = ResizeInside(height, width, RESIZES[resize_of(metadata)], name=RESIZING)(given)
    return keras.Model(given, model(ops.cast(resized, "uint8")), name=model.name)


class ResizeInside(keras.layers.Layer):
    """Cuts out the middle, averages whole numbers of pixels, and samples between four neighbours.

    Pictures that have the model's size already stay as they are: those who resize before may go on doing so.

    Args:
        share: of each side of the largest part that has the shape; 0 takes the whole picture.
    """

    def __init__(self, height: int, width: int, share: float, **options: Any) -> None:
        super().__init__(dtype="float32", autocast=False, **options)
        self.sides, self.share = (height, width), share

    def call(self, inputs: Any) -> Any:
        """Pixels from 0 to 255, in whole numbers."""
        high, wide = ops.shape(inputs)[1:3]
        height, width = self.sides
        if self.share:
            ready = ops.logical_and(ops.equal(high, height), ops.equal(wide, width))
            parts = self._part(high, wide * height // width), self._part(wide, high * width // height)
            for axis, (part, whole) in enumerate(zip(parts, (high, wide), strict=True), 1):
                inputs = _middle(inputs, axis, ops.where(ready, whole, part))
        pixels = ops.cast(inputs, "float32")
        for axis, side in enumerate(self.sides, 1):
            pixels = _averaged(pixels, axis, side)
        pixels = ops.floor(pixels + 0.5)
        for axis, side in enumerate(self.sides, 1):
            pixels = _between(pixels, axis, side)
        return ops.floor(pixels + 0.5)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """The model's size."""
        return (input_shape[0], *self.sides, input_shape[3])

    def _part(self, side: Any, of_shape: Any) -> Any:
        """How many pixels of a side are taken."""
        most = ops.cast(ops.minimum(side, ops.maximum(1, of_shape)), "float32")
        return ops.maximum(1, ops.cast(ops.round(self.share * most), "int32"))


def _middle(pixels: Any, axis: int, count: Any) -> Any:
    first = (ops.shape(pixels)[axis] - count) // 2
    return ops.take(pixels, first + ops.arange(count), axis)


def _averaged(pixels: Any, axis: int, side: int) -> Any:
    """Blocks of pixels averaged, as many as leave less than twice the side; the last block may be smaller."""
    shape = ops.shape(pixels)
    there = shape[axis]
    block = ops.maximum(1, there // side)
    count = (there + block - 1) // block
    padding = [[0, 0] for _ in shape]
    padding[axis][1] = count * block - there
    blocks = ops.reshape(ops.pad(pixels, padding), (*shape[:axis], count, block, *shape[axis + 1 :]))
    sizes = ops.minimum(block, there - ops.arange(count) * block)
    return ops.sum(blocks, axis + 1) / ops.cast(ops.reshape(sizes, _along(axis)), "float32")


def _between(pixels: Any, axis: int, side: int) -> Any:
    """Sampled at so many places along an axis, between two neighbours."""
    last = ops.shape(pixels)[axis] - 1
    scale = ops.cast(last + 1, "float32") / side
    places = (ops.arange(side, dtype="float32") + 0.5) * scale - 0.5
    places = ops.clip(places, 0.0, ops.cast(last, "float32"))
    low = ops.cast(ops.floor(places), "int32")
    part = ops.reshape(places - ops.floor(places), _along(axis))
    return ops.take(pixels, low, axis) * (1 - part) + ops.take(pixels, ops.minimum(low + 1, last), axis) * part


def _along(axis: int) -> list[int]:
    return [-1 if each == axis else 1 for each in range(4)]
