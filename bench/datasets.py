"""Where the real data for benchmarks is."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def dataset(name: str) -> Path:
    """The folder of a data set; stops with one line where it is absent."""
    path = Path(os.environ.get("TLKIT_DATASETS", ROOT.parent / "shared" / "datasets")) / name
    if not path.exists():
        sys.exit(f"{path}: not there. Set TLKIT_DATASETS to the folder that holds {name}")
    return path
