"""The model file: Keras's own format with one page beside it inside, that says what the outputs mean."""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras

import tlkit.layers
from tlkit.errors import ModelError
from tlkit.model.metadata import add_page, read_page
from tlkit.pretrained.hub_presets import import_keras_hub


def save_model(model: keras.Model, path: Path, page: Mapping[str, Any]) -> None:
    """Write a model with its metadata (task, class names, input); plain Keras can load the file too."""
    temporary = path.with_name(f".{path.stem}-{os.getpid()}.keras")
    try:
        with _loadable_anywhere(model):
            model.save(temporary)
        add_page(temporary, page)
        temporary.replace(path)
    except OSError as error:
        raise ModelError(f"{path}: the model cannot be written ({error.strerror or error})") from error
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _loadable_anywhere(model: keras.Model) -> Iterator[None]:
    """Saved without how it was compiled where its loss is a function of ours, which plain Keras could not find."""
    compiled = model.compiled
    model.compiled = compiled and not inspect.isfunction(model.loss)
    try:
        yield
    finally:
        model.compiled = compiled


def load_model(path: Path) -> tuple[keras.Model, Any]:
    """A saved model and the page in its file; nothing in the file is executed."""
    _register_layers()
    try:
        if _names_hub_layers(path):
            import_keras_hub(str(path))
        return keras.saving.load_model(path, compile=False, safe_mode=True), read_page(path)
    except ModelError:
        raise
    except Exception as error:  # Keras builds whatever layers a file names, and these raise what they like
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(f"{path}: not a model that can be loaded ({said})") from error


def _names_hub_layers(path: Path) -> bool:
    """Whether a model holds layers of KerasHub; what is no model file, Keras tells."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return "config.json" in archive.namelist() and b'"keras_hub' in archive.read("config.json")


def _register_layers() -> None:
    """Importing a layer's module is what makes Keras know it."""
    for module in pkgutil.iter_modules(tlkit.layers.__path__, "tlkit.layers."):
        importlib.import_module(module.name)
