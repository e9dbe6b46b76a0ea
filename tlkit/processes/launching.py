"""How tlkit starts processes: this very tlkit runs in them, and nothing that lies in the working folder."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

_MAIN_PATH = "TLKIT_MAIN_PATH"


def command(module: str, *arguments: str) -> list[str]:
    """The command line of a module of tlkit or of what it needs.

    Example:
        >>> command("tlkit", "--help")[1:]
        ['-P', '-m', 'tlkit', '--help']
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def environment(*, main_path: bool = False, **own: str) -> dict[str, str]:
    """The environment of such a process; with `main_path`, it finds what this process can import (see `follow_main`).

    What makes tlkit itself be found stands last in PYTHONPATH, so that it shadows nothing.
    """
    home = str(Path(__file__).resolve().parents[2])
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    if home not in sysconfig.get_paths().values():
        paths.append(home)
    reached = {_MAIN_PATH: os.pathsep.join(path or str(Path.cwd()) for path in sys.path)} if main_path else {}
    return {**os.environ, **own, **reached, "PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(paths)}


def follow_main() -> None:
    """Find what the process that started this one can import, but only behind all that is installed."""
    sys.path += [path for path in os.environ.get(_MAIN_PATH, "").split(os.pathsep) if path and path not in sys.path]
