"""What of a run's features can be planned and begun before Keras is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tlkit.data.splits import Examples, Splits
from tlkit.engines.engine_process import EngineProcess
from tlkit.engines.frozen_features import Extraction, begin_extraction
from tlkit.engines.frozen_part import Frozen
from tlkit.model.building import Front


def begin_features(
    splits: Splits, frozen: Frozen, phases: list[dict[str, Any]], process: EngineProcess
) -> dict[str, Extraction]:
    """Start on the features of a wholly frozen backbone; other cuts need Keras to be planned."""
    if not wholly_frozen(frozen.front, phases[0]):
        return {}
    begun = {"learn": begin_extraction(frozen, learned(splits), process)}
    if wholly_frozen(frozen.front, phases[-1]):
        begun["test"] = begin_extraction(exact(frozen), {"test": splits.test}, process)
        process.begin_prepare(frozen.front)
    return begun


def begin_learning(
    splits: Splits, frozen: Frozen, phases: list[dict[str, Any]], process: EngineProcess
) -> Extraction | None:
    """Start on what training alone needs of a wholly frozen backbone, as the trials of a search do."""
    return begin_extraction(frozen, learned(splits), process) if wholly_frozen(frozen.front, phases[0]) else None


def wholly_frozen(front: Front, phase: Mapping[str, Any]) -> bool:
    """Whether a phase trains nothing but the head of a backbone with given weights."""
    return front.pretrained and phase["unfreeze"] in ("none", 0)


def learned(splits: Splits) -> dict[str, Examples]:
    """The parts that training sees."""
    return {"train": splits.train, "val": splits.val}


def exact(frozen: Frozen) -> Frozen:
    """The same frozen part as the saved file computes it: what is judged is not rounded for speed."""
    return replace(frozen, precision="float32") if frozen.engine == "openvino" else frozen
