"""The process that runs Keras on OpenVINO: it computes frozen features, and says what a saved model makes of examples.

It takes its jobs from standard input, one after the other, answers in JSON lines, and ends when its parent does.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np

from tlkit.errors import TlkitError
from tlkit.quiet import load_keras
from tlkit.training.store import FeatureStore


def main() -> None:
    """Do jobs until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    jobs: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    load_keras()
    while True:
        kind, job = jobs.get()
        try:
            {"extract": _extract, "reload": _reload}[kind](*job)
        except TlkitError as error:
            _say({"error": str(error), "kind": type(error).__name__})
        except Exception as error:
            text = next(iter(str(error).strip().splitlines()), "")
            _say({"error": f"{type(error).__name__}: {text}", "kind": "EngineError"})
        _say({"end": kind})


def _extract(frozen, root: Path, examples) -> None:
    from tlkit.training.extracting import extract

    extract(frozen, examples, FeatureStore(frozen.identity(), root), say=_say)


def _reload(path: Path, raw: np.ndarray) -> None:
    from tlkit.model.saving import load_model
    from tlkit.training.engines import run_openvino

    model, _ = load_model(path)
    _say({"outputs": run_openvino(model, raw).tolist()})


def _say(message: dict) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _listen(jobs: queue.SimpleQueue) -> None:
    """Jobs come from the parent's own hand; when it is gone there is nothing left to do."""
    try:
        while True:
            jobs.put(pickle.load(sys.stdin.buffer))
    except EOFError:
        os._exit(0)


if __name__ == "__main__":
    main()
