"""The frozen part of a model: what it is, how it runs, and the features it gives for every example."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tlkit.data.splits import Examples
from tlkit.engines.engine_messages import Extracted, FeatureStats, Progress
from tlkit.engines.engine_process import EngineProcess
from tlkit.engines.feature_cache import FeatureRows, FeatureStore, make_room
from tlkit.engines.frozen_part import FrozenPart
from tlkit.engines.speeds import note_speed
from tlkit.locks import Lock
from tlkit.progress import Bar, progress

_log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from tlkit.engines.engines import Parts


@dataclass
class Extraction:
    """The running or finished computing of features; `finish` waits for it."""

    frozen: FrozenPart
    store: FeatureStore
    parts: dict[str, Examples]
    missing: Examples
    bad: dict[str, str] = field(default_factory=dict)
    stats: FeatureStats = field(default_factory=FeatureStats)
    process: EngineProcess | None = None  # that computes them; None: they are there
    job: int = 0  # of that process
    lock: Lock | None = None  # that keeps others from throwing them out

    def finish(self) -> dict[str, FeatureRows]:
        """Wait for the features of every example; unreadable ones are in `bad` and left out."""
        try:
            return self._finished()
        finally:
            self.release()

    def release(self) -> None:
        """Let others throw out what is in the cache."""
        if self.lock is not None:
            self.lock.release()

    def _finished(self) -> dict[str, FeatureRows]:
        if self.process is not None:
            with progress("Frozen features", len(self.missing)) as bar:
                self.process.follow(self.job, _teller(self, bar))
            note_speed(self.frozen, self.stats)
        if len(self.missing):
            make_room(spare=self.store.folder)
        rows = {name: self.store.get(self._sound(part)).gathered() for name, part in self.parts.items()}
        if self.store.drop_overflow():
            _log.warning("%s: no room for all features, so this run goes on without keeping them. "
                         "Free some room: tlkit cache --clear", self.store.root)  # fmt: skip
        return rows

    def hear(self, message: Extracted) -> None:
        """Take note of what the computing tells."""
        self.bad.update(message.bad)
        self.stats.update(message.stats)

    def _sound(self, part: Examples) -> list[str]:
        return [id_ for id_, name in zip(part.ids, part.names, strict=True) if name not in self.bad]


def begin_extraction(frozen: FrozenPart, parts: dict[str, Examples], process: EngineProcess) -> Extraction:
    """Start computing the features that the cache lacks, on OpenVINO in a process of its own."""
    extraction = _planned(frozen, parts)
    if len(extraction.missing):
        extraction.job = process.begin_extract(frozen, extraction.store, extraction.missing)
        extraction.process = process
    return extraction


def extract_here(frozen: FrozenPart, parts: dict[str, Examples], built: Parts) -> Extraction:
    """Compute the features that the cache lacks in this process, with the preprocessing and backbone built here."""
    from tlkit.engines.feature_extraction import extract

    extraction = _planned(frozen, parts)
    try:
        if len(extraction.missing):
            with progress("Frozen features", len(extraction.missing)) as bar:
                extract(frozen, extraction.missing, extraction.store, say=_teller(extraction, bar), parts=built)
    except BaseException:
        extraction.store.drop_overflow()
        extraction.release()
        raise
    return extraction


def missing_from(frozen: FrozenPart, parts: Sequence[Examples]) -> int:
    """How many examples' features are not in the cache."""
    return len(_missing(FeatureStore(frozen.identity()), parts))


def view_parts(train: Examples, count: int) -> dict[str, Examples]:
    """The training examples once for each augmented view, each view with ids of its own."""
    return {f"view{k}": replace(train, ids=[f"{id_}.{k}" for id_ in train.ids]) for k in range(1, count + 1)}


def _planned(frozen: FrozenPart, parts: dict[str, Examples]) -> Extraction:
    store = FeatureStore(frozen.identity())
    lock = store.hold()
    missing = _missing(store, list(parts.values()))
    extraction = Extraction(frozen, store, parts, missing, lock=lock)
    cached = sum(len(part) for part in parts.values()) - len(missing)
    extraction.stats = {"engine": frozen.engine, "precision": frozen.precision, "cached": cached, "computed": 0}
    return extraction


def _teller(extraction: Extraction, bar: Bar) -> Callable[[Progress | Extracted], None]:
    def say(message: Progress | Extracted) -> None:
        if isinstance(message, Progress):
            bar(message.done, f"{message.rate:.0f}/s")
        else:
            extraction.hear(message)

    return say


def _missing(store: FeatureStore, parts: Sequence[Examples]) -> Examples:
    """The examples, each once, whose features are not in the store."""
    known = store.have([id_ for part in parts for id_ in part.ids])
    picked = []
    for part in parts:
        indices = []
        for index, id_ in enumerate(part.ids):
            if id_ not in known:
                known.add(id_)
                indices.append(index)
        picked.append(part.take(indices))
    return _joined(picked)


def _joined(parts: Sequence[Examples]) -> Examples:
    return replace(
        parts[0],
        items=[item for part in parts for item in part.items],
        targets=parts[0].targets[:0],
        ids=[id_ for part in parts for id_ in part.ids],
        names=[name for part in parts for name in part.names],
        keys=(),
        beside=None,
    )
