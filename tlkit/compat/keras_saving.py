"""Where Keras unpacks a model file while it loads it."""

from __future__ import annotations

import functools
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from keras.src.saving import saving_lib

from tlkit.paths import temporary_folder

_one = threading.RLock()


@contextmanager
def unpacked_aside() -> Iterator[None]:
    """Have what Keras unpacks go with a folder of ours: it leaves its own where unpacking fails, as on a full disk."""
    with _one, temporary_folder("model") as folder:
        before = saving_lib.get_temp_dir
        saving_lib.get_temp_dir = functools.partial(tempfile.mkdtemp, dir=folder)
        try:
            yield
        finally:
            saving_lib.get_temp_dir = before
