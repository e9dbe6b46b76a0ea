"""Nets that suit texts, on vectors of words that they learn as well."""

from __future__ import annotations

from tlkit.kinds.starting_points import StartingPoint, to_the_end

_UNPOOLED = {"net": "cnn1d", "pooling": {"kind": "none"}}

TEXT_NETS = (
    StartingPoint(
        "words by themselves",
        {**_UNPOOLED, "filters": [64], "kernel": 1, "head": {"pooling": "average", "dropout": 0.5}},
        to_the_end(20, 32, 0.003),
    ),
    StartingPoint(
        "groups of words",
        {**_UNPOOLED, "filters": [128], "kernel": 3, "head": {"pooling": "max", "dropout": 0.5}},
        to_the_end(15, 32, 0.002),
    ),
    StartingPoint(
        "longer groups of words",
        {"net": "cnn1d", "filters": [64, 64], "kernel": 5, "head": {"pooling": "max", "dropout": 0.5}},
        to_the_end(15, 32, 0.002),
    ),
)
