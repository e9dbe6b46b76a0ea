"""The process that runs a frozen part over examples and puts what comes out into the cache.

It reads its job from standard input, tells of its progress in JSON lines, and ends when its parent does.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
import threading

from tlkit.errors import TlkitError
from tlkit.quiet import load_keras
from tlkit.training.store import FeatureStore


def main() -> int:
    """Do one job."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    frozen, root, examples = pickle.load(sys.stdin.buffer)  # from the parent's own hand
    threading.Thread(target=_end_with_parent, daemon=True).start()
    load_keras()
    from tlkit.training.extracting import extract

    try:
        extract(frozen, examples, FeatureStore(frozen.identity(), root), say=_say)
    except TlkitError as error:
        _say({"error": str(error), "kind": type(error).__name__})
        return 1
    return 0


def _say(message: dict) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    os._exit(main())  # at once: the thread above still waits on standard input
