"""What is done in processes of their own, and what they answer: conversion with Keras, and each file measured alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tlkit.errors import EngineError, ModelError
from tlkit.processes import Done, Failed, Helper, launching


@dataclass(frozen=True)
class Wanted:
    """A file that is to be: its format, its precision, and the share of its layers that keep float32.

    Args:
        any_size: whether it takes pictures of any size, and brings them to the model's itself.
    """

    format: str
    precision: str
    kept_share: float = 0.0
    any_size: bool = False

    @property
    def key(self) -> str:
        """What it is called in `model.json`."""
        return f"{self.format}/{self.precision}"


@dataclass(frozen=True)
class Convert:
    """Write files from a model file; of inputs and calibration there is a file of arrays for each input."""

    model: Path
    folder: Path
    wanted: Sequence[Wanted]
    inputs: Sequence[Path] = ()
    calibration: Sequence[Path] = ()


@dataclass(frozen=True)
class Reference:
    """What the model itself says of the inputs, as its file computes and as float32 does."""

    saved: np.ndarray
    float32: Sequence[np.ndarray]


@dataclass(frozen=True)
class Written:
    """A file that was written, in seconds, and the layers that keep float32 in it; or why it was not."""

    wanted: Wanted
    path: Path
    seconds: float
    kept: Sequence[str] = ()
    fault: str = ""


@dataclass(frozen=True)
class Measure:
    """Open a file, and say what it makes of inputs and how fast, and of whole pictures in files."""

    format: str
    path: Path
    inputs: Sequence[Path]
    pictures: Sequence[str] = ()
    channels: int = 3


@dataclass(frozen=True)
class Measured:
    """What a file makes of inputs; milliseconds for one, examples a second of 32, and the memory it took at most.

    Args:
        of_pictures: the first output for each whole picture.
    """

    outputs: Sequence[np.ndarray]
    milliseconds: float
    per_second: float
    peak_bytes: int
    versions: Mapping[str, str] = field(default_factory=dict)
    of_pictures: np.ndarray | None = None


def answers(module: str, job: Any, backend: str = "tensorflow") -> Iterator[Any]:
    """What a process of its own says of a job."""
    env = launching.environment(main_path=True, KERAS_BACKEND=backend, CUDA_VISIBLE_DEVICES="-1")
    helper = Helper(module, env=env)
    try:
        helper.send(job)
        for message in helper.messages():
            if isinstance(message, Done):
                return
            if isinstance(message, Failed):
                raise (message.kind if issubclass(message.kind, ModelError) else ModelError)(message.text)
            yield message
        raise EngineError(f"the process of the export ended before it was done: {helper.last_words()}")
    finally:
        helper.kill()
