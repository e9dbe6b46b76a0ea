"""A recorded model scored on other labelled data."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tlkit.data.image_folder import inspect_files, list_files
from tlkit.data.pictures import read_picture
from tlkit.errors import DataError
from tlkit.evaluation.metrics import score
from tlkit.progress import progress
from tlkit.workflows.predict import Predictor, load_run

_BATCH = 32


def evaluate_run(run: str, path: Path) -> dict[str, float]:
    """The metrics of a run's model on a folder with one folder per class.

    Example:
        >>> evaluate_run("latest", Path("data/more_cats"))["accuracy"]  # doctest: +SKIP
        0.95
    """
    files = list_files(path)
    predictor = load_run(run)
    if predictor.facts["kind"] != "image" or predictor.facts["task"] != "label":
        raise DataError(f"run {predictor.run.id[:8]}: only models of pictures with one label can be scored on a folder")
    _, bad = inspect_files([each.path for each in files], None)
    files = [each for each in files if str(each.path) not in bad]
    unknown = sorted({str(each.label) for each in files} - set(predictor.class_names))
    if unknown:
        raise DataError(
            f"{path}: classes {', '.join(unknown)} are unknown to the model; "
            f"it knows {', '.join(predictor.class_names)}"
        )
    targets = np.array([predictor.class_names.index(str(each.label)) for each in files])
    outputs = _outputs(predictor, [each.path for each in files])
    scores = score("label", targets, outputs, predictor.class_names)
    return {**scores.metrics, "examples": float(len(files)), "set_aside": float(len(bad))}


def _outputs(predictor: Predictor, paths: list[Path]) -> np.ndarray:
    height, width, channels = predictor.facts["input_shape"]
    found = []
    with progress("Evaluating", len(paths)) as bar:
        for start in range(0, len(paths), _BATCH):
            chunk = paths[start : start + _BATCH]
            found.append(predictor.outputs(np.stack([read_picture(each, (height, width), channels) for each in chunk])))
            bar(start + len(chunk))
    return np.concatenate(found)
