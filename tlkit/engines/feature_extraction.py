"""Running a frozen part over examples: read ahead, computed by an engine, kept in shards."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from tlkit.data.splits import Examples
from tlkit.engines.engine_messages import Extracted, FeatureStats, Progress
from tlkit.engines.engines import OPENVINO_BATCH, Batch, Parts, keras_runner, openvino_runner
from tlkit.engines.feature_cache import FeatureStore
from tlkit.engines.frozen_part import FrozenPart
from tlkit.errors import DataError

_BATCH = {"openvino": OPENVINO_BATCH, "keras": 32}
_FLUSH_SECONDS, _FLUSH_ROWS = 1.0, 1024
Say = Callable[[Progress | Extracted], None]


def extract(
    frozen: FrozenPart, examples: Examples, store: FeatureStore, *, say: Say, parts: Parts | None = None
) -> None:
    """Compute and keep the features of every readable example; `parts`: preprocessing and backbone if built."""
    begun = time.monotonic()
    run = openvino_runner(frozen, parts) if frozen.engine == "openvino" else keras_runner(frozen, parts)
    change = _augmenting(frozen)
    prepared = time.monotonic()
    reading, writer = _Reading(examples), _Writer(store, len(examples), say)
    for ids, features in run(change(batch) for batch in reading.batches(_BATCH[frozen.engine])):
        writer.add(ids, features)
    writer.flush()
    seconds = time.monotonic() - prepared
    stats: FeatureStats = {"seconds": seconds, "start_seconds": prepared - begun, "computed": writer.done}
    say(Extracted(reading.bad, {**stats, "images_per_second": writer.done / seconds if seconds else 0.0}))


def _augmenting(frozen: FrozenPart) -> Callable[[Batch], Batch]:
    """What turns a batch into its augmented view; nothing where the frozen part sees the plain examples."""
    if not frozen.augment:
        return lambda batch: batch
    from tlkit.kinds.augment import pipeline

    steps = pipeline.build(frozen.augment, folder=frozen.backbone.folder, kind=frozen.backbone.kind)

    def change(batch: Batch) -> Batch:
        ids, inputs = batch
        seeds = pipeline.seeds_for(ids, seed=frozen.seed, view=0)  # each view has an id of its own
        return ids, pipeline.as_before(steps.batch(inputs, seeds), inputs.dtype)

    return change


class _Reading:
    """Reads examples ahead in threads; the ones that cannot be read are noted and passed over."""

    def __init__(self, examples: Examples) -> None:
        self.examples = examples
        self.bad: dict[str, str] = {}

    def batches(self, size: int) -> Iterator[tuple[list[str], np.ndarray]]:
        ids: list[str] = []
        inputs: list[np.ndarray] = []
        for id_, value in self._ahead(64):
            ids.append(id_)
            inputs.append(value)
            if len(ids) == size:
                yield ids, np.stack(inputs)
                ids, inputs = [], []
        if ids:
            yield ids, np.stack(inputs)

    def _ahead(self, depth: int) -> Iterator[tuple[str, np.ndarray]]:
        waiting: deque[tuple[int, Future[np.ndarray]]] = deque()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for index in range(len(self.examples)):
                waiting.append((index, pool.submit(self._read, index)))
                if len(waiting) >= depth:
                    yield from self._taken(*waiting.popleft())
            while waiting:
                yield from self._taken(*waiting.popleft())

    def _read(self, index: int) -> np.ndarray:
        item = self.examples.items[index]
        return np.asarray(item) if self.examples.read is None else self.examples.read(item)

    def _taken(self, index: int, future: Future[np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
        try:
            yield self.examples.ids[index], future.result()
        except DataError as error:
            self.bad[self.examples.names[index]] = str(error)


class _Writer:
    """Gathers features and writes them in shards, often enough that a kill loses about a second's work."""

    def __init__(self, store: FeatureStore, count: int, say: Say) -> None:
        self.store, self.count, self.say, self.done = store, count, say, 0
        self.ids: list[str] = []
        self.rows: list[np.ndarray] = []
        self.begun = self.flushed = time.monotonic()

    def add(self, ids: list[str], features: np.ndarray) -> None:
        self.ids += ids
        self.rows.append(features)
        if len(self.ids) >= _FLUSH_ROWS or time.monotonic() - self.flushed > _FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        if self.ids:
            self.store.put(self.ids, np.concatenate(self.rows))
            self.done += len(self.ids)
            self.ids, self.rows, self.flushed = [], [], time.monotonic()
            self.say(Progress(self.done, self.done / (self.flushed - self.begun)))
