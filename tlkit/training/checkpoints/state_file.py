"""Arrays and plain facts in one file that is whole at any moment, whatever ends the process or the machine."""

from __future__ import annotations

import json
import logging
import os
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

_log = logging.getLogger(__name__)
_FACTS = "meta"  # the array that holds the facts, as text
_DAMAGE = (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile)


@dataclass
class State:
    """What is kept of training: arrays by name, and what JSON can say."""

    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def several(self, name: str) -> list[np.ndarray]:
        """The arrays `name0`, `name1` and so on."""
        count = sum(each.removeprefix(name).isdigit() for each in self.arrays if each.startswith(name))
        return [self.arrays[f"{name}{index}"] for index in range(count)]


class StateFile:
    """The newest state under its name and, where there are `pairs`, the one before it, should that be damaged.

    Pairs outlive a power cut; a single state, as trials write with each short epoch, is whole or gone after one.
    """

    def __init__(self, path: Path, *, pairs: bool = False) -> None:
        self.path, self.pairs = path, pairs

    @property
    def older(self) -> Path:
        """Where the state before the newest is."""
        return self.path.with_name(f"{self.path.stem}.older{self.path.suffix}")

    @property
    def exists(self) -> bool:
        """Whether there is any."""
        return self.path.is_file() or self.older.is_file()

    def read(self) -> State | None:
        """The newest state that can be read; of each that cannot be, a line says so."""
        for path, then in ((self.path, "the state before it is taken"), (self.older, "training starts over")):
            try:
                return _read(path)
            except FileNotFoundError:
                continue
            except _DAMAGE:
                _log.warning("%s: damaged; %s", path, then)
        return None

    def write(self, state: State) -> None:
        """Put a state in the place of the newest, once all of it is on the disk."""
        arrays: dict[str, Any] = {_FACTS: np.asarray(json.dumps(state.facts)), **state.arrays}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        older = self.older if self.pairs else None
        write_whole(self.path, lambda file: np.savez(file, **arrays), older=older, lasting=self.pairs)

    def remove(self) -> None:
        """Leave none."""
        for each in (self.path, self.older):
            each.unlink(missing_ok=True)


def write_whole(
    path: Path, write: Callable[[BinaryIO], object], *, older: Path | None = None, lasting: bool = True
) -> None:
    """Put a file under a name once all of it is written; others cannot read it. The one before stays, `older`.

    Args:
        lasting: it is on the disk before it has its name, which takes some milliseconds.
    """
    scratch = path.with_suffix(".new")
    try:
        _write_through(scratch, write, lasting=lasting)
        if older is not None and path.exists():
            path.replace(older)
        scratch.replace(path)
    except OSError:
        scratch.unlink(missing_ok=True)
        raise
    if lasting:
        _keep_names(path.parent)


def _read(path: Path) -> State:
    with np.load(path, allow_pickle=False) as file:
        arrays: Mapping[str, np.ndarray] = {name: file[name] for name in file.files}
    rest = {name: each for name, each in arrays.items() if name != _FACTS}
    return State(rest, json.loads(str(arrays[_FACTS])))


def _write_through(path: Path, write: Callable[[BinaryIO], object], *, lasting: bool) -> None:
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        write(file)
        file.flush()
        if lasting:
            os.fsync(file.fileno())


def _keep_names(folder: Path) -> None:
    """Let new names outlive a power cut as well, where the system can do that for a folder."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
