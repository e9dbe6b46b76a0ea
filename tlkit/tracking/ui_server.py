"""MLflow's server in a process that ends, with all that it starts, when whoever started it does."""

from __future__ import annotations

import os
import sys

from tlkit.processes import Parent


def main() -> None:
    """Serve with the arguments of `mlflow server`."""
    Parent(gone=_end_all)
    from mlflow.cli import cli

    cli(["server", *sys.argv[1:]])


def _end_all() -> None:
    import psutil

    for child in psutil.Process().children(recursive=True):
        child.kill()
    os._exit(0)


if __name__ == "__main__":
    main()
