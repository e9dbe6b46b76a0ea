"""What a run leaves behind: files, metrics, tags and the model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from tlkit.evaluation.metrics import Scores
from tlkit.model.saving import save_model
from tlkit.report import run_note, run_page
from tlkit.report.learned_examples import write_learned
from tlkit.report.mlflow_model import logged_model
from tlkit.report.result import Result
from tlkit.tasks.scoring import table
from tlkit.tracking import Recorder
from tlkit.training.model_builder import Parts
from tlkit.training.setup import Setup
from tlkit.training.timings import Stages
from tlkit.training.trained import Trained

EVALUATION = "test_examples.json"
_MOST_COMPARED = 10_000  # examples


def page_of(setup: Setup) -> dict[str, Any]:
    """What a model file says of itself."""
    info = setup.splits.info
    return {
        "task": info.task,
        "kind": info.kind,
        "class_names": list(info.class_names),
        "input_shape": list(info.input_shape),
        "input_dtype": info.input_dtype,
        "preparation": dict(info.preparation),
        "reading": dict(info.reading),
        **({"beside": dict(info.beside)} if info.beside else {}),
        "recipe": setup.recipe.name,
    }


def save_parts(setup: Setup, parts: Parts, folder: Path) -> None:
    """Write the model file."""
    save_model(parts.model, folder / "model.keras", page_of(setup))


def write_files(setup: Setup, trained: Trained, scores: Scores, folder: Path) -> None:
    """Recipe, predictions, pictures and report, into the folder of artifacts."""
    recipe, test = setup.recipe, trained.splits.test
    given = recipe.source or yaml.safe_dump(recipe.model_dump(mode="json", exclude_unset=True))
    (folder / "recipe.yaml").write_text(given, encoding="utf-8")
    resolved = yaml.safe_dump(recipe.resolved(), sort_keys=False, allow_unicode=True)
    (folder / "recipe_resolved.yaml").write_text(resolved, encoding="utf-8")
    if trained.splits.info.set_aside:
        _write_json(folder / "set_aside.json", dict(trained.splits.info.set_aside))
    write_learned(trained.splits, folder)
    _write_json(folder / "per_class.json", scores.per_class)
    names = list(setup.splits.info.class_names)
    _write_json(folder / "classes.json", names)
    predictions = table(list(test.names), list(test.ids), test.targets, trained.outputs, names, setup.splits.info.task)
    predictions.to_csv(folder / "predictions.csv", index=False)
    _write_json(folder / EVALUATION, _comparable(predictions))
    run_page.report(setup, trained, scores, predictions, folder, recipe=resolved)


def _comparable(predictions: pd.DataFrame) -> dict[str, list[Any]]:
    """The table as MLflow's pages compare it across runs, without the probabilities of every class."""
    kept = predictions.loc[:, [name for name in predictions if not str(name).startswith("p_")]].head(_MOST_COMPARED)
    return kept.to_dict("split", index=False)


def _write_json(path: Path, values: Any) -> None:
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False), encoding="utf-8")


def rates_of(trained: Trained) -> dict[str, float]:
    """Examples a second in training and, where any were computed, of features."""
    rates = {"train": trained.phases[-1].examples_per_second}
    if trained.facts.get("computed"):
        rates["features"] = trained.facts["images_per_second"]
    return rates


def log_end(
    setup: Setup, tracker: Recorder, trained: Trained, metrics, stages: Stages, rates, difference: float
) -> None:
    """The test metrics, times and speeds, what was used, the note, and the model."""
    last = sum(len(phase.history) for phase in trained.phases)
    seconds = {f"seconds/{name}": value for name, value in {**stages.seconds, "total": stages.total()}.items()}
    speeds = {f"images_per_second/{name}": value for name, value in rates.items()}
    counts = {
        f"features/{name}": float(trained.facts[name]) for name in ("cached", "computed") if name in trained.facts
    }
    costs = run_note.costs(setup, trained, stages.total())
    tracker.log_metrics({**metrics, **seconds, **speeds, **counts, **costs, "verify/difference": difference}, last)
    tracker.set_tags({
        "tlkit.engine": trained.facts.get("engine", "keras"),
        "tlkit.precision": trained.learned_precision,
        "tlkit.precision.test": trained.precision,
        "tlkit.best_epoch": str(trained.best_epoch),
        "data.set_aside": str(len(trained.splits.info.set_aside)),
        **trained.meters.told(),
        **run_note.repeatability(setup, trained),
    })  # fmt: skip
    tracker.describe(run_note.note(setup, trained, {**metrics, **costs}, stages.total()))
    tracker.show_table(EVALUATION)
    trained.meters.stop()
    tracker.log_model(logged_model(setup, trained, page_of(setup), step=last))


def result_of(setup: Setup, trained: Trained, run_id: str, folder, metrics, stages: Stages, rates) -> Result:
    """What the caller gets."""
    best = {name: value for name, value in trained.phases[-1].best.items() if name.startswith("val/")}
    model, report = (folder / "model.keras", folder / "report.html") if folder else (None, None)
    return Result(
        run_id, setup.recipe.name, {**best, **metrics}, stages.seconds, rates, model, report,
        trained.facts.get("engine", "keras"), trained.learned_precision, trained.splits.info.set_aside,
    )  # fmt: skip
