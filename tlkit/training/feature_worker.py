"""The engine's worker process, and what of a run's features it is asked for before Keras is imported."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from types import TracebackType

from tlkit.data.splits import Examples
from tlkit.engines import leftovers
from tlkit.engines.engine_process import EngineProcess
from tlkit.engines.frozen_features import Extraction, begin_extraction
from tlkit.engines.frozen_part import FrozenPart
from tlkit.errors import EngineError
from tlkit.training.setup import Setup, learned


class FeatureWorker:
    """The process that computes frozen features, with those that are under way; it ends with the `with` block.

    Everything works without it, too: what OpenVINO does not run, Keras runs in the process that trains.
    """

    def __init__(self, process: EngineProcess | None = None) -> None:
        self._process = process or EngineProcess()
        self.process: EngineProcess | None = None  # where the setup is one for OpenVINO
        self._begun: dict[str, Extraction] = {}

    def __enter__(self) -> FeatureWorker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._process.stop()
        for begun in self._begun.values():
            begun.release()
        leftovers.sweep()

    def start(self) -> None:
        """Let it import Keras, while other things are done here."""
        self._process.start()

    def take(self, setup: Setup) -> FeatureWorker:
        """Work for this setup, if OpenVINO is what it is for."""
        self.process = self._process if setup.engine == "openvino" else None
        return self

    def begin(self, setup: Setup) -> None:
        """Start on the features of a wholly frozen backbone; other cuts need Keras to be planned."""
        self.begin_learning(setup)
        if "learn" in self._begun and setup.phases[-1].trains_head_alone(setup.backbone):
            self.begin_test(setup.frozen(), setup.splits.test)
            self._process.begin_prepare(setup.backbone)

    def begin_learning(self, setup: Setup) -> None:
        """Start on what training alone needs of a wholly frozen backbone, as the trials of a search do."""
        if self.take(setup).process is not None and setup.phases[0].trains_head_alone(setup.backbone):
            self._begun["learn"] = begin_extraction(setup.frozen(), learned(setup.splits), self._process)

    def begin_test(self, frozen: FrozenPart, test: Examples) -> None:
        """Start on the test split, so that it is computed while the head is trained."""
        if len(test) and frozen.engine == "openvino" and self.process is not None and "test" not in self._begun:
            self._begun["test"] = begin_extraction(frozen.exact(), {"test": test}, self.process)

    def wait(self) -> None:
        """Have what is under way done; what fails is done in another way by who asks for it."""
        for begun in self._begun.values():
            with contextlib.suppress(EngineError):
                begun.finish()
        self._begun.clear()  # it is in the cache now

    def extraction(self, name: str, frozen: FrozenPart, parts: dict[str, Examples]) -> Extraction:
        """What was begun under this name, or begun now."""
        assert self.process is not None, "OpenVINO runs this"
        begun = self._begun.pop(name, None)
        if begun is not None and begun.frozen == frozen and _ids(begun.parts) == _ids(parts):
            return begun
        return begin_extraction(frozen, parts, self.process)


def _ids(parts: Mapping[str, Examples]) -> dict[str, list[str]]:
    return {name: list(part.ids) for name, part in parts.items()}
