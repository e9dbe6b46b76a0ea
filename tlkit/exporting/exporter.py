"""What a format of files is asked for; formats of other packages (entry points `tlkit.exporters`) keep to the same."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tlkit import catalog
from tlkit.errors import ModelError
from tlkit.model.metadata import Metadata

if TYPE_CHECKING:
    import keras

FLOAT32 = "float32"
RESIZING = "resize_inside"  # names the steps of a graph that bring pictures to size; they are computed in float32
SPECTRUM = "mel_by_convolution"  # names those that make a spectrogram, likewise
OUTPUTS = ("outputs", "unknown")  # as far as a model has them


class Session(Protocol):
    """A file that is open, and answers many batches."""

    def outputs(self, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Every output for a batch of each input."""
        ...


class Exporter(Protocol):
    """One format: writes a model, and runs what it wrote, so that its answers are compared the same way for all.

    Formats of tlkit also have what `Format` asks for.
    """

    def convert(self, model: keras.Model, path: Path) -> Path:
        """Write the model at this path, which names no file yet and has no ending; what was written."""
        ...

    def run(self, path: Path, inputs: Sequence[np.ndarray]) -> np.ndarray:
        """The outputs of what was written for batches of raw inputs, one for each input of the model."""
        ...


@dataclass(frozen=True)
class Calibration:
    """What a precision below float32 is chosen by: training inputs, and the share of layers that stay float32."""

    inputs: Sequence[np.ndarray]
    kept_share: float = 0.0


@dataclass(frozen=True)
class Lowered:
    """What was written in a precision below float32, and the layers that stayed float32 in it."""

    path: Path
    kept: Sequence[str] = ()


@dataclass(frozen=True)
class Format:
    """An exporter by its name, with what those of other packages may leave out."""

    name: str
    exporter: Any  # an Exporter

    @property
    def precisions(self) -> Sequence[str]:
        """In which it can write."""
        return getattr(self.exporter, "precisions", (FLOAT32,))

    @property
    def stem(self) -> str:
        """What its file is called, without an ending."""
        return str(getattr(self.exporter, "stem", self.name))

    @property
    def packages(self) -> Mapping[str, str]:
        """Modules that must be installed, each with what pip installs for it."""
        return getattr(self.exporter, "packages", {})

    @property
    def script(self) -> str:
        """Python that opens its file, for `predict.py`; empty where it has none."""
        return str(getattr(self.exporter, "script", ""))

    @property
    def runtime(self) -> str:
        """The package that runs its file."""
        return str(getattr(self.exporter, "runtime", self.name))

    @property
    def backend(self) -> str:
        """The backend of Keras with which its files are written."""
        return str(getattr(self.exporter, "backend", "tensorflow"))

    @property
    def keeps_layers(self) -> bool:
        """Whether some layers of an int8 file can stay float32."""
        return bool(getattr(self.exporter, "keeps_layers", False))

    @property
    def resizes(self) -> bool:
        """Whether a graph of it can take pictures of any size."""
        return bool(getattr(self.exporter, "resizes", False))

    def write(self, model: keras.Model, path: Path, precision: str, calibration: Calibration) -> Lowered:
        """Write the model; what was written."""
        if precision == FLOAT32:
            return Lowered(Path(self.exporter.convert(model, path)))
        found: Lowered = self.exporter.lowered(model, path, precision, calibration)
        return found

    def opened(self, path: Path, threads: int = 0) -> Session:
        """The file, open; 0 threads: as many as there are processors."""
        if hasattr(self.exporter, "opened"):
            session: Session = self.exporter.opened(path, threads)
            return session
        return _Reopened(self.exporter, path)

    def complete(self, path: Path, metadata: Metadata, outputs: Sequence[str], threshold: float | None) -> None:
        """Add to what was written what depends on the model's metadata, for formats that have such."""
        if hasattr(self.exporter, "complete"):
            self.exporter.complete(path, metadata, outputs, threshold)

    def check(self, precision: str = FLOAT32, *, any_size: bool = False) -> None:
        """Refuse what it cannot write, and what it needs and is not there."""
        if precision not in self.precisions:
            raise ModelError(f"{self.name}: has no {precision}; it has {', '.join(self.precisions)}")
        if any_size and not self.resizes:
            can = [name for name in catalog.EXPORTERS if format_of(name).resizes]
            raise ModelError(f"{self.name}: cannot resize inside; {', '.join(can)} can")
        further = getattr(self.exporter, "int8_packages", {}) if precision == "int8" else {}
        self._refuse_lacking({**self.packages, **further})

    def check_runtime(self) -> None:
        """Refuse where what runs its files is not there; what writes them need not be."""
        own = [module for module in self.packages if module.replace("_", "-") == self.runtime]
        self._refuse_lacking(dict.fromkeys(own, self.runtime))

    def _refuse_lacking(self, packages: Mapping[str, str]) -> None:
        for module, mend in packages.items():
            if importlib.util.find_spec(module) is None:
                raise ModelError(f"{self.name}: needs the package {module}, which is not installed: pip install {mend}")


@dataclass(frozen=True)
class _Reopened:
    exporter: Exporter
    path: Path

    def outputs(self, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        return [self.exporter.run(self.path, inputs)]


def exporter_of(format: str) -> Exporter:
    """The exporter of this name."""
    found: Exporter = catalog.resolve(format, catalog.EXPORTERS, kind="format")()
    return found


def format_of(name: str) -> Format:
    """The format of this name.

    Example:
        >>> format_of("savedmodel").precisions
        ('float32', 'bfloat16')
    """
    return Format(name, exporter_of(name))
