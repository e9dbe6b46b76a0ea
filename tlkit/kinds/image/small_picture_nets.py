"""Nets from scratch that suit small pictures, for which backbones with weights were not made."""

from __future__ import annotations

import functools

from tlkit.kinds.starting_points import StartingPoint, to_the_end

_point = functools.partial(StartingPoint, most=64 * 64 * 3, fewest=2000)  # of fewer, a backbone with weights knows more
_PLAIN = {"net": "cnn", "filters": [32, 64, 128], "head": {"dropout": 0.3}}
_RESIDUAL = {"net": "resnet20", "head": {"dropout": 0.0}}

SMALL_PICTURE_NETS = (
    _point("plain net", _PLAIN, to_the_end(10, 64, 0.003)),
    _point("plain net on moved pictures", _PLAIN, to_the_end(15, 64, 0.003), ({"translation": 0.1},)),
    _point("residual net", _RESIDUAL, to_the_end(10, 64, 0.003)),
    _point("residual net, mirrored", _RESIDUAL, to_the_end(12, 64, 0.003), ({"flip": "horizontal"},)),
)
