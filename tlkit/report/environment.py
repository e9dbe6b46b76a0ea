"""Where a run happened and with what: versions, device, git commit."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess

from tlkit.engines.hardware import cpu_name, gpu_names

_PACKAGES = ("tlkit", "keras", "tensorflow", "openvino", "mlflow", "keras-tuner", "numpy", "pandas")


def versions() -> dict[str, str]:
    """Installed versions of what a result depends on."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def device() -> str:
    """The GPUs, or the processor where there is none."""
    gpus = gpu_names()
    return ", ".join(gpus) if gpus else f"{cpu_name()}, {os.cpu_count()} cores, no GPU"


def git_commit() -> str | None:
    """The commit checked out here, with a plus where files differ from it."""
    try:
        ask = ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--match=nothing"]
        reply = subprocess.run(ask, capture_output=True, text=True, timeout=5, check=True)  # noqa: S603  (words of ours)
    except (OSError, subprocess.SubprocessError):
        return None
    return reply.stdout.strip() or None
