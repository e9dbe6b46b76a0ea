"""MLflow imported without its parts for language models, which bring a web server along: a quarter of its import."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from tlkit.quiet import hidden

_UNUSED = ("mlflow.genai", "mlflow.gateway")
_OPTIONAL = ("pyarrow", "scipy", "charset_normalizer")  # imported where they are found, for what no record needs


@contextmanager
def lean_import() -> Iterator[None]:
    """Let these packages be empty while MLflow is imported; modules within them are found all the same."""
    spec = importlib.util.find_spec("mlflow")
    homes = list(spec.submodule_search_locations or []) if spec else []
    empty = {name: ModuleType(name) for name in _UNUSED if "mlflow" not in sys.modules}
    for name, module in empty.items():
        module.__path__ = [f"{home}/{name.partition('.')[2]}" for home in homes]
    sys.modules.update(empty)
    try:
        with hidden(_OPTIONAL), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # requests misses what tells the encoding of pages
            yield
    finally:
        for name in empty:
            sys.modules.pop(name, None)
