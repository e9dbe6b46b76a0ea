"""A model that `tlkit export` wrote, opened to answer requests; no Keras and no TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tlkit.errors import ModelError
from tlkit.exporting.bundle import Bundle, read_bundle
from tlkit.exporting.exporter import FLOAT32, Session, format_of
from tlkit.serving.served_model import ServedModel

FORMATS = ("openvino", "onnx", "litert")  # which answer without TensorFlow, the fastest on most processors first


@dataclass(frozen=True)
class _Prepared:
    """A session that takes examples as requests hold them."""

    bundle: Bundle
    session: Session

    def outputs(self, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        return self.session.outputs(self.bundle.prepared(inputs))


@dataclass(frozen=True)
class Choice:
    """Which file of a model is to answer, as far as anything was said."""

    format: str | None = None
    precision: str | None = None

    def file_of(self, bundle: Bundle) -> str:
        """The file of a bundle: of what was not said, the fastest format, and float32 before others."""
        fitting = [key for key in bundle.files if self._fits(*key.split("/", 1))]
        if not fitting:
            wanted = f"{self.format or ' or '.join(FORMATS)} in {self.precision or 'any precision'}"
            raise ModelError(f"{bundle.folder}: no file to serve in {wanted}; it has {', '.join(bundle.files)}")
        return min(fitting, key=_rank)

    def _fits(self, format: str, precision: str) -> bool:
        formats = [self.format] if self.format else FORMATS
        return format in formats and precision == (self.precision or precision)


def open_bundle(folder: Path, key: str, count: int, threads: int) -> ServedModel:
    """The model of a bundle with so many sessions, each of so many threads."""
    bundle = read_bundle(folder)
    name, _, precision = key.partition("/")
    format, file = format_of(name), bundle.files[key]
    format.check_runtime()
    sessions = [_Prepared(bundle, format.opened(file.path, threads)) for _ in range(count)]
    called = str(bundle.metadata.get("recipe") or folder.resolve().name)
    return ServedModel(
        called, file.sha256[:8], f"{name} {precision}", bundle.metadata, sessions, bundle.outputs, bundle.unknown
    )


def _rank(key: str) -> tuple[int, bool, str]:
    name, _, precision = key.partition("/")
    return FORMATS.index(name) if name in FORMATS else len(FORMATS), precision != FLOAT32, key
