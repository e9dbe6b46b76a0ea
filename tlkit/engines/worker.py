"""The process that runs Keras on OpenVINO: it computes frozen features, and says what saved models make of examples.

It takes its jobs from standard input, one after the other, answers in JSON lines, and ends when its parent does.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import pickle
import queue
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from tlkit import catalog, processes  # noqa: F401  (the catalog finds files beside a recipe by their modules' names)
from tlkit.engines.feature_cache import FeatureStore
from tlkit.errors import TlkitError
from tlkit.quiet import hidden, load_keras, own_process
from tlkit.stopping import leave_stopping_to_the_parent

_SAID_AT_ONCE = 64
_channel = sys.stdout


def main() -> None:
    """Do jobs until there are no more."""
    leave_stopping_to_the_parent()
    _take_channel()
    jobs: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    processes.follow_main()
    own_process()
    load_keras()
    fronts = Fronts()
    doing = {"extract": _extract, "prepare": _prepare, "finish": _finish, "reload": _reload, "answer": _answer}
    while True:
        kind, job = jobs.get()
        try:
            doing[kind](fronts, *job)
        except TlkitError as error:
            _say({"error": str(error), "kind": type(error).__name__})
        except Exception as error:
            text = next(iter(str(error).strip().splitlines()), "")
            _say({"error": f"{type(error).__name__}: {text}", "kind": "EngineError"})
        if kind != "prepare":
            _say({"end": kind})


class Fronts:
    """The preprocessing and backbone of each front, built once."""

    def __init__(self) -> None:
        self._built: dict[str, tuple] = {}

    def parts(self, front) -> tuple:
        """The two parts of this front."""
        from tlkit.model.building import build_front

        key = repr(front)
        if key not in self._built:
            self._built[key] = build_front(front)
        return self._built[key]


def _extract(fronts: Fronts, frozen, store: FeatureStore, examples) -> None:
    from tlkit.engines.feature_extraction import extract

    extract(frozen, examples, store, say=_say, parts=fronts.parts(frozen.front))


def _prepare(fronts: Fronts, front) -> None:
    """Build ahead; what goes wrong is met again, and told, by the job that needs the front."""
    with contextlib.suppress(Exception):
        fronts.parts(front)


def _finish(fronts: Fronts, front, head, weights, path: Path, page: dict, examples) -> None:
    from tlkit.model.building import assemble
    from tlkit.model.heads import build_head
    from tlkit.model.saving import save_model

    preprocessing, backbone = fronts.parts(front)
    built = build_head(backbone.output_shape[1:], head)
    built.set_weights(weights)
    with hidden(("tensorflow",)):  # Keras would import it to ask whether a config holds its types
        save_model(assemble(preprocessing, backbone, built), path, page)
    _reload(fronts, path, examples)


def _reload(fronts: Fronts, path: Path, examples) -> None:
    from tlkit.engines.engines import run_openvino
    from tlkit.model.saving import load_model

    model, _ = load_model(path)
    _say({"outputs": run_openvino(model, examples.fed(range(len(examples)))).tolist()})


def _answer(fronts: Fronts, path: Path, examples, precision: str) -> None:
    """The outputs of a saved model for a sequence of examples, which may be made only when they are asked for."""
    import numpy as np

    from tlkit.engines.engines import OPENVINO_BATCH

    run = _runner(path, path.stat().st_mtime_ns, precision)
    begun = time.monotonic()
    starts = range(0, len(examples), OPENVINO_BATCH)
    batches = ([examples[place] for place in range(at, min(at + OPENVINO_BATCH, len(examples)))] for at in starts)
    rows: list[list[float]] = []
    for _, outputs in run(([""] * len(batch), np.stack(batch)) for batch in batches):
        rows += outputs.tolist()
        if len(rows) >= _SAID_AT_ONCE:
            _say({"outputs": rows})
            rows = []
    _say({"outputs": rows, "seconds": time.monotonic() - begun})


@functools.lru_cache(maxsize=1)
def _runner(path: Path, changed: int, precision: str):
    from tlkit.engines.engines import model_runner
    from tlkit.model.saving import load_model

    model, _ = load_model(path)
    return model_runner(model, precision)


def _take_channel() -> None:
    """Keep standard output for messages; whatever else is printed (Keras tells of its downloads) goes to the log."""
    global _channel
    _channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)


def _say(message: dict) -> None:
    _channel.write(json.dumps(message) + "\n")
    _channel.flush()


def _listen(jobs: queue.SimpleQueue) -> None:
    """Jobs come from the parent's own hand; when it is gone, even in the middle of one, there is nothing left to do."""
    try:
        while True:
            jobs.put(pickle.load(sys.stdin.buffer))
    except (EOFError, pickle.UnpicklingError):
        os._exit(0)
    except BaseException:  # the parent, which waits for an answer, tells the last line
        traceback.print_exc()
        os._exit(1)


if __name__ == "__main__":
    main()
