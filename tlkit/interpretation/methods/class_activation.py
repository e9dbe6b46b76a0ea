"""Class activation maps: which positions of a layer spoke for a class, exactly where the head allows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from tlkit.compat.tensors import Tensor
from tlkit.model.anatomy import NestedLayer, find_nested_layer, forward, last_map, logits, nested_layers, split_at
from tlkit.model.gradients import gradient

_POOLING = ("GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D")


@dataclass(frozen=True)
class SplitModel:
    """A model taken apart at one layer: raw input to its maps, and the maps to the sums before the last squashing."""

    layer: str
    front: keras.Model
    tail: keras.Model

    @property
    def exact(self) -> bool:
        """Whether average pooling and one dense layer follow, so that each position's share is known."""
        rest = [type(each.layer).__name__ for each in nested_layers(self.tail)]
        rest = [each for each in rest if each not in ("Dropout", "Identity")]
        return len(rest) == 2 and rest[0] in _POOLING and rest[1] in ("_Linear", "Dense")


def take_apart(model: keras.Model, layer: str | None = None) -> SplitModel:
    """A model at a layer, by default the last one with positions."""
    nested: NestedLayer = find_nested_layer(model, layer) if layer else last_map(model)
    front, tail = split_at(model, nested)
    return SplitModel(nested.layer.name, front, logits(tail))


def class_activation(taken: SplitModel, inputs: np.ndarray, outputs: Sequence[int]) -> np.ndarray:
    """One map an example: (examples, positions...); positive where it speaks for the output against the others.

    Exact shares (class activation maps) behind average pooling and a dense layer, gradients (Grad-CAM) elsewhere;
    there the two agree, since a map's mean gradient is its weight.

    References: Zhou et al., 2016, "Learning deep features for discriminative localization"; Selvaraju et al., 2017,
    "Grad-CAM".
    """
    maps = forward(taken.front, inputs)
    if taken.exact:
        return np.einsum("n...c,nc->n...", maps, _dense_weights(taken, outputs))
    slopes = gradient(lambda x: ops.sum(_chosen(taken.tail(x, training=False), outputs)), maps)
    weights = slopes.mean(axis=tuple(range(1, slopes.ndim - 1)))
    return np.maximum(np.einsum("n...c,nc->n...", maps, weights), 0)


def _chosen(sums: Tensor, outputs: Sequence[int]) -> Tensor:
    """Each example's own output against the mean of all: a softmax knows its inputs up to a constant only."""
    mask = np.zeros(tuple(sums.shape), np.float32)
    mask[np.arange(len(outputs)), np.asarray(outputs)] = 1.0
    if mask.shape[1] > 1:
        mask -= 1 / mask.shape[1]
    return sums * ops.convert_to_tensor(mask)


def _dense_weights(taken: SplitModel, outputs: Sequence[int]) -> np.ndarray:
    *_, last = nested_layers(taken.tail)
    dense = getattr(last.layer, "_kernel_of", last.layer)
    kernel = np.asarray(ops.convert_to_numpy(dense.kernel), np.float32)
    against = kernel.mean(axis=1, keepdims=True) if kernel.shape[1] > 1 else 0.0
    return (kernel - against).T[np.asarray(outputs)]


def enlarged(heat: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A map brought to the positions of the input, linearly along each axis, cell centres kept in place."""
    for axis, size in enumerate(shape):
        have = heat.shape[axis]
        at = np.clip((np.arange(size) + 0.5) * have / size - 0.5, 0, have - 1)
        low = np.floor(at).astype(int)
        high = np.minimum(low + 1, have - 1)
        share = (at - low).reshape([-1 if each == axis else 1 for each in range(heat.ndim)]).astype(np.float32)
        heat = np.take(heat, low, axis) * (1 - share) + np.take(heat, high, axis) * share
    return heat
