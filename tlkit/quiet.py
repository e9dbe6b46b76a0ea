"""Loading Keras fast, and without the lines that TensorFlow's C++ side writes before it can be told not to."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import logging
import os
import sys
import tempfile
import types
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_OPTIONAL = ("matplotlib", "pandas", "sklearn")  # Keras imports them where it finds them, for what tlkit does not use
_SENDING = ("openvino_telemetry",)  # tells its makers of each import, by forked processes that outlive a killed parent
_own_process = False


def own_process() -> None:
    """Say that this process is tlkit's alone, so that Keras may be loaded without what only others would use."""
    global _own_process
    _own_process = True


def is_own_process() -> bool:
    """Whether nobody but tlkit uses this process."""
    return _own_process


def load_keras() -> None:
    """Import keras with its backend; what is written to standard error meanwhile is shown only if that fails."""
    if _own_process:
        logging.getLogger("tensorflow").addFilter(_FewerWarnings())
    if "keras" not in sys.modules:
        with _hushed(), _undisturbed(), hidden(_SENDING + (_OPTIONAL if _own_process else ())), _windows_later():
            import keras  # noqa: F401


def load_openvino() -> None:
    """Import openvino, which is then in `sys.modules`; nobody is told of it, nor of what is done with it."""
    _load_untold("openvino")


def load_nncf() -> None:
    """Import nncf likewise: it would send a message for each step of a quantisation, and wait for it."""
    load_openvino()
    _load_untold("nncf")


def _load_untold(name: str) -> None:
    with hidden(_SENDING):
        importlib.import_module(name)


class _FewerWarnings(logging.Filter):
    """Each fold and each phase compiles a model of its own, which TensorFlow takes for a mistake in a loop."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "triggered tf.function retracing" not in str(record.msg)


def drop_generated() -> None:
    """Remove the files that TensorFlow wrote into the temporary folder for functions it rewrote."""
    for name, module in list(sys.modules.items()):
        if name.startswith("__autograph_generated_file") and module.__file__:
            compiled = importlib.util.cache_from_source(module.__file__)
            with suppress(OSError):
                os.unlink(module.__file__)
                os.unlink(compiled)
                os.rmdir(os.path.dirname(compiled))  # unless others have something there


@contextmanager
def _windows_later() -> Iterator[None]:
    """Keras's OpenVINO backend imports half of SciPy for one function of spectrograms: that waits for a call."""
    if not _own_process or os.environ.get("KERAS_BACKEND") != "openvino" or "scipy.signal" in sys.modules:
        yield
        return
    sys.modules["scipy.signal"] = types.ModuleType("scipy.signal")
    try:
        yield
    finally:
        del sys.modules["scipy.signal"]  # SciPy itself finds the real one when its name is used


@contextmanager
def hidden(names: tuple[str, ...]) -> Iterator[None]:
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
    """No garbage collection while a million lasting objects are made, nor of these later: a pass costs 0.3 seconds."""
    gc.disable()
    try:
        yield
    finally:
        if _own_process:
            gc.freeze()
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
