"""Fashion-MNIST from its IDX files."""

import gzip
from pathlib import Path

import numpy as np


def load(folder: str):
    """((train pictures, labels), (test pictures, labels)) as uint8."""
    return _pair(Path(folder), "train"), _pair(Path(folder), "t10k")


def _pair(folder: Path, part: str):
    pictures = gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / f"{part}-labels-idx1-ubyte.gz").read_bytes())
    return np.frombuffer(pictures, np.uint8, offset=16).reshape(-1, 28, 28), np.frombuffer(labels, np.uint8, offset=8)
