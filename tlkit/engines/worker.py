"""The process that runs Keras on OpenVINO: it computes frozen features, and says what saved models make of examples.

Jobs and answers are those of `engine_messages`.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlkit import catalog  # noqa: F401  (finds files beside a recipe by their modules' names)
from tlkit.engines.engine_messages import Answer, Extract, Finish, Outputs, Prepare, Reload
from tlkit.engines.feature_cache import FeatureStore
from tlkit.model.building import BackboneSpec
from tlkit.model.further_outputs import View, viewed
from tlkit.model.known import read_known
from tlkit.processes import Parent, end
from tlkit.quiet import hidden, load_keras, own_process

if TYPE_CHECKING:
    from tlkit.engines.engines import Parts, Run

_SAID_AT_ONCE = 64


def main() -> None:
    """Do jobs until there are no more."""
    used: list[FeatureStore] = []
    parent = Parent(gone=lambda: _leave(used))
    own_process()
    load_keras()
    worker = EngineWorker(parent.say, used)
    doing: dict[type, Callable[[Any], None]] = {
        Extract: worker.extract, Prepare: worker.prepare, Finish: worker.finish, Reload: worker.reload,
        Answer: worker.answer,
    }  # fmt: skip
    parent.serve(lambda job: doing[type(job)](job))


def _leave(used: list[FeatureStore]) -> None:
    """End this process, and what it put where a full cache had no room: whoever was to read that is gone."""
    while any([each.drop_overflow() for each in used]):
        pass
    end()


class EngineWorker:
    """The jobs; each backbone is built once, with its preprocessing."""

    def __init__(self, say: Callable[[Any], None], used: list[FeatureStore]) -> None:
        self._say, self._used = say, used
        self._built: dict[str, Parts] = {}

    def extract(self, job: Extract) -> None:
        """Compute and keep features."""
        from tlkit.engines.feature_extraction import extract

        self._used.append(job.store)
        extract(job.frozen, job.examples, job.store, say=self._say, parts=self._parts(job.frozen.backbone))

    def prepare(self, job: Prepare) -> None:
        """Build ahead; what goes wrong is met again, and told, by the job that needs the backbone."""
        with contextlib.suppress(Exception):
            self._parts(job.backbone)

    def finish(self, job: Finish) -> None:
        """Put the model together, write its file, and say what that makes of examples."""
        from tlkit.model.building import assemble
        from tlkit.model.heads import build_head
        from tlkit.model.saving import save_model

        preprocessing, backbone = self._parts(job.backbone)
        built = build_head(backbone.output_shape[1:], job.head)
        built.set_weights(job.weights)
        with hidden(("tensorflow",)):  # Keras would import it to ask whether a config holds its types
            save_model(assemble(preprocessing, backbone, built), job.path, dict(job.page), job.known)
        self.reload(Reload(job.path, job.examples))

    def reload(self, job: Reload) -> None:
        """Say what a file makes of examples."""
        from tlkit.engines.engines import run_openvino
        from tlkit.model.saving import load_model

        model, _ = load_model(job.path)
        self._say(Outputs(run_openvino(model, job.examples.fed(range(len(job.examples))))))

    def answer(self, job: Answer) -> None:
        """Say what a file makes of examples which may be made only when they are asked for."""
        import numpy as np

        from tlkit.engines.engines import OPENVINO_BATCH

        run = _runner(job.path, job.path.stat().st_mtime_ns, job.precision, job.view)
        begun, examples = time.monotonic(), job.examples
        starts = range(0, len(examples), OPENVINO_BATCH)
        batches = ([examples[index] for index in range(at, min(at + OPENVINO_BATCH, len(examples)))] for at in starts)
        rows: list[Any] = []
        for _, outputs in run(([""] * len(batch), np.stack(batch)) for batch in batches):
            rows += [*outputs]
            if len(rows) >= _SAID_AT_ONCE:
                self._say(Outputs(np.array(rows), time.monotonic() - begun))
                rows = []
        self._say(Outputs(np.array(rows), time.monotonic() - begun))

    def _parts(self, spec: BackboneSpec) -> Parts:
        from tlkit.model.building import build_backbone

        key = repr(spec)
        if key not in self._built:
            self._built[key] = build_backbone(spec)
        return self._built[key]


@functools.lru_cache(maxsize=1)
def _runner(path: Path, changed: int, precision: str, view: View) -> Run:
    from tlkit.engines.engines import model_runner
    from tlkit.model.saving import load_model

    model, _ = load_model(path)
    return model_runner(viewed(model, view, read_known(path)), precision)


if __name__ == "__main__":
    main()
