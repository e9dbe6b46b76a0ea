"""The model file: Keras's own format with one page beside it inside, that says what the outputs mean."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras

from tlkit.errors import ModelError
from tlkit.model.known import KNOWN, KnownExamples, packed_known
from tlkit.model.metadata import add_page, read_page
from tlkit.pretrained.model_files import open_model


def save_model(model: keras.Model, path: Path, page: Mapping[str, Any], known: KnownExamples | None = None) -> None:
    """Write a model with its metadata and what it has learned from; plain Keras can load the file too."""
    temporary = path.with_name(f".{path.stem}-{os.getpid()}.keras")
    try:
        with _loadable_anywhere(model):
            model.save(temporary)
        add_page(temporary, page, {KNOWN: packed_known(known)} if known else {})
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
    return open_model(path), read_page(path)
