"""Which layers of an int8 file stay in float32 where it loses too much otherwise: the first and the last ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tlkit.exporting.exporter import RESIZING, SPECTRUM

SHARES = (0.1, 0.25, 0.5)  # of the layers, tried one after another
_STEPS = ("convolution", "depthwise", "MatMul", "BiasAdd")  # within a layer


@dataclass(frozen=True)
class Node:
    """A step of a graph; one that multiplies by weights has the name of its layer."""

    name: str
    layer: str = ""


@dataclass(frozen=True)
class Kept:
    """The layers that stay, and all steps before the first int8 one and behind the last."""

    layers: Sequence[str] = ()
    nodes: Sequence[str] = ()


def kept_at_ends(nodes: Sequence[Node], share: float) -> Kept:
    """A share of the layers, at least one at each end and never all; `nodes` stand in the order of computing.

    Example:
        >>> nodes = [Node(each, each.strip("0")) for each in ("conv1", "conv2", "0", "dense")]
        >>> kept_at_ends(nodes, 0.1).nodes
        ['conv1', '0', 'dense']
    """
    places = [place for place, each in enumerate(nodes) if each.layer]
    count = min(max(2, math.ceil(share * len(places))), len(places) - 1)
    if not share or count < 1:
        return Kept()
    first, last = count // 2, len(places) - (count - count // 2)
    begin, end = places[first - 1] + 1 if first else 0, places[last - 1] + 1
    names = [each.name for each in nodes]
    return Kept([nodes[each].layer for each in places[:first] + places[last:]], names[:begin] + names[end:])


def exact_at_front(nodes: Sequence[Node]) -> list[str]:
    """The steps up to the last that brings pictures to size or makes a spectrogram, which never leave float32.

    Example:
        >>> exact_at_front([Node("cast"), Node("mel_by_convolution/log"), Node("dense")])
        ['cast', 'mel_by_convolution/log']
    """
    names = [each.name for each in nodes]
    marked = [place for place, name in enumerate(names) if RESIZING in name or SPECTRUM in name]
    return names[: marked[-1] + 1] if marked else []


def layer_in(name: str) -> str:
    """The layer in a node's name.

    Example:
        >>> layer_in("functional_1/stem_1/convolution")
        'stem_1'
    """
    parts = [each for each in name.split("/")[:-1] if each not in _STEPS]
    return parts[-1] if parts else name
