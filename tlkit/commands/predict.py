"""A recorded model put to use: on paths from the command line, on examples of any kind from Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from tlkit.data.tables.safe_csv import write_table
from tlkit.engines.predictor import Prediction, Predictor, answered, load_run
from tlkit.errors import DataError, writing
from tlkit.progress import progress

READ = 128  # examples that stand in memory at a time


def predict_paths(
    run: str, paths: Iterable[Path], *, csv_file: Path | None = None, top: int = 1, beside: Path | None = None
) -> Iterator[str]:
    """One line an example with its `top` surest classes, or a table in a file; what cannot be read is named."""
    paths = list(paths)
    for path in paths:
        if not path.exists():
            raise DataError(f"{path}: no such file or folder")
    predictor = load_run(run)
    predictions, broken = _readable(predictor, [each for path in paths for each in predictor.inputs_at(path)], beside)
    if csv_file is not None:
        _write(csv_file, predictor, predictions)
        yield f"{csv_file}: {len(predictions)} predictions"
    else:
        width = max((len(each.name) for each in predictions), default=0)
        for each in predictions:
            yield f"{each.name:<{width}}  {_answers(each, predictor.class_names, top)}"
    if broken:
        raise DataError("\n".join(broken))


def _readable(
    predictor: Predictor, inputs: list[tuple[str, Callable[[], np.ndarray]]], beside: Path | None
) -> tuple[list[Prediction], list[str]]:
    columns, bad = predictor.columns([name for name, _ in inputs], beside)
    found: list[Prediction] = []
    broken = [f"{name}: {why}" for name, why in bad.items()]
    with predictor.answers() as answers, progress("Predicting", len(inputs)) as bar:
        for start in range(0, len(inputs), READ):
            sound: dict[int, np.ndarray] = {}
            for index in range(start, min(start + READ, len(inputs))):
                name, read = inputs[index]
                if name in bad:
                    continue
                try:
                    sound[index] = read()
                except DataError as error:
                    broken.append(str(error))
            if sound:
                outputs = answered(predictor, answers, list(sound.values()), columns, list(sound))
                named = zip(sound, outputs, strict=True)
                found += [predictor._prediction(inputs[index][0], row) for index, row in named]
            bar(min(start + READ, len(inputs)))
    return found, broken


def _answers(prediction: Prediction, class_names: Sequence[str], top: int) -> str:
    """The answer with its probability, and the next likely ones behind it."""
    if prediction.probability is None:
        return prediction.label
    said = class_names.index(prediction.label)
    surest = [index for index in np.argsort(-prediction.outputs, kind="stable") if index != said][: top - 1]
    return "  ".join(f"{class_names[index]}  {prediction.outputs[index]:.3f}" for index in [said, *surest])


def _write(file: Path, predictor: Predictor, predictions: list[Prediction]) -> None:
    with writing(file), file.open("w", newline="", encoding="utf-8") as handle:
        write_table(handle, _rows(predictor, predictions))


def _rows(predictor: Predictor, predictions: list[Prediction]) -> Iterator[list[object]]:
    sure = ["probability"] if "probability" in predictor.task.answer_types else []
    yield ["example", "predicted", *sure, *predictor.task.output_names(predictor.class_names)]
    for each in predictions:
        numbers = [each.probability, *each.outputs] if sure else each.outputs
        yield [each.name, each.label, *(f"{value:.9g}" for value in numbers)]  # as many as tell a float32
