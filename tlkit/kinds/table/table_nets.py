"""Nets that suit rows of a table."""

from __future__ import annotations

from tlkit.kinds.starting_points import StartingPoint, to_the_end

TABLE_NETS = (
    StartingPoint("two small layers", {"net": "mlp", "units": [32, 32]}, to_the_end(40, 32, 0.005)),
    StartingPoint(
        "two layers",
        {"net": "mlp", "units": [128, 128], "batch_norm": "before", "dropout": 0.2},
        to_the_end(40, 32, 0.003),
    ),
    StartingPoint(
        "three wide layers",
        {"net": "mlp", "units": [256, 256, 128], "batch_norm": "before", "dropout": 0.3},
        to_the_end(60, 64, 0.003),
    ),
    StartingPoint("one layer", {"net": "mlp", "units": [16], "activation": "tanh"}, to_the_end(40, 32, 0.01)),
)
