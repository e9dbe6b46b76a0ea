"""What `train: finetune` stands for, in plain fields: docs/finetuning.md has the figures that they were chosen by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlkit import catalog

_WORD = "finetune"
_TRAIN: Mapping[str, Any] = {
    "early_stopping": None,
    "phases": [
        {"unfreeze": "none", "solver": "exact", "views": 0},
        {"unfreeze": 4, "epochs": 12, "learning_rate": 1e-4, "views": 4, "skip_above": 0.94, "keep": "proven"},
        {"again": True},
    ],
}
_MILD = [{"flip": "horizontal"}, {"zoom": 0.1}, {"translation": 0.05}]  # for pictures


def expanded(values: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe's values with `train: finetune` in plain fields; pictures are changed mildly unless `augment` says how.

    Example:
        >>> expanded({"train": "finetune", "augment": []})["train"]["phases"][0]["solver"]
        'exact'
    """
    if values.get("train") != _WORD:
        return dict(values)
    mild = {"augment": {"steps": _MILD}} if _of_pictures(values.get("data")) else {}
    return {**mild, **values, "train": {**_TRAIN}}


def _of_pictures(data: Any) -> bool:
    source = data.get("source", "image_folder") if isinstance(data, Mapping) else "image_folder"
    entry = catalog.SOURCES.get(source)
    return entry is not None and entry.target.startswith("tlkit.kinds.image.")
