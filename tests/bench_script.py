"""Scripts of bench/ as modules, without their neighbours: bench/datasets.py has the name of a package."""

import importlib.util
import sys
from pathlib import Path


def bench_script(name):
    """The module of `bench/NAME.py`."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / "bench" / f"{name}.py")
    sys.modules[name] = module = importlib.util.module_from_spec(spec)  # dataclasses look for theirs there
    spec.loader.exec_module(module)
    return module
