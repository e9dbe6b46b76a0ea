"""The contract of a run's record, and `SilentRecorder`, which keeps it in memory and sends nothing anywhere."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from tlkit.paths import temporary_folder

Metrics = Mapping[str, float]


@dataclass(frozen=True)
class RecordedData:
    """What was learned from: where it is, a digest, counts and the like in `profile`."""

    name: str
    digest: str
    source: str
    profile: Mapping[str, Any]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class RecordedModel:
    """A model file among a run's files, as it is to be recorded, and registered where it has a name to `register`.

    `loader` is the module whose `_load_pyfunc` answers, `input` either "text" or {dtype, shape}, `output` names and
    types of what it says, `beside` the types and an example of columns that it takes as well.
    """

    name: str
    file: str
    loader: str
    input: str | Mapping[str, Any]
    example: Any
    requirements: list[str]
    keras: str
    metadata: Mapping[str, Any]
    step: int
    register: str | None
    output: Mapping[str, str] = field(default_factory=dict)  # records of before 0.2 do not say
    beside: Mapping[str, Any] = field(default_factory=dict)


class Recorder(Protocol):
    """One run's record, open for writing; leaving its `with` block finishes it, as FAILED or KILLED on an exception."""

    @property
    def folder(self) -> Path:
        """Files and folders put here become the run's own when it finishes, under the same names."""

    @property
    def run_id(self) -> str:
        """The id in the store; waits until the run exists there."""

    @property
    def known_id(self) -> str | None:
        """The id in the store if the run exists there already; never waits."""

    @property
    def journal(self) -> str:
        """The record's own name, known at once, by which another run says that it is part of this one."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def check(self) -> None:
        """Raise if the store cannot be had; never waits, so call it between any two steps."""

    def log_metrics(self, metrics: Metrics, step: int, *, child: str | None = None) -> None:
        """Record values at a step, such as an epoch; any float, infinite ones and NaN as well."""

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Record settings that became known only now."""

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Set or replace tags."""

    def describe(self, text: str) -> None:
        """Set or replace what the run says of itself, in Markdown."""

    def add_file(self, file: Path, name: str = "") -> None:
        """Keep a file of the run, under its own or another name; one of `folder` is kept without this."""

    def show_table(self, name: str) -> None:
        """Say that the file `name` of `folder`, JSON of columns and data, is a table to compare runs by."""

    def log_data(self, data: RecordedData) -> None:
        """Record what was learned from."""

    def log_model(self, model: RecordedModel) -> None:
        """Record a model file of `folder`."""

    def begin_child(self, child: str, *, name: str, params: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        """Open a run without files within this one, or go on with the one of this key."""

    def end_child(self, child: str, status: str, tags: Mapping[str, str] | None = None) -> None:
        """Close what `begin_child` opened."""

    def finish(self, status: str = "FINISHED") -> Path | None:
        """End the record: the folder of its files, or None if they are elsewhere or there are none."""


@dataclass
class SilentRecorder:
    """Keeps a record in memory alone, for notebooks and tests; makes a folder, gone with it, only when asked for one.

    Example:
        >>> recorder = SilentRecorder()
        >>> recorder.log_metrics({"val/accuracy": 0.9}, step=1)
        >>> recorder.metrics
        {'val/accuracy': [(1, 0.9)]}
    """

    on_metrics: Callable[[Metrics, int], None] = lambda metrics, step: None
    metrics: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    children: dict[str, SilentRecorder] = field(default_factory=dict)
    description: str = ""
    status: str = "RUNNING"
    data: RecordedData | None = None
    model: RecordedModel | None = None
    _folder: tempfile.TemporaryDirectory[str] | None = None

    journal = run_id = ""
    known_id = None

    @property
    def folder(self) -> Path:
        """A folder that lasts as long as this recorder."""
        self._folder = self._folder or temporary_folder("run")
        return Path(self._folder.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish(status_of(kind))

    def check(self) -> None:
        """Nothing can be wrong with it."""

    def log_metrics(self, metrics: Metrics, step: int, *, child: str | None = None) -> None:
        """Keep values by name, and pass them on."""
        if child is not None:
            return self.children[child].log_metrics(metrics, step)
        for name, value in metrics.items():
            self.metrics.setdefault(name, []).append((step, float(value)))
        self.on_metrics(metrics, step)

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Keep settings."""
        self.params.update(params)

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Keep tags."""
        self.tags.update(tags)

    def describe(self, text: str) -> None:
        """Keep what the run says of itself."""
        self.description = text

    def add_file(self, file: Path, name: str = "") -> None:
        """Note where a file is."""
        self.files[name or file.name] = file

    def show_table(self, name: str) -> None:
        """There are no pages to show it."""

    def log_data(self, data: RecordedData) -> None:
        """Keep what was learned from."""
        self.data = data

    def log_model(self, model: RecordedModel) -> None:
        """Keep what is said of the model."""
        self.model = model

    def begin_child(self, child: str, *, name: str, params: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        """Keep another such record in `children`."""
        known = self.children.setdefault(child, SilentRecorder(self.on_metrics))
        known.log_params(params)
        known.set_tags(tags)

    def end_child(self, child: str, status: str, tags: Mapping[str, str] | None = None) -> None:
        """Note how a child ended."""
        self.children[child].set_tags(tags or {})
        self.children[child].finish(status)

    def finish(self, status: str = "FINISHED") -> Path | None:
        """The folder, if anybody asked for one; the first status stays."""
        self.status = status if self.status == "RUNNING" else self.status
        return self.folder if self._folder else None


def status_of(error: type[BaseException] | None) -> str:
    """How a run ended whose `with` block was left so."""
    if error is None:
        return "FINISHED"
    return "KILLED" if issubclass(error, KeyboardInterrupt) else "FAILED"
