"""A search's journal on disk: one line for all that happens, from which the search is gone through again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tlkit.errors import TlkitError
from tlkit.locks import Lock, take

Line = dict[str, Any]


class SearchError(TlkitError):
    """A search that cannot begin, go on or end well."""


class SearchJournal:
    """A search's folder: `search.json` says which it is, `journal.jsonl` what happened, `states/` holds weights."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._lock = folder, threading.Lock()
        self._lock_file: Lock | None = None

    @property
    def states(self) -> Path:
        """Where trials keep what they go on from."""
        return self.folder / "states"

    def lock(self) -> None:
        """Keep other processes from the same search, until this one ends."""
        with translated(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock_file = take(self.folder / "lock")
        if self._lock_file is None:
            raise SearchError(f"{self.folder}: another process runs this search. Wait for it, or stop it")

    def unlock(self) -> None:
        """Let others have the search."""
        if self._lock_file is not None:
            self._lock_file.release()
            self._lock_file = None

    def clear(self) -> None:
        """Begin afresh."""
        for name in ("search.json", "journal.jsonl"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.rmtree(self.states, ignore_errors=True)

    def about(self) -> dict[str, Any]:
        """What `search.json` says; empty for a new search."""
        with contextlib.suppress(FileNotFoundError):
            return dict(json.loads((self.folder / "search.json").read_text(encoding="utf-8")))
        return {}

    def describe(self, **fields: Any) -> None:
        """Add to `search.json`, whole or not at all."""
        scratch = self.folder / "search.json.new"
        with self._lock, translated(self.folder):
            scratch.write_text(json.dumps({**self.about(), **fields}, indent=1), encoding="utf-8")
            scratch.replace(self.folder / "search.json")

    def append(self, line: Line) -> None:
        """Note what happened; it is on the disk when this returns."""
        text = json.dumps(line).encode() + b"\n"
        with self._lock, translated(self.folder), (self.folder / "journal.jsonl").open("ab") as file:
            file.write(text)
            file.flush()
            if "epoch" not in line:
                os.fsync(file.fileno())

    def read(self) -> Iterator[Line]:
        """Everything that happened; a last line that was cut off is left out and cut away."""
        path = self.folder / "journal.jsonl"
        if not path.is_file():
            return
        whole = path.read_bytes()
        end = whole.rfind(b"\n") + 1
        if end < len(whole):
            os.truncate(path, end)
        for text in whole[:end].splitlines():
            yield json.loads(text)


def fingerprint(identity: Mapping[str, Any]) -> str:
    """A short name of what a search is about.

    Example:
        >>> fingerprint({"recipe": "cats"}) == fingerprint({"recipe": "cats"})
        True
    """
    return hashlib.blake2b(json.dumps(identity, sort_keys=True).encode(), digest_size=8).hexdigest()


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """`train.epochs: 20, now 30` for each value that is no longer the same."""
    gone = object()
    pairs = [(name, before.get(name, gone), now.get(name, gone)) for name in sorted({*before, *now})]
    return [
        f"{name}: {'nothing' if old is gone else old}, now {'nothing' if new is gone else new}"
        for name, old, new in pairs
        if old != new
    ]


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what the file system refuses into one line."""
    try:
        yield
    except OSError as error:
        raise SearchError(
            f"{path}: cannot be written ({error.strerror or error}). Make room there or mend the permissions"
        ) from error
