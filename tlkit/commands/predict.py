"""A recorded model put to use: on paths from the command line, on examples of any kind from Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tlkit.commands.shell.listing import Answer
from tlkit.data.tables.safe_csv import restored, write_table
from tlkit.engines.predictor import Prediction, Predictor, RunPredictor, answered, load_run
from tlkit.errors import DataError, writing
from tlkit.evaluation.conformal import limit_for, possible_classes
from tlkit.model.further_outputs import View
from tlkit.progress import progress
from tlkit.tracking import lookup

Input = tuple[str, Callable[[], np.ndarray]]  # an example's name, and what reads it
READ = 128  # examples that stand in memory at a time


def predict_paths(
    run: str,
    paths: Iterable[Path],
    *,
    csv_file: Path | None = None,
    top: int = 1,
    sets: float | None = None,
    beside: Path | None = None,
) -> Answer:
    """One line an example with its `top` surest classes, or a table in a file; what cannot be read stands in the value.

    `sets` asks for the classes that are possible, so that the true one is among them in such a share of examples.
    """
    paths = list(paths)
    for path in paths:
        if not path.exists():
            raise DataError(f"{path}: no such file or folder")
    predictor = load_run(run)
    limit = None if sets is None else limit_for(sets, predictor.metadata.get("set_limits", []))
    inputs = [each for path in paths for each in predictor.inputs_at(path)]
    found = read_rows(predictor, inputs, beside, predictor.view, "Predicting")
    predictions = predictor.predictions(found.names, found.rows)
    if csv_file is not None:
        _write(csv_file, predictor, predictions, limit)
        yield f"{csv_file}: {len(predictions)} predictions"
    else:
        width = max((len(each.name) for each in predictions), default=0)
        for each in predictions:
            unknown = "  unknown" if each.known is False else ""
            possible = "" if limit is None else f"  possible: {', '.join(_possible(predictor, each, limit))}"
            yield f"{each.name:<{width}}  {_answers(each, predictor.class_names, top)}{possible}{unknown}"
    if limit is not None:
        yield _coverage_line(predictor, limit)
    return {"examples": [_values(predictor, each, limit) for each in predictions], "broken": found.broken}


@dataclass(frozen=True)
class ReadRows:
    """Names of examples and what a model makes of each, and what is wrong with those that cannot be read."""

    names: list[str]
    rows: list[np.ndarray]
    broken: list[str]


def read_rows(predictor: Predictor, inputs: Sequence[Input], beside: Path | None, view: View, label: str) -> ReadRows:
    """A row of a view of the model for every example that can be read, some at a time."""
    columns, bad = predictor.columns([name for name, _ in inputs], beside)
    found = ReadRows([], [], [f"{name}: {why}" for name, why in bad.items()])
    with predictor.answers(view) as answers, progress(label, len(inputs)) as bar:
        for start in range(0, len(inputs), READ):
            sound: dict[int, np.ndarray] = {}
            for index in range(start, min(start + READ, len(inputs))):
                name, read = inputs[index]
                if name in bad:
                    continue
                try:
                    sound[index] = read()
                except DataError as error:
                    found.broken.append(str(error))
            if sound:
                found.rows.extend(answered(predictor, answers, list(sound.values()), columns, list(sound)))
                found.names.extend(inputs[index][0] for index in sound)
            bar(min(start + READ, len(inputs)))
    return found


def _answers(prediction: Prediction, class_names: Sequence[str], top: int) -> str:
    """The answer with its probability, and the next likely ones behind it."""
    if prediction.probability is None:
        return prediction.label
    said = class_names.index(prediction.label)
    surest = [index for index in np.argsort(-prediction.outputs, kind="stable") if index != said][: top - 1]
    return "  ".join(f"{class_names[index]}  {prediction.outputs[index]:.3f}" for index in [said, *surest])


def _possible(predictor: Predictor, prediction: Prediction, limit: float) -> list[str]:
    """The classes in the set of an example, the likeliest first."""
    order = np.argsort(-prediction.outputs, kind="stable")
    inside = possible_classes(prediction.outputs, limit)
    return [predictor.class_names[index] for index in order if inside[index]]


def _values(predictor: Predictor, each: Prediction, limit: float | None) -> Mapping[str, object]:
    """A prediction as plain values, under the names that the table has."""
    values = {"example": each.name, "predicted": each.label}
    classes, numbers = predictor.class_names, np.atleast_1d(each.outputs).tolist()
    names = classes if len(classes) == len(numbers) else predictor.task.output_names(classes)
    outputs = dict(zip(names, numbers, strict=True))
    sure = {} if each.probability is None else {"probability": each.probability}
    told = {"unknown": each.unknown, "known": each.known} if predictor.known else {}
    sets = {} if limit is None else {"possible": _possible(predictor, each, limit)}
    return {**values, **sure, "outputs": outputs, **told, **sets}


def _coverage_line(predictor: RunPredictor, limit: float) -> str:
    """How often sets of this limit hold the true class of the run's own test split, as its record has it."""
    names = predictor.task.output_names(predictor.class_names)
    table = pd.read_csv(lookup.fetch(predictor.run, "predictions.csv", predictor.root), dtype={"true": str})
    if not set(names) <= set(table.columns):
        return "note: the record does not have the probabilities by which these sets could be measured"
    inside = possible_classes(table[names].to_numpy(), limit)
    true = [predictor.class_names.index(restored(each)) for each in table["true"]]
    share, size = inside[np.arange(len(table)), true].mean(), inside.sum(axis=1).mean()
    return f"note: on the {len(table)} test examples of the run such sets hold {share:.1%} of classes, {size:.2f} a set"


def _write(file: Path, predictor: Predictor, predictions: list[Prediction], limit: float | None) -> None:
    with writing(file), file.open("w", newline="", encoding="utf-8") as handle:
        write_table(handle, _rows(predictor, predictions, limit))


def _rows(predictor: Predictor, predictions: list[Prediction], limit: float | None) -> Iterator[list[object]]:
    sure = ["probability"] if "probability" in predictor.task.answer_types else []
    told = ["unknown", "known"] if predictor.known else []
    sets = [] if limit is None else ["possible"]
    yield ["example", "predicted", *sure, *predictor.task.output_names(predictor.class_names), *told, *sets]
    for each in predictions:
        numbers = [each.probability, *each.outputs] if sure else each.outputs
        row = [each.name, each.label, *(f"{value:.9g}" for value in numbers)]  # as many as tell a float32
        distance = [f"{each.unknown:.6g}", each.known] if told else []
        yield [*row, *distance, *(["|".join(_possible(predictor, each, limit))] if limit is not None else [])]
