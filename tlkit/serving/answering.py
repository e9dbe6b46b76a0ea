"""A service without its HTTP: examples are read in threads, answered in batches, counted, and explained on demand."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from tlkit.data.splits import InputSequence
from tlkit.errors import DataError
from tlkit.interpretation.methods.occlusion import Occlusion, occlude
from tlkit.serving.answer_log import AnswerLog
from tlkit.serving.request_batches import Batcher, Example, OverloadedError, Rows
from tlkit.serving.request_examples import ExampleReader
from tlkit.serving.served_model import Json, ServedModel
from tlkit.serving.service_counts import ServiceCounts

_WINDOWS = 7  # that cover a side of a picture, each laid twice
_MOST_HEAT_MAPS = 4  # under way and waiting
_Found = TypeVar("_Found")


class Answering:
    """What a service does with examples.

    Args:
        threads: that read examples.
        largest: examples in a batch.
        most: examples that may wait.
        log: is told of each answer.
    """

    def __init__(
        self,
        model: ServedModel,
        reader: ExampleReader,
        counts: ServiceCounts,
        *,
        threads: int = 2,
        largest: int = 8,
        most: int = 256,
        log: AnswerLog | None = None,
    ) -> None:
        self.model, self.reader, self.counts, self._log = model, reader, counts, log
        self.batcher = Batcher(model.sessions, largest=largest, most=most, on_batch=counts.batch)
        self._readers = ThreadPoolExecutor(threads, thread_name_prefix="tlkit-read")
        self._explainers = ThreadPoolExecutor(1, thread_name_prefix="tlkit-explain")
        self._largest, self._heat_maps = largest, 0

    async def read(self, do: Callable[[], _Found]) -> _Found:
        """What reading a request comes to, done in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, do)

    async def rows(self, examples: Sequence[Example]) -> list[Rows]:
        """The outputs for these examples."""
        futures = [asyncio.wrap_future(each) for each in self.batcher.submit(examples)]
        return list(await asyncio.gather(*futures))

    def answer(self, rows: Rows) -> Json:
        """What the outputs for one example say; counted and logged."""
        answer = self.model.answer(rows)
        names = answer.get("classes", [answer["class"]] if "class" in answer else [])
        self.counts.answered(names, answer.get("known", True))
        if self._log:
            self._log.add(answer, rows)
        return answer

    async def heat(self, example: Example, rows: Rows) -> Occlusion:
        """Which parts of a picture speak for its answer; a few at a time."""
        if not self.model.kind.is_picture or len(example) > 1:
            raise DataError("heat maps are made of pictures alone, without columns beside them")
        if self._heat_maps >= _MOST_HEAT_MAPS:
            raise OverloadedError(f"{_MOST_HEAT_MAPS} heat maps are under way, as many as may be")
        self._heat_maps += 1
        given_up = threading.Event()
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._explainers, self._occluded, example[0], rows, given_up)
        finally:
            given_up.set()
            self._heat_maps -= 1

    def close(self) -> None:
        """Finish what is under way."""
        self._readers.shutdown()
        self._explainers.shutdown()
        self.batcher.close()
        if self._log:
            self._log.close()

    def _occluded(self, picture: np.ndarray, rows: Rows, given_up: threading.Event) -> Occlusion:
        def outputs(covered: InputSequence) -> np.ndarray:
            found: list[np.ndarray] = []
            for start in range(0, len(covered), self._largest):
                if given_up.is_set():
                    raise OverloadedError("given up")
                batch = [(covered[index],) for index in range(start, min(start + self._largest, len(covered)))]
                found += [each.result()[0] for each in self.batcher.submit(batch)]
            return np.stack(found)

        output = self.model.task.main_output(np.asarray(rows[0]))
        patch = max(1, round(min(picture.shape[:2]) / _WINDOWS))
        return occlude(outputs, picture, output, axes=2, patch=patch, grey=self.model.kind.grey)
