"""Nets that suit signals, and the spectrograms of sounds."""

from __future__ import annotations

from tlkit.kinds.starting_points import SOLVED, SOLVED_HEAD, StartingPoint, to_the_end

_CHANGED = ({"shift": 0.03}, {"stretch": 0.05}, {"noise": 0.1}, {"time_mask": 0.1})

SIGNAL_NETS = (
    StartingPoint(
        "random filters, solved", {"net": "rocket", "kernels": 2000, "relative": True, "head": SOLVED_HEAD}, SOLVED
    ),
    StartingPoint(
        "plain net",
        {"net": "cnn1d", "filters": [32, 64, 64, 64], "kernel": 9, "pooling": {"kind": "max", "size": 2}},
        to_the_end(30, 32, 0.003),
    ),
    StartingPoint(
        "residual net",
        {"net": "resnet1d", "filters": [32, 64, 64], "head": {"dropout": 0.3}},
        to_the_end(40, 32, 0.002),
    ),
    StartingPoint(
        "residual net on changed signals",
        {"net": "resnet1d", "filters": [32, 64, 64], "head": {"dropout": 0.3}},
        to_the_end(60, 32, 0.002),
        _CHANGED,
    ),
    StartingPoint(
        "long and short windows",
        {"net": "inception1d", "modules": 3, "filters": 16, "kernels": [40, 20, 10]},
        to_the_end(40, 32, 0.002),
    ),
)

_WINDOWS = {"net": "cnn", "filters": [32, 64, 64], "padding": "same", "pooling": {"kind": "max", "size": 2}}
SOUND_NETS = (
    StartingPoint("plain net", {**_WINDOWS, "head": {"pooling": "flatten", "dropout": 0.3}}, to_the_end(30, 16, 0.003)),
    StartingPoint(
        "plain net on changed sounds",
        {**_WINDOWS, "head": {"pooling": "flatten", "dropout": 0.5}},
        to_the_end(40, 16, 0.003),
        ({"shift": 0.1}, {"time_mask": 0.2}),
    ),
    StartingPoint(
        "plain net, pooled", {**_WINDOWS, "head": {"pooling": "average", "dropout": 0.3}}, to_the_end(40, 16, 0.003)
    ),
)
