"""The frozen part of a model: what it is, how it runs, and the features it gives for every example."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tlkit
from tlkit.data.splits import Examples
from tlkit.errors import DataError, EngineError
from tlkit.model.building import Front
from tlkit.progress import progress
from tlkit.training.hardware import cpu_has_bf16, gpu_names, has_openvino
from tlkit.training.store import CacheError, FeatureStore, Rows, make_room


@dataclass(frozen=True)
class Frozen:
    """A front up to its cut, and behind a whole backbone the head's pooling, run by an engine at a precision."""

    front: Front
    cut: str | None  # the last frozen layer; None: the whole backbone
    pooling: str
    engine: str
    precision: str
    augment: tuple[dict[str, Any], ...] = ()
    augment_spec: str = ""
    seed: int = 0
    digest: str = ""  # of the weights, where the front does not say which they are

    def identity(self) -> dict[str, Any]:
        """What the features depend on."""
        views = {"views": self.augment_spec, "seed": self.seed} if self.augment else {}
        return {
            **self.front.identity(),
            **views,
            "digest": self.digest,
            "cut": self.cut or "end",
            "pooling": self.pooling if self.cut is None else "none",
            "engine": self.engine,
            "precision": self.precision,
            "layout": 1,
        }


def choose_engine(engine: str, precision: str, front: Front) -> tuple[str, str]:
    """The engine and precision for frozen parts: the fastest known rule for this machine, or what was asked for."""
    gpu = bool(gpu_names())
    if engine == "auto":
        engine = "openvino" if has_openvino() and not gpu and front.pretrained else "keras"
    if engine == "openvino" and not has_openvino():
        raise EngineError("train.engine: openvino is not installed; pip install openvino, or say engine: keras")
    if engine == "openvino" and precision == "float16":
        raise EngineError("train.precision: float16 is for engine: keras; with openvino say bfloat16, float32 or auto")
    if precision == "auto":
        precision = "bfloat16" if gpu or (engine == "openvino" and cpu_has_bf16()) else "float32"
    return engine, precision


@dataclass
class Extraction:
    """The running or finished computing of features; `finish` waits for it."""

    frozen: Frozen
    store: FeatureStore
    parts: dict[str, Examples]
    missing: Examples
    bad: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    _worker: _Worker | None = None

    def finish(self) -> dict[str, Rows]:
        """Wait for the features of every example; unreadable ones are in `bad` and left out."""
        if self._worker is not None:
            self._worker.wait(self.hear)
        if len(self.missing):
            make_room(spare=self.store.folder)
        return {name: self.store.get(self._sound(part)).gathered() for name, part in self.parts.items()}

    def hear(self, message: dict[str, Any]) -> None:
        """Take note of what the computing tells."""
        self.bad.update(message.get("bad", {}))
        self.facts.update(message.get("facts", {}))
        if "error" in message:
            kinds = {"CacheError": CacheError, "DataError": DataError}
            raise kinds.get(message["kind"], EngineError)(message["error"])

    def stop(self) -> None:
        """End the computing; what is done stays in the cache."""
        if self._worker is not None:
            self._worker.stop()

    def _sound(self, part: Examples) -> list[str]:
        return [id_ for id_, name in zip(part.ids, part.names, strict=True) if name not in self.bad]


def begin_extraction(frozen: Frozen, parts: dict[str, Examples]) -> Extraction:
    """Start computing the features that the cache lacks, on OpenVINO in a worker process of its own."""
    extraction = _planned(frozen, parts)
    if len(extraction.missing):
        extraction._worker = _Worker(frozen, extraction.store, extraction.missing)
    return extraction


def extract_here(frozen: Frozen, parts: dict[str, Examples], built) -> Extraction:
    """Compute the features that the cache lacks in this process, with the preprocessing and backbone built here."""
    from tlkit.training.extracting import extract

    extraction = _planned(frozen, parts)
    if len(extraction.missing):
        with progress("Frozen features", len(extraction.missing)) as bar:
            extract(frozen, extraction.missing, extraction.store, say=_teller(extraction, bar), parts=built)
    return extraction


def view_parts(train: Examples, count: int) -> dict[str, Examples]:
    """The training examples once for each augmented view, each view with ids of its own."""
    return {f"view{k}": replace(train, ids=[f"{id_}.{k}" for id_ in train.ids]) for k in range(1, count + 1)}


def _planned(frozen: Frozen, parts: dict[str, Examples]) -> Extraction:
    store = FeatureStore(frozen.identity())
    missing = _missing(store, list(parts.values()))
    extraction = Extraction(frozen, store, parts, missing)
    cached = sum(len(part) for part in parts.values()) - len(missing)
    extraction.facts = {"engine": frozen.engine, "precision": frozen.precision, "cached": cached, "computed": 0}
    return extraction


def _teller(extraction: Extraction, bar) -> Any:
    def say(message: dict[str, Any]) -> None:
        if "done" in message:
            bar(message["done"], f"{message['rate']:.0f}/s")
        extraction.hear(message)

    return say


def _missing(store: FeatureStore, parts: Sequence[Examples]) -> Examples:
    """The examples, each once, whose features are not in the store."""
    known = store.have([id_ for part in parts for id_ in part.ids])
    picked = []
    for part in parts:
        places = []
        for place, id_ in enumerate(part.ids):
            if id_ not in known:
                known.add(id_)
                places.append(place)
        picked.append(part.take(places))
    return _joined(picked)


def _joined(parts: Sequence[Examples]) -> Examples:
    return replace(
        parts[0],
        items=[item for part in parts for item in part.items],
        targets=parts[0].targets[:0],
        ids=[id_ for part in parts for id_ in part.ids],
        names=[name for part in parts for name in part.names],
    )


class _Worker:
    """A process that computes features; it ends when this one does."""

    def __init__(self, frozen: Frozen, store: FeatureStore, missing: Examples) -> None:
        self.count = len(missing)
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tlkit.training.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env=_environment(),
        )
        self.feeder = threading.Thread(target=self._feed, args=(frozen, store.root, missing), daemon=True)
        self.feeder.start()

    def _feed(self, *job: Any) -> None:
        try:
            pickle.dump(job, self.process.stdin)
            self.process.stdin.flush()  # type: ignore[union-attr]
        except (BrokenPipeError, ValueError):
            pass  # the worker's own words say why it ended

    def wait(self, hear) -> None:
        with progress("Frozen features", self.count) as bar:
            for line in self.process.stdout or ():
                message = json.loads(line)
                if "done" in message:
                    bar(message["done"], f"{message['rate']:.0f}/s")
                hear(message)
        if self.process.wait() != 0:
            raise EngineError(f"frozen features: {self._last_words()}")

    def _last_words(self) -> str:
        self.errors.seek(0)
        lines = [line.strip() for line in self.errors.read().splitlines() if line.strip()]
        return lines[-1] if lines else f"the worker ended with status {self.process.returncode}"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def _environment() -> dict[str, str]:
    package = str(Path(tlkit.__file__).parent.parent)
    paths = os.pathsep.join(part for part in (package, os.environ.get("PYTHONPATH", "")) if part)
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    return {**os.environ, **quiet, "KERAS_BACKEND": "openvino", "PYTHONPATH": paths}
