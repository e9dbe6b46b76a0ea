"""The process in which one file is opened and measured, with nothing else in its memory."""

from __future__ import annotations

import importlib.metadata
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil

from tlkit import catalog  # noqa: F401
from tlkit.exporting.exporter import Session, format_of
from tlkit.exporting.jobs import Measure, Measured
from tlkit.processes import Parent

_BATCH, _ROUNDS, _SECONDS = 32, 20, 1.0
_VERSIONS = ("onnxruntime", "openvino", "ai-edge-litert", "tensorflow", "torch", "numpy")


def main() -> None:
    """Do a job."""
    parent = Parent()
    parent.serve(lambda job: parent.say(measured(job)))


def measured(job: Measure) -> Measured:
    """What a file makes of inputs, and how fast."""
    inputs = [np.load(each, mmap_mode="r") for each in job.inputs]
    session = format_of(job.format).opened(job.path)
    starts = range(0, len(inputs[0]), _BATCH)
    rows = [session.outputs([np.asarray(each[at : at + _BATCH]) for each in inputs]) for at in starts]
    outputs = [np.concatenate(list(map(np.asarray, each))) for each in zip(*rows, strict=True)]
    one, many = (_seconds(session, [np.resize(each[:size], (size, *each.shape[1:])) for each in inputs])
                 for size in (1, _BATCH))  # fmt: skip
    found = Measured(outputs, 1000 * one, _BATCH / many, _peak(), _versions())
    return replace(found, of_pictures=_of_pictures(session, job)) if job.pictures else found


def _of_pictures(session: Session, job: Measure) -> np.ndarray:
    """What it says of each whole picture; what reads them is no part of the memory that was measured."""
    from tlkit.kinds.image.pictures import whole_picture

    return np.concatenate([session.outputs([whole_picture(each, job.channels)[None]])[0] for each in job.pictures])


def _seconds(session: Session, batch: Sequence[np.ndarray]) -> float:
    """The median of some rounds, behind one that warms up."""
    session.outputs(batch)
    begun = time.perf_counter()
    times: list[float] = []
    while len(times) < 3 or (len(times) < _ROUNDS and time.perf_counter() - begun < _SECONDS):
        start = time.perf_counter()
        session.outputs(batch)
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def _peak() -> int:
    """The most memory that this process has taken, as far as the system tells; else what it takes now."""
    status = Path("/proc/self/status")  # resource.getrusage would count the parent's, from which this was forked
    told = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    now = psutil.Process().memory_info()
    return int(told[1]) * 1024 if told else int(getattr(now, "peak_wset", now.rss))


def _versions() -> dict[str, str]:
    found = {}
    for name in _VERSIONS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    main()
