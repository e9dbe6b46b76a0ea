"""What a run leaves behind: files, metrics, tags and the model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from tlkit.data.tables.safe_csv import write_frame
from tlkit.report import run_note, run_page
from tlkit.report.about import About
from tlkit.report.learned_examples import write_learned
from tlkit.report.mlflow_model import logged_model
from tlkit.report.repeatability import repeatability
from tlkit.report.result import Result
from tlkit.tasks.task import task_for
from tlkit.tracking import Recorder
from tlkit.tracking.records import SCORE
from tlkit.training.judging import Evaluation
from tlkit.training.timings import StageTimes
from tlkit.training.trained import Trained

EVALUATION = "test_examples.json"
_MOST_COMPARED = 10_000  # examples


def write_files(trained: Trained, evaluation: Evaluation, about: About, folder: Path) -> None:
    """Recipe, predictions, pictures and report, into the folder of artifacts."""
    (folder / "recipe.yaml").write_text(about.given, encoding="utf-8")
    (folder / "recipe_resolved.yaml").write_text(about.resolved, encoding="utf-8")
    info = trained.splits.info
    if info.set_aside:
        _write_json(folder / "set_aside.json", dict(info.set_aside))
    write_learned(trained.splits, folder)
    if trained.doubts is not None and trained.doubts.pays:
        write_frame(trained.doubts.table(info.class_names), folder / "left_out.csv", index=False)
    _write_json(folder / "per_class.json", evaluation.per_class)
    if evaluation.per_number:
        _write_json(folder / "per_number.json", evaluation.per_number)
    _write_json(folder / "classes.json", list(info.class_names))
    predictions = evaluation.predictions
    write_frame(predictions, folder / "predictions.csv", index=False)
    _write_json(folder / EVALUATION, _comparable(predictions))
    run_page.report(trained, evaluation, predictions, about, folder)


def _comparable(predictions: pd.DataFrame) -> dict[str, list[Any]]:
    """The table as MLflow's pages compare it across runs, without the probabilities of every class."""
    kept = predictions.loc[:, [name for name in predictions if not str(name).startswith("p_")]].head(_MOST_COMPARED)
    return kept.to_dict("split", index=False)


def _write_json(path: Path, values: Any) -> None:
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False), encoding="utf-8")


def log_end(
    tracker: Recorder, trained: Trained, evaluation: Evaluation, about: About, stages: StageTimes, difference: float
) -> None:
    """The test metrics, times and speeds, what was used, the note, and the model."""
    last, stats, seconds = len(trained.history), trained.feature_stats, stages.total()
    metrics = {**_test_metrics(evaluation), **run_note.costs(trained, about.price_per_hour, seconds)}
    times = {f"seconds/{name}": value for name, value in {**stages.seconds, "total": seconds}.items()}
    speeds = {f"images_per_second/{name}": value for name, value in _rates(trained).items()}
    doubts = trained.doubts
    counts = {f"features/{name}": float(stats[name]) for name in ("cached", "computed") if name in stats}
    tracker.log_metrics({**metrics, **times, **speeds, **counts, "verify/difference": difference,
                         **(doubts.metrics if doubts else {}),
                         **(trained.calibration.metrics if trained.calibration else {})}, last)  # fmt: skip
    main = task_for(trained.splits.info).headline[0]
    tracker.set_tags({
        SCORE: f"{metrics[f'test/{main}']:.4g} {main}",
        "tlkit.engine": stats.get("engine", "keras"),
        "tlkit.precision": trained.learned_precision,
        "tlkit.precision.test": evaluation.precision,
        "tlkit.best_epoch": str(trained.best_epoch),
        "data.set_aside": str(len(trained.splits.info.set_aside)),
        **({"tlkit.label_noise": doubts.line} if doubts else {}),
        **trained.meters.told(),
        **repeatability(trained, evaluation, about),
    })  # fmt: skip
    tracker.describe(run_note.note(trained, about, metrics, seconds))
    tracker.show_table(EVALUATION)
    trained.meters.stop()
    tracker.log_model(logged_model(trained.splits, about, step=last))


def result_of(
    trained: Trained, evaluation: Evaluation, about: About, run_id: str, folder: Path | None, stages: StageTimes
) -> Result:
    """What the caller gets."""
    best = {name: value for name, value in trained.phases[-1].best.items() if name.startswith("val/")}
    model, report = (folder / "model.keras", folder / "report.html") if folder else (None, None)
    return Result(
        run_id, about.recipe, {**best, **_test_metrics(evaluation)}, stages.seconds, _rates(trained), model, report,
        trained.feature_stats.get("engine", "keras"), trained.learned_precision, trained.splits.info.set_aside,
    )  # fmt: skip


def _test_metrics(evaluation: Evaluation) -> dict[str, float]:
    return {f"test/{name}": value for name, value in {**evaluation.metrics, **evaluation.further}.items()}


def _rates(trained: Trained) -> dict[str, float]:
    """Examples a second in training and, where any were computed, of features."""
    rates = {"train": trained.phases[-1].examples_per_second}
    if trained.feature_stats.get("computed"):
        rates["features"] = trained.feature_stats["images_per_second"]
    return rates
