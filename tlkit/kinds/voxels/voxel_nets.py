"""Nets that suit solids as grids."""

from __future__ import annotations

from tlkit.kinds.starting_points import StartingPoint, to_the_end

_SMALL = {
    "net": "voxnet", "filters": [16, 32], "batch_norm": "before",
    "head": {"pooling": "flatten", "units": [64], "dropout": 0.4},
}  # fmt: skip
_LARGE = {
    "net": "voxnet", "filters": [32, 64, 128], "kernel": [5, 3, 3], "stride": [2, 1, 2], "pooling": {"kind": "none"},
    "batch_norm": "before", "dropout": 0.2, "head": {"pooling": "flatten", "units": [128], "dropout": 0.4},
}  # fmt: skip

VOXEL_NETS = (
    StartingPoint("two convolutions", _SMALL, to_the_end(10, 32, 0.002)),
    StartingPoint(
        "two convolutions, turned a little", _SMALL, to_the_end(15, 32, 0.002), ({"turn": 15}, {"mirror": 0.5})
    ),
    StartingPoint("two convolutions, turned any way", _SMALL, to_the_end(20, 32, 0.002), ({"turn": 180},)),
    StartingPoint(
        "three convolutions, turned a little",
        _LARGE,
        to_the_end(20, 32, 0.002, label_smoothing=0.1),
        ({"turn": 15}, {"mirror": 0.5}, {"jolt": 2}),
    ),
)
