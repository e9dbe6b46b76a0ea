"""A run's report: its pictures drawn, its facts told, its examples shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tlkit.data.splits import Splits
from tlkit.evaluation.canvas import save
from tlkit.evaluation.confusion import confusion_picture
from tlkit.evaluation.curves import curves_picture
from tlkit.evaluation.reliability import reliability_picture
from tlkit.evaluation.report import write_report
from tlkit.evaluation.sizes import sizes_picture
from tlkit.inspection.leak_guard import known_near_leaks
from tlkit.kinds.kind import kind_of
from tlkit.model.layer_table import layer_rows
from tlkit.report import environment
from tlkit.report.about import About
from tlkit.report.repeatability import repeatable
from tlkit.tasks.task import task_of
from tlkit.training.fitting import by_metric
from tlkit.training.judging import Evaluation
from tlkit.training.trained import Trained


def report(trained: Trained, evaluation: Evaluation, predictions: pd.DataFrame, about: About, folder: Path) -> None:
    """Draw the pictures and write report.html into the folder of artifacts."""
    draw = kind_of(trained.splits.info.kind).draw
    write_report(
        folder / "report.html",
        title=about.title,
        facts=_facts(trained, evaluation, about),
        scores=evaluation.scores,
        predictions=predictions,
        pictures=_pictures(trained, evaluation, folder),
        train_counts=_train_counts(trained.splits),
        thumbnail=lambda row: draw(np.asarray(trained.splits.test.load([row])[0])),
        recipe=about.resolved,
        near_duplicates=_copies(trained.splits),
        summary=_summary(trained),
        summary_caption=_summary_caption(trained),
    )


def _pictures(trained: Trained, evaluation: Evaluation, folder: Path) -> dict[str, Path]:
    scores, names = evaluation.scores, list(evaluation.info.class_names)
    ends = [int(each) for each in np.cumsum([len(phase.history) for phase in trained.phases])[:-1]]
    found = {"Learning curves": folder / "curves.png"}
    curves = curves_picture(by_metric(trained.history), ends, names=_phase_names(trained), solved=_is_solved(trained))
    save(curves, folder / "curves.png")
    if scores.confusion is not None:
        save(confusion_picture(scores.confusion, names), folder / "confusion.png")
        reliability = reliability_picture(evaluation.examples.targets, evaluation.outputs)
        save(reliability, folder / "reliability.png")
        found |= {"Confusion matrix": folder / "confusion.png", "Reliability": folder / "reliability.png"}
    counts = _train_counts(trained.splits)
    if len(scores.per_class) > 1 and counts:
        save(sizes_picture(scores.per_class, counts), folder / "sizes.png")
        found["Training examples and score"] = folder / "sizes.png"
    return found


def _is_solved(trained: Trained) -> bool:
    return all(phase.is_solved for phase in trained.setup.phases)


def _phase_names(trained: Trained) -> list[str]:
    """What each phase trained, where there is more than one."""
    names = {"none": "head", "0": "head", "all": "whole net"}
    told = [str(phase.unfreeze) for phase in trained.setup.phases[: len(trained.phases)]]
    return [names.get(each, f"last {each} blocks") for each in told] if len(told) > 1 else []


def _facts(trained: Trained, evaluation: Evaluation, about: About) -> dict[str, str]:
    info, spec = trained.splits.info, trained.setup.backbone
    counts = ", ".join(f"{count} {name}" for name, count in trained.splits.counts().items())
    size = "x".join(map(str, info.input_shape)) or info.input_dtype
    origin = {"drawn": " (drawn by tlkit)"}.get(info.tags.get("data.origin", ""), "")
    return {
        "Description": about.description,
        "Model": f"{spec.net}, {spec.origin}, input {size}",
        "Data": f"{about.origin}{origin}: {counts}",
        "Set aside": f"{len(info.set_aside)} examples",
        **({"Labels": trained.doubts.line} if trained.doubts else {}),
        **_sureness(trained, evaluation),
        "Engine": f"{trained.feature_stats.get('engine', 'keras')}, {_precisions(trained, evaluation)}",
        "Device": environment.device(),
        "Repeatable": repeatable(about, info),
    }


def _sureness(trained: Trained, evaluation: Evaluation) -> dict[str, str]:
    """How the probabilities were made better, and what of the test split is unknown."""
    found, known, further = {}, trained.builder.known, evaluation.further
    if trained.calibration is not None:
        pairs = {"log loss": "loss", "calibration error": "ece"}
        changes = [f"{words} {further[f'{name}_uncalibrated']:.4f} to {evaluation.metrics[name]:.4f}"
                   for words, name in pairs.items() if f"{name}_uncalibrated" in further]  # fmt: skip
        judged = f"; on the test split {', '.join(changes)}" if changes else ""
        found["Probabilities"] = trained.calibration.line + judged
    if known is not None:
        share = f"{further['unknown']:.1%} of the test split is" if "unknown" in further else "what is"
        found["Unknown"] = f"{share} farther from what was learned than 95% of validation (above {known.threshold:.3f})"
    return found


def _precisions(trained: Trained, evaluation: Evaluation) -> str:
    judged = "" if evaluation.precision == trained.learned_precision else f", test split in {evaluation.precision}"
    return f"{trained.learned_precision}{judged}"


def _train_counts(splits: Splits) -> dict[str, int]:
    return task_of(splits.info.task).class_counts(splits.train.targets, splits.info.class_names)


def _copies(splits: Splits) -> list[tuple[str, str, str]]:
    """Training and test examples of equal content, and near-copies where `tlkit check --data` found some."""
    known = dict(zip(splits.train.ids, splits.train.names, strict=True))
    found = zip(splits.test.ids, splits.test.names, strict=True)
    equal = [(known[each], name, "the same content") for each, name in found if each in known]
    train, test = set(splits.train.names), set(splits.test.names)
    near = known_near_leaks(splits)
    return equal + [(early, late, "nearly the same") for late, early in near if late in test and early in train]


def _summary_caption(trained: Trained) -> str:
    layers = trained.trained_part.layers if trained.trained_part is not None else ()
    whole = any(layer.name == "backbone" for layer in layers)
    frozen = f"The layers behind the frozen part of {trained.setup.backbone.net}; `tlkit summary` shows that too"
    return "Every layer of the model" if whole else frozen


def _summary(trained: Trained) -> list[dict[str, str]]:
    """The layers of what was trained, as cells by column."""
    return [
        {
            "Layer": row.layer,
            "Kind": row.kind,
            "Output": " x ".join(str(side) for side in row.output if side is not None),
            "Weights": f"{row.trainable + row.frozen:,}",
            "Trained": f"{row.trainable:,}",
            "Multiply-adds": "" if row.multiply_adds is None else f"{row.multiply_adds:,}",
        }
        for row in layer_rows(trained.trained_part)
    ]
