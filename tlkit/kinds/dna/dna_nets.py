"""Nets that suit DNA: where a letter stands may matter, as around a splice site, or not, as in a promoter."""

from __future__ import annotations

from tlkit.kinds.starting_points import StartingPoint, to_the_end

_PLACED = {
    "net": "cnn1d", "filters": [64], "kernel": 5, "pooling": {"kind": "none"}, "dropout": 0.3,
    "head": {"pooling": "flatten", "units": [128], "dropout": 0.5},
}  # fmt: skip
_ANYWHERE = {
    "net": "cnn1d", "filters": [64, 64, 64], "kernel": 9, "pooling": {"kind": "max", "size": 2},
    "head": {"pooling": "max", "dropout": 0.3},
}  # fmt: skip

DNA_NETS = (
    StartingPoint("one convolution, by place", _PLACED, to_the_end(30, 32, 0.002, label_smoothing=0.05), most=1000),
    StartingPoint("motifs anywhere", _ANYWHERE, to_the_end(30, 32, 0.003)),
    StartingPoint("motifs on either strand", _ANYWHERE, to_the_end(40, 32, 0.003), ({"reverse_complement": 0.5},)),
    StartingPoint(
        "residual net",
        {"net": "resnet1d", "filters": [64, 64], "head": {"pooling": "flatten", "dropout": 0.5}},
        to_the_end(30, 32, 0.002),
        most=1000,
    ),
)
