"""What a run says before it trains: its data, what of it is left out, its model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tlkit.evaluation.metrics import Scores
from tlkit.tasks.task import task_of
from tlkit.training.hard_data.imbalance import imbalance_line

if TYPE_CHECKING:
    from tlkit.training.setup import Setup

_NAMED = 5  # of the examples that are set aside
_TOLD = {
    "data.beside_missing": "unknown beside the input, taken as the mean of training",
    "data.kept_in_train": "classes with too few training rows to take any for validation",
    "data.lengths": "recordings of other lengths",
    "data.resampled": "recordings of another sample rate, resampled",
}


def opening_lines(setup: Setup) -> str:
    """A line on the data, one for each of the first examples set aside, one on the model."""
    augment = setup.options.augmentation
    lines = [_data_line(setup), *_aside_lines(setup.splits.info.set_aside), _model_line(setup)]
    idle = augment.steps and not augment.views and not setup.phases[-1].trains_backbone
    if idle:
        lines.append(
            "note      augment has no effect on a frozen backbone; set augment.views to train on augmented copies"
        )
    if setup.backbone.preset and setup.backbone.preset.assumed:
        lines.append(f"note      {setup.backbone.preset.assumed}")
    if setup.few:
        lines.append(f"note      {setup.few}")
    if balance := imbalance_line(setup.options.imbalance, setup.splits):
        lines.append(f"note      {balance}")
    for tag, told in _TOLD.items():
        if tag in setup.splits.info.tags:
            lines.append(f"note      {told}: {setup.splits.info.tags[tag]}")
    return "\n".join(lines)


def _data_line(setup: Setup) -> str:
    info, counts = setup.splits.info, setup.splits.counts()
    classes = f", {told}" if (told := task_of(info.task).counted(info.class_names)) else ""
    origin = " (drawn by tlkit)" if info.tags.get("data.origin") == "drawn" else ""
    aside = f", {len(info.set_aside)} set aside" if info.set_aside else ""
    aside += f", {info.tags['data.quarantined']} quarantined" if "data.quarantined" in info.tags else ""
    aside += f", {info.tags['data.leaks']} leaking" if "data.leaks" in info.tags else ""
    parts = " · ".join(f"{count} {name}" for name, count in counts.items())
    return f"data      {sum(counts.values())} examples{classes}{origin}{aside}: {parts}"


def _aside_lines(bad: Mapping[str, str]) -> list[str]:
    lines = [f"set aside {name}: {why}" for name, why in list(bad.items())[:_NAMED]]
    return lines + (
        [f"set aside {len(bad) - _NAMED} more, listed in the run's set_aside.json"] if len(bad) > _NAMED else []
    )


def _model_line(setup: Setup) -> str:
    info = setup.splits.info
    size = "x".join(map(str, info.input_shape)) or info.input_dtype
    columns = f", beside it {info.tags['data.beside']}" if info.beside else ""
    members = f", {setup.options.members} members" if setup.options.members > 1 else ""
    views = f", each seen also by {' and '.join(asked)}" if (asked := setup.options.views_asked) else ""
    return f"model     {setup.backbone.net} ({setup.backbone.origin}), input {size}{columns}{members}{views}"


def score_line(scores: Scores) -> str:
    """The test score."""
    found = scores.metrics
    if "accuracy_low" in found:
        interval = f" ({found['accuracy_low']:.3f} to {found['accuracy_high']:.3f})"
        rest = f"macro F1 {found['macro_f1']:.3f}  ece {found['ece']:.3f}"
        return f"test      accuracy {found['accuracy']:.3f}{interval}  {rest}"
    first = "test      " + "  ".join(f"{name} {value:.3f}" for name, value in list(found.items())[:4])
    return "\n".join([first, *(f"          {_number_scores(row)}" for row in scores.per_number)])


def _number_scores(row: Mapping[str, Any]) -> str:
    return "  ".join(
        str(value) if key == "number" else f"{key} {value:.4g}" for key, value in row.items() if value is not None
    )
