"""Loading Keras fast, and without the lines that TensorFlow's C++ side writes before it can be told not to."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_OPTIONAL = ("matplotlib", "sklearn")  # Keras imports them where it finds them, for parts that tlkit does not use


def load_keras() -> None:
    """Import keras with its backend; what is written to standard error meanwhile is shown only if that fails."""
    if "keras" not in sys.modules:
        with _hushed(), _undisturbed(), _hidden(_OPTIONAL):
            import keras  # noqa: F401


@contextmanager
def _hidden(names: tuple[str, ...]) -> Iterator[None]:
    """Let imports of these modules fail for a while, which saves about a second."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


@contextmanager
def _undisturbed() -> Iterator[None]:
    """No garbage collection while thousands of lasting objects are made."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def _hushed() -> Iterator[None]:
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        except BaseException:
            file.seek(0)
            os.write(kept, file.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
