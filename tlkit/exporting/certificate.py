"""How an exported file answers against the model it came from, in numbers, and whether that will do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from tlkit.evaluation.intervals import sign_test
from tlkit.exporting.jobs import Measured, Reference
from tlkit.tasks.scoring import score
from tlkit.tasks.task import Task

TOLERANCE = 1e-4  # between float32 and float32, of outputs up to 1
_DOUBT = 0.05  # between the two surest answers
_LEAST = 1e-9


class Certificate(TypedDict, total=False):
    """What is known of an exported file; `fault` is why it is not to be used."""

    examples: int
    of: str
    largest_difference: float
    mean_difference: float
    largest_difference_to_float32: float
    agreement: float
    flips: int
    flips_beyond_doubt: int
    score: str
    after: float
    interval: list[float]
    before: float
    lost_points: float
    p: float
    bytes: int
    export_seconds: float
    milliseconds: float
    per_second: float
    peak_bytes: int
    versions: dict[str, str]
    kept_float32: list[str]
    whole_largest_difference: float
    whole_flips: int
    whole_flips_beyond_doubt: int
    fault: str


@dataclass(frozen=True)
class Judge:
    """What files are held against: the model's own answers to inputs, and the truth where it is known.

    Args:
        examples: what the inputs are, in words: the test split, or drawn ones.
        max_loss: points of the headline's score that a file below float32 may lose.
    """

    task: Task
    class_names: Sequence[str]
    reference: Reference
    targets: np.ndarray | None
    examples: str
    max_loss: float = 1.0

    def certificate(self, precision: str, found: Measured, *, bytes: int, seconds: float) -> Certificate:
        """Everything there is to say of a file; `fault` is why it is not to be used."""
        page: Certificate = {
            "examples": len(found.outputs[0]), "of": self.examples, **self._differences(found),
            **self._decisions(found.outputs[0]), **self._of_pictures(found), **self._scores(found),
            "bytes": bytes, "export_seconds": round(seconds, 2),
            "milliseconds": round(found.milliseconds, 3), "per_second": round(found.per_second, 1),
            "peak_bytes": found.peak_bytes, "versions": dict(found.versions),
        }  # fmt: skip
        return {**page, "fault": self._fault(precision, page)}

    def loses_too_much(self, page: Certificate) -> bool:
        """Whether the score is lower than the model's by more than is allowed, and by more than one example's worth."""
        one = 100 / page["examples"] if self.max_loss and "flips" in page else 0.0
        return page.get("lost_points", 0.0) > max(self.max_loss, one) + _LEAST

    def _differences(self, found: Measured) -> Certificate:
        saved = np.abs(found.outputs[0] - self.reference.saved)
        copy = [np.abs(a - b) for a, b in zip(found.outputs, self.reference.float32, strict=False)]
        return {
            "largest_difference": float(saved.max()), "mean_difference": float(saved.mean()),
            "largest_difference_to_float32": float(max(each.max() for each in copy)),
        }  # fmt: skip

    def _of_pictures(self, found: Measured) -> Certificate:
        """The same for whole pictures that the file itself has brought to size."""
        if found.of_pictures is None:
            return {}
        page = self._decisions(found.of_pictures)
        return {"whole_largest_difference": float(np.abs(found.of_pictures - self.reference.saved).max()),
                "whole_flips": page.get("flips", 0),
                "whole_flips_beyond_doubt": page.get("flips_beyond_doubt", 0)}  # fmt: skip

    def _decisions(self, exported: np.ndarray) -> Certificate:
        """How often the answer is the same; one that flips beyond doubt would, had its outputs moved by half of it."""
        saved = self.reference.saved
        before = self._said(saved)
        if before is None:
            return {}
        flips = before != self._said(exported)
        moved = self._said(saved + (exported - saved).clip(-_DOUBT / 2, _DOUBT / 2))
        return {"agreement": float(1 - flips.mean()), "flips": int(flips.sum()),
                "flips_beyond_doubt": int((flips & (before == moved)).sum())}  # fmt: skip

    def _said(self, outputs: np.ndarray) -> np.ndarray | None:
        columns = self.task.columns(None, outputs, np.asarray(self.class_names, object))
        return np.asarray(columns["predicted"]) if "probability" in columns else None

    def _scores(self, found: Measured) -> Certificate:
        """The headline's score before and after, and the chance that luck alone parts them."""
        if self.targets is None or not np.isfinite(found.outputs[0]).all():
            return {}
        name = self.task.headline[0]
        before, after = (score(self.task, self.targets, each, list(self.class_names)).metrics
                         for each in (self.reference.saved, found.outputs[0]))  # fmt: skip
        ends = [after[f"{name}_{end}"] for end in ("low", "high") if f"{name}_{end}" in after]
        return {"score": name, "after": after[name], "interval": ends, "before": before[name],
                "lost_points": self._lost(before[name], after[name]), "p": self._chance(found.outputs[0])}  # fmt: skip

    def _lost(self, before: float, after: float) -> float:
        """In points of a share, or in per cent of an error."""
        if "probability" in self.task.columns(None, self.reference.saved[:1], np.asarray(self.class_names, object)):
            return 100 * (before - after)
        return 100 * (after - before) / max(abs(before), _LEAST)

    def _chance(self, outputs: np.ndarray) -> float:
        saved, exported = (self._wrong(each) for each in (self.reference.saved, outputs))
        return sign_test(int((saved < exported).sum()), int((saved > exported).sum()))

    def _wrong(self, outputs: np.ndarray) -> np.ndarray:
        columns = self.task.columns(self.targets, outputs, np.asarray(self.class_names, object))
        return np.abs(columns["error"]) if "error" in columns else 1.0 - np.asarray(columns["correct"], float)

    def _fault(self, precision: str, page: Certificate) -> str:
        largest = page["largest_difference_to_float32"]
        limit = TOLERANCE * max(1.0, float(np.abs(self.reference.float32[0]).max()))
        if precision == "float32" and not largest <= limit:
            return f"answers otherwise than the model, by up to {largest:.4g}"
        if precision == "float32" and page.get("flips_beyond_doubt"):
            return f"answers otherwise than the saved model for {page['flips_beyond_doubt']} examples beyond doubt"
        if precision == "float32" and page.get("whole_flips_beyond_doubt"):
            return (
                f"resizes otherwise: {page['whole_flips_beyond_doubt']} whole pictures get another answer beyond doubt"
            )
        if not np.isfinite(page["largest_difference"]):
            return "answers with what is no number"
        if self.loses_too_much(page):
            lost = f"{page['lost_points']:.2f} points of {page['score']}"
            return f"loses {lost} against the saved model, more than --max-loss {self.max_loss:g}"
        return ""
