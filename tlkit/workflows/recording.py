"""What a run leaves behind: files, metrics, tags, the report, and the lines on the terminal."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image

from tlkit.data.splits import Splits
from tlkit.evaluation import pictures
from tlkit.evaluation.metrics import Scores
from tlkit.evaluation.predictions import table
from tlkit.evaluation.report import write_report
from tlkit.model.saving import save_model
from tlkit.training.fitting import Fitted, by_metric
from tlkit.workflows import facts
from tlkit.workflows.parts import Parts
from tlkit.workflows.run import Result, Setup
from tlkit.workflows.stages import Stages


@dataclass
class Trained:
    """What the phases leave."""

    splits: Splits
    outputs: np.ndarray  # of the test split, by the part that was trained
    precision: str  # of what computed these
    learned_precision: str = "float32"  # of what training saw
    phases: list[Fitted] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


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
    resolved = yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    (folder / "recipe_resolved.yaml").write_text(resolved, encoding="utf-8")
    if trained.splits.info.set_aside:
        _write_json(folder / "set_aside.json", dict(trained.splits.info.set_aside))
    _write_json(folder / "per_class.json", scores.per_class)
    names = list(setup.splits.info.class_names)
    _write_json(folder / "classes.json", names)
    predictions = table(list(test.names), list(test.ids), test.targets, trained.outputs, names, setup.splits.info.task)
    predictions.to_csv(folder / "predictions.csv", index=False)
    shown = _pictures(trained, scores, names, folder)
    write_report(
        folder / "report.html",
        title=recipe.track.name or recipe.name,
        facts=_report_facts(setup, trained),
        scores=scores,
        predictions=predictions,
        pictures=shown,
        train_counts=_train_counts(trained.splits),
        thumbnail=lambda row: _thumbnail(trained.splits, row),
        recipe=resolved,
    )


def _write_json(path: Path, values: Any) -> None:
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False), encoding="utf-8")


def _pictures(trained: Trained, scores: Scores, names: list[str], folder: Path) -> dict[str, Path]:
    history = [epoch for phase in trained.phases for epoch in phase.history]
    ends = [int(each) for each in np.cumsum([len(phase.history) for phase in trained.phases])[:-1]]
    found = {"Learning curves": folder / "curves.png"}
    pictures.save(pictures.curves_picture(by_metric(history), ends), folder / "curves.png")
    if scores.confusion is not None:
        pictures.save(pictures.confusion_picture(scores.confusion, names), folder / "confusion.png")
        targets = trained.splits.test.targets
        pictures.save(pictures.reliability_picture(targets, trained.outputs), folder / "reliability.png")
        found |= {"Confusion matrix": folder / "confusion.png", "Reliability": folder / "reliability.png"}
    return found


def _report_facts(setup: Setup, trained: Trained) -> dict[str, str]:
    info = trained.splits.info
    counts = ", ".join(f"{count} {name}" for name, count in trained.splits.counts().items())
    origin = {"drawn": " (drawn by tlkit)"}.get(info.tags.get("data.origin", ""), "")
    return {
        "Description": setup.recipe.description or setup.recipe.name,
        "Model": f"{setup.front.net}, {setup.front.weights} weights, input {'x'.join(map(str, info.input_shape))}",
        "Data": f"{setup.recipe.data.path or 'from Python'}{origin}: {counts}",
        "Set aside": f"{len(info.set_aside)} examples",
        "Engine": f"{trained.facts.get('engine', 'keras')}, {_precisions(trained)}",
        "Device": facts.device(),
    }


def _precisions(trained: Trained) -> str:
    judged = "" if trained.precision == trained.learned_precision else f", test split in {trained.precision}"
    return f"{trained.learned_precision}{judged}"


def _train_counts(splits: Splits) -> dict[str, int]:
    names, targets = splits.info.class_names, splits.train.targets
    if splits.info.task == "number":
        return {}
    counts = np.bincount(targets, minlength=len(names)) if splits.info.task == "label" else targets.sum(0)
    return {name: int(count) for name, count in zip(names, counts, strict=True)}


def _thumbnail(splits: Splits, row: int) -> Image.Image | None:
    """A test example as the model sees it, where it is a picture."""
    if splits.info.kind != "image":
        return None
    pixels = splits.test.load([row])[0]
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def rates_of(trained: Trained) -> dict[str, float]:
    """Examples a second in training and, where any were computed, of features."""
    rates = {"train": trained.phases[-1].examples_per_second}
    if trained.facts.get("computed"):
        rates["features"] = trained.facts["images_per_second"]
    return rates


def log_end(tracker, trained: Trained, metrics, stages: Stages, rates, difference: float) -> None:
    """The test metrics, times and speeds, and what was used."""
    last = sum(len(phase.history) for phase in trained.phases)
    seconds = {f"seconds/{name}": value for name, value in stages.seconds.items()}
    speeds = {f"images_per_second/{name}": value for name, value in rates.items()}
    counts = {
        f"features/{name}": float(trained.facts[name]) for name in ("cached", "computed") if name in trained.facts
    }
    tracker.log_metrics({**metrics, **seconds, **speeds, **counts, "verify/difference": difference}, last)
    tracker.set_tags({
        "tlkit.engine": trained.facts.get("engine", "keras"),
        "tlkit.precision": trained.learned_precision,
        "tlkit.precision.test": trained.precision,
        "tlkit.best_epoch": str(trained.phases[-1].best_epoch + 1),
        "data.set_aside": str(len(trained.splits.info.set_aside)),
    })  # fmt: skip


def result_of(setup: Setup, trained: Trained, run_id: str, folder, metrics, stages: Stages, rates) -> Result:
    """What the caller gets."""
    history = trained.phases[-1].history[trained.phases[-1].best_epoch]
    best = {name: value for name, value in history.items() if name.startswith("val/")}
    model, report = (folder / "model.keras", folder / "report.html") if folder else (None, None)
    return Result(
        run_id, setup.recipe.name, {**best, **metrics}, stages.seconds, rates, model, report,
        trained.facts.get("engine", "keras"), trained.learned_precision, trained.splits.info.set_aside,
    )  # fmt: skip


def feature_line(found: dict[str, Any]) -> str:
    """How many features came from where, how fast."""
    if not found.get("computed"):
        return f"features  {found['cached']} from the cache"
    cached = f", {found['cached']} from the cache" if found["cached"] else ""
    return (
        f"features  {found['computed']} in {found['seconds']:.1f} s ({found['images_per_second']:.0f}/s, "
        f"{found['engine']} {found['precision']}){cached}"
    )


def phase_line(setup: Setup, trained: Trained) -> str:
    """How a phase went."""
    phase = trained.phases[-1]
    best = phase.history[phase.best_epoch]
    shown = "  ".join(f"{name} {best[name]:.3f}" for name in ("val/loss", "val/accuracy", "val/mae") if name in best)
    name = f"train {len(trained.phases)}" if len(setup.phases) > 1 else "train"
    return f"{name:<9} {len(phase.history)} epochs in {phase.seconds:.1f} s, best {phase.best_epoch + 1}: {shown}"


def score_line(scores: Scores) -> str:
    """The test score."""
    found = scores.metrics
    if "accuracy_low" in found:
        interval = f" ({found['accuracy_low']:.3f} to {found['accuracy_high']:.3f})"
        rest = f"macro F1 {found['macro_f1']:.3f}  ece {found['ece']:.3f}"
        return f"test      accuracy {found['accuracy']:.3f}{interval}  {rest}"
    return "test      " + "  ".join(f"{name} {value:.3f}" for name, value in list(found.items())[:4])
