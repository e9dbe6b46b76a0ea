"""Whether a run can be repeated to the last bit, and where two runs of one recipe first differ."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tlkit.engines.hardware import gpu_names
from tlkit.training.digests import PREFIX, digest_of

if TYPE_CHECKING:
    from tlkit.data.splits import Info
    from tlkit.report.about import About
    from tlkit.training.judging import Evaluation
    from tlkit.training.trained import Trained

REPEATABLE, NO = "tlkit.repeatable", "no: "
_DATA = "data.digest"
_PARTS = {  # in the order in which a run comes to them
    "data": "data",
    "order": "order of examples",
    "start": "first weights",
    "examples": "reading of examples",
    "augmentation": "augmentation",
    "features": "features",
    "weights": "training",
    "outputs": "outputs",
    "scores": "scoring",
}
_GROUND = {"data", "examples", "weights"}  # where these differ, all but ends does in consequence
_ENDS = ("weights", "outputs", "scores")  # differ in consequence of anything


@dataclass(frozen=True)
class ComparedPart:
    """A part of two runs: whether they are equal in it to the last bit, and if not, whether it is where that begins."""

    name: str
    equal: bool
    is_cause: bool = False


def compared(before: Mapping[str, str], after: Mapping[str, str]) -> list[ComparedPart]:
    """The parts that two runs' tags tell of, in the order in which a run comes to them.

    Example:
        >>> compared({"tlkit.digest.scores": "a"}, {"tlkit.digest.scores": "b"})
        [ComparedPart(name='scoring', equal=False, is_cause=True)]
    """
    found, wrong = [], set[str]()
    for phase, part, key in sorted(_keys(before, after), key=lambda each: (each[0], list(_PARTS).index(each[1]))):
        equal = before[key] == after[key]
        is_cause = not equal and not (wrong if part in _ENDS else wrong & _GROUND)
        wrong |= set() if equal else {part}
        later = f", phase {phase}" if phase > 1 and part not in _ENDS[1:] and not equal else ""
        found.append(ComparedPart(_told(part, after) + later, equal, is_cause))
    return found


def _keys(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[int, str, str]]:
    """(phase, part, tag) for what both tell of; what comes before and after all phases counts as the first and last."""
    tags = sorted(key for key in before.keys() & after.keys() if key.startswith(PREFIX) or key == _DATA)
    keys = [(key.removeprefix(PREFIX).rpartition("."), key) for key in tags]
    found = [(int(phase), part, key) for (phase, _, part), key in keys if phase.isdigit()]
    last = max((phase for phase, _, _ in found), default=0) + 1
    ends = [(last, part, PREFIX + part) for part in ("outputs", "scores") if PREFIX + part in tags]
    return [*([(0, "data", _DATA)] if _DATA in tags else []), *found, *ends]


def _told(part: str, tags: Mapping[str, str]) -> str:
    engine = f" by {tags['tlkit.engine']}" if part == "features" and "tlkit.engine" in tags else ""
    return _PARTS[part] + engine


def repeatability(trained: Trained, evaluation: Evaluation, about: About) -> dict[str, str]:
    """Hashes of the trained weights, the scored outputs and the scores, and whether `tlkit rerun` gives them again."""
    weights = trained.trained_part.get_weights() if trained.trained_part is not None else []
    return {
        f"{PREFIX}weights": digest_of(weights),
        f"{PREFIX}outputs": digest_of([evaluation.outputs]),
        f"{PREFIX}scores": digest_of([np.asarray(json.dumps(evaluation.metrics, sort_keys=True))]),
        REPEATABLE: repeatable(about, trained.splits.info),
    }


def repeatable(about: About, info: Info) -> str:
    """Whether `tlkit rerun` comes to the same to the last bit: that it does, on which condition, or why not."""
    reasons: list[str] = []
    conditions: list[str] = []
    if gpus := ", ".join(gpu_names()):
        fixed = os.environ.get("TF_DETERMINISTIC_OPS", "0").lower() in ("1", "true")
        kind, told = (conditions, "keeps to one order") if fixed else (reasons, "adds up in no fixed order")
        kind.append(f"{gpus} {told}")
    if about.data is None:
        reasons.append("its data were handed over in Python")
    if "data.folds" in info.tags:
        reasons.append("its data are one of several folds")
    if about.foreign:
        conditions.append(f"nothing in {', '.join(about.foreign)} is drawn unseeded")
    if reasons:
        return NO + "; ".join(reasons)
    return "to the last bit on this machine" + (f", if {' and '.join(conditions)}" if conditions else "")
