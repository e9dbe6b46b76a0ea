"""Loading TensorFlow without the lines that its C++ side writes to the terminal before it can be told not to."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


def load_keras() -> None:
    """Import keras with its backend; what is written to standard error meanwhile is shown only if that fails."""
    if "keras" not in sys.modules:
        with _hushed():
            import keras  # noqa: F401


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
