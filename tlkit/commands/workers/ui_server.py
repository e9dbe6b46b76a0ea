"""MLflow's server in a process that ends, with all that it starts, when whoever started it does."""

from __future__ import annotations

import os
import signal
import sys
import threading


def main() -> None:
    """Serve with the arguments of `mlflow server`, in a session of its own, until standard input ends."""
    os.setsid()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from mlflow.cli import cli

    cli(["server", *sys.argv[1:]])


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
