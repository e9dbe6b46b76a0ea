"""The process that converts a model: TensorFlow lives and dies here."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tlkit import catalog  # noqa: F401  (finds files beside a recipe by their modules' names)
from tlkit.exporting.exporter import Calibration, format_of
from tlkit.exporting.jobs import Convert, Reference, Wanted, Written
from tlkit.processes import Parent
from tlkit.quiet import load_keras, own_process

_BATCH = 32
_LONGEST = 300  # characters of a converter's complaint


def main() -> None:
    """Do a job."""
    parent = Parent()
    own_process()
    load_keras()
    parent.serve(lambda job: convert(job, parent.say))


def convert(job: Convert, say: Callable[[Any], None]) -> None:
    """Write each file and tell of it; last, what the model itself makes of the inputs."""
    from tlkit.exporting.exported_graph import exported_graph, without_texts
    from tlkit.exporting.float_copy import float_copy
    from tlkit.exporting.resize_inside import taking_any_size
    from tlkit.model.saving import load_model

    model, metadata = load_model(job.model)
    graph = exported_graph(model, job.model)
    for wanted in job.wanted:
        several = hasattr(format_of(wanted.format).exporter, "opened")  # formats of other packages may know one output
        whole = graph if several else float_copy(without_texts(model))
        say(_written(taking_any_size(whole, metadata) if wanted.any_size else whole, wanted, job))
    if job.inputs:
        inputs = [np.load(each, mmap_mode="r") for each in job.inputs]
        say(Reference(predicted(without_texts(model), inputs)[0], predicted(graph, inputs)))


def _written(graph: Any, wanted: Wanted, job: Convert) -> Written:
    """A converter's failure is told with the file that it would have been."""
    format, begun = format_of(wanted.format), time.monotonic()
    name = format.stem if wanted.precision == "float32" else f"{format.stem}.{wanted.precision}"
    calibration = Calibration([np.load(each) for each in job.calibration], wanted.kept_share)
    try:
        made = format.write(graph, job.folder / name, wanted.precision, calibration)
        return Written(wanted, made.path, time.monotonic() - begun, made.kept)
    except Exception as error:
        said = " ".join(str(error).split())[:_LONGEST]
        return Written(wanted, job.folder / name, time.monotonic() - begun, fault=f"{type(error).__name__}: {said}")


def predicted(model: Any, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Every output for all inputs."""
    found: list[list[np.ndarray]] = []
    for start in range(0, len(inputs[0]), _BATCH):
        batch = [np.asarray(each[start : start + _BATCH]) for each in inputs]
        outputs = model.predict_on_batch(batch if len(batch) > 1 else batch[0])
        found.append(
            [np.asarray(each, np.float32) for each in (outputs if isinstance(outputs, list | tuple) else [outputs])]
        )
    return [np.concatenate(each) for each in zip(*found, strict=True)]


if __name__ == "__main__":
    main()
