"""Blocks of a backbone, what of them is trained, and the cut between what is frozen and what is not."""

from __future__ import annotations

import re
from dataclasses import dataclass

import keras

from tlkit.compat.keras_graph import layers_within, readers
from tlkit.errors import ModelError

_BLOCK = re.compile(r"^((?:.*?_)?(?:conv\d+_)?(?:stage_?\d+_)?(?:block_?\d+[a-z]?|mixed\d+|[a-z]+_?\d+))(?:_|$)")


@dataclass(frozen=True)
class Block:
    """Consecutive layers that are frozen together; `end` is the one layer all paths go through."""

    name: str
    layers: tuple[str, ...]
    end: str


def find_blocks(backbone: keras.Model) -> list[Block]:
    """The blocks of a functional backbone from input to output; only blocks with weights count.

    Example:
        >>> [block.name for block in find_blocks(cnn((32, 32, 3)))]  # doctest: +SKIP
        ['block1', 'block2', 'block3']
    """
    ends = single_paths(backbone)
    blocks: list[Block] = []
    names: list[str] = []
    order = [each for each in backbone.layers if not isinstance(each, keras.layers.InputLayer)]
    for index, layer in enumerate(order):
        names.append(layer.name)
        following = order[index + 1].name if index + 1 < len(order) else None
        if layer.name in ends and (following is None or _prefix(following) != _prefix(layer.name)):
            blocks.append(Block(_prefix(names[0]), tuple(names), layer.name))
            names = []
    return _with_weights(backbone, blocks)


def freeze(backbone: keras.Model, unfreeze: str | int, *, batch_norm: str = "trained") -> str | None:
    """Freeze all but the last `unfreeze` blocks ("none", "all" or a number); the name of the last frozen layer.

    None means that nothing is frozen. Frozen BatchNorm uses its stored statistics; that of other blocks is "trained" or
    "frozen" as well.
    """
    cut = _freeze_blocks(backbone, unfreeze)
    if batch_norm == "frozen":
        for each in layers_within(backbone, itself=False):
            if isinstance(each, keras.layers.BatchNormalization):
                each.trainable = False
    return cut


def _freeze_blocks(backbone: keras.Model, unfreeze: str | int) -> str | None:
    if unfreeze == "all":
        _set_trainable(backbone, True)
        return None
    blocks = find_blocks(backbone)
    count = 0 if unfreeze == "none" else int(unfreeze)
    if count < 0 or count > len(blocks):
        raise ModelError(f"train.unfreeze: expected 0 to {len(blocks)} blocks for this backbone, found {unfreeze}")
    kept = {name for block in blocks[len(blocks) - count :] for name in block.layers}
    backbone.trainable = True
    for layer in backbone.layers:
        _set_trainable(layer, layer.name in kept)
    frozen = blocks[: len(blocks) - count]
    return frozen[-1].end if frozen else None


def _set_trainable(layer: keras.Layer, value: bool) -> None:
    """For a layer and all inside it: Keras does not hand the flag of a model down to layers that were set before."""
    for each in layers_within(layer):
        each.trainable = value


def behind(backbone: keras.Model, cut: str) -> keras.Model:
    """The part of a backbone behind its layer `cut`, sharing weights with it."""
    return keras.Model(backbone.get_layer(cut).output, backbone.output, name="tail")


def before(backbone: keras.Model, cut: str | None) -> keras.Model:
    """The part of a backbone up to and with its layer `cut` (all of it for None)."""
    return backbone if cut is None else keras.Model(backbone.input, backbone.get_layer(cut).output, name="frozen")


def _prefix(name: str) -> str:
    match = _BLOCK.match(name)
    return match.group(1) if match else name


def single_paths(backbone: keras.Model) -> set[str]:
    """Layers whose output is the only thing that flows on from there."""
    order = {layer.name: index for index, layer in enumerate(backbone.layers)}
    reach = {layer.name: _last_reader(layer, order) for layer in backbone.layers}
    ends, furthest = set(), 0
    for index, layer in enumerate(backbone.layers):
        if furthest <= index:
            ends.add(layer.name)
        furthest = max(furthest, reach[layer.name])
    return ends


def _last_reader(layer: keras.Layer, order: dict[str, int]) -> int:
    later = [order[each.name] for each in readers(layer) if each.name in order]
    return max(later, default=order[layer.name])


def _with_weights(backbone: keras.Model, blocks: list[Block]) -> list[Block]:
    """Blocks that hold no more than normalisation, activation or pooling joined to the one before."""
    joined: list[Block] = []
    for block in blocks:
        if joined and not any(_is_weighty(backbone.get_layer(name)) for name in block.layers):
            joined[-1] = Block(joined[-1].name, joined[-1].layers + block.layers, block.end)
        else:
            joined.append(block)
    return joined


def _is_weighty(layer: keras.Layer) -> bool:
    norms = (keras.layers.BatchNormalization, keras.layers.LayerNormalization, keras.layers.Normalization)
    return bool(layer.weights) and not isinstance(layer, norms)
