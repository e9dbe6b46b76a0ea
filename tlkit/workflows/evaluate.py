"""A recorded model scored on other labelled data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from tlkit import catalog
from tlkit.data.splits import Examples
from tlkit.errors import DataError
from tlkit.evaluation.metrics import score
from tlkit.progress import progress
from tlkit.workflows.predict import READ, Predictor, answered, load_run


def evaluate_run(run: str, path: Path, *, beside: Path | None = None) -> dict[str, float]:
    """The metrics of a run's model on labelled data of the kind that it has learned from.

    `beside` is the table of the columns that the model takes beside each example.

    Example:
        >>> evaluate_run("latest", Path("data/more_cats"))["accuracy"]  # doctest: +SKIP
        0.95
    """
    if not path.exists():
        raise DataError(
            f"{path}: no such file or folder; expected labelled examples, as a folder with one folder per class"
        )
    predictor = load_run(run)
    kind, task = predictor.facts["kind"], predictor.facts["task"]
    if kind not in catalog.LABELLED or task == "labels":
        raise DataError(f"run {predictor.run.id[:8]}: models of kind {kind} and task {task} cannot be scored on files")
    examples, bad = catalog.resolve(kind, catalog.LABELLED, kind="kind of data")(path, predictor.facts)
    columns, wrong = predictor.columns(examples.names, beside)
    if wrong or columns is not None:
        sound = [place for place, name in enumerate(examples.names) if name not in wrong]
        examples, bad = replace(examples, beside=columns).take(sound), {**bad, **wrong}
    if not len(examples):
        raise DataError(f"{path}: no example can be used: {'; '.join(f'{name}: {why}' for name, why in bad.items())}")
    targets = _targets(path, predictor, examples.targets)
    scores = score(task, targets, _outputs(predictor, examples), predictor.class_names)
    return {**scores.metrics, "examples": float(len(examples)), "set_aside": float(len(bad))}


def _targets(path: Path, predictor: Predictor, labels: np.ndarray) -> np.ndarray:
    """Labels as they stand in the data as what the scores are made of."""
    if predictor.facts["task"] == "number":
        try:
            return labels.astype(np.float32)
        except ValueError as error:
            raise DataError(f"{path}: expected numbers as targets ({error})") from error
    names = list(map(str, labels))
    unknown = sorted(set(names) - set(predictor.class_names))
    if unknown:
        raise DataError(
            f"{path}: classes {', '.join(unknown)} are unknown to the model; "
            f"it knows {', '.join(predictor.class_names)}"
        )
    return np.array([predictor.class_names.index(name) for name in names])


def _outputs(predictor: Predictor, examples: Examples) -> np.ndarray:
    found = []
    with predictor.answers() as answers, progress("Evaluating", len(examples)) as bar:
        for start in range(0, len(examples), READ):
            places = np.arange(start, min(start + READ, len(examples)))
            found.append(answered(predictor, answers, examples.load(places), examples.beside, places))
            bar(start + len(places))
    return np.concatenate(found)
