"""A source."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from tlkit import Splits
from toy.kinds import read_grid


def grids(path, *, task="label", seed=7, val=0.15, test=0.15):
    """class folders of letter grids"""
    files = sorted(Path(path).rglob("*.grid"))
    values = np.stack([read_grid(each) for each in files])
    names = sorted({each.parent.name for each in files})
    labels = [names.index(each.parent.name) for each in files]
    splits = Splits.from_arrays(values, labels, class_names=names, seed=seed, val=val, test=test)
    return replace(splits, info=replace(splits.info, kind="grid", task=task))
