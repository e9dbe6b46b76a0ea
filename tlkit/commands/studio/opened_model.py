"""The model that is tried: a recorded run's, exported once, and answered by the service's own parts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from tlkit.commands.serving.serve import bundle_of
from tlkit.engines.hardware import num_cores
from tlkit.errors import DataError
from tlkit.paths import temporary_folder
from tlkit.serving.admission import Receive, Scope, Send
from tlkit.serving.answering import Answering
from tlkit.serving.bundle_model import Choice, open_bundle
from tlkit.serving.request_examples import ExampleReader
from tlkit.serving.service import service
from tlkit.serving.service_counts import ServiceCounts


class OpenedModel:
    """A model that is ready; as an application it answers as `tlkit serve` does."""

    def __init__(self, run_id: str, say: Callable[[str], None]) -> None:
        self.run_id = run_id
        bundle, choice = bundle_of(run_id, Choice(), say), Choice()
        model = open_bundle(bundle.folder, choice.file_of(bundle), 1, num_cores())
        model.warm_up()
        self._files = contextlib.ExitStack()
        counts = Path(self._files.enter_context(temporary_folder("studio")))
        self._answering = Answering(model, ExampleReader(model.metadata, []), ServiceCounts(counts, model.class_names))
        self.app = service(self._answering)

    def close(self) -> None:
        """Finish what is under way."""
        self._answering.close()
        self._files.close()


class ModelPlace:
    """Where the model that is tried stands; empty until one is opened."""

    def __init__(self) -> None:
        self._model: OpenedModel | None = None

    @property
    def run_id(self) -> str:
        """Whose model it is; empty where there is none."""
        return self._model.run_id if self._model else ""

    def open(self, run_id: str, say: Callable[[str], None]) -> None:
        """Put this run's model there, and the one before away."""
        opened = OpenedModel(run_id, say)
        before, self._model = self._model, opened
        if before:
            before.close()

    def close(self) -> None:
        """Put away what is there."""
        before, self._model = self._model, None
        if before:
            before.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._model is None:
            raise DataError("no model is ready yet: press 'Get the model ready' first")
        await self._model.app(scope, receive, send)
