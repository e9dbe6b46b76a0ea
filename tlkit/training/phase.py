"""One phase of training with nothing left to look up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tlkit.errors import RecipeError
from tlkit.model.building import BackboneSpec
from tlkit.model.heads import HeadSettings

_LINKED = ("softmax", "sigmoid", "linear")  # activations of outputs that can be solved


@dataclass(frozen=True)
class Stopping:
    """A validation metric by which the best epoch is told, and the epochs without a better one that end a phase."""

    monitor: str = "val/loss"
    patience: int | None = 5
    min_delta: float = 0.0


@dataclass(frozen=True)
class PhasePlan:
    """One phase with nothing left to look up."""

    unfreeze: str | int
    epochs: int
    batch_size: int
    learning_rate: float
    optimizer: Mapping[str, Any] = field(default_factory=lambda: {"name": "adam"})  # arguments of `make_optimizer`
    schedule: str = "cosine"
    warmup: float = 0.1
    early_stopping: Stopping | None = None
    keep: str = "best"  # or last, or proven: the last where it gains by it over the phase before
    layer_decay: float = 1.0  # share of the rate of the block behind it at which a block learns
    l2_sp: float = 0.0  # how strongly the backbone is pulled to the weights it began with
    batch_norm: str = "trained"  # or frozen, in blocks that are trained
    views: int | None = None  # of each example; by default those of the augmentation
    solver: str | None = None  # exact, ridge: a head that is solved, not trained; or gradient
    skip_above: float | None = None  # share right in validation with which the phase before is good enough
    again: bool = False  # the phase before once more, if it was proven, from all of train and val
    from_zero: bool = False  # the output's weights: what few examples do not move is then no noise

    @property
    def is_solved(self) -> bool:
        """Whether the head is solved, not trained."""
        return self.solver in ("exact", "ridge")

    @property
    def trains_backbone(self) -> bool:
        """Whether any of the backbone learns."""
        return self.unfreeze not in ("none", 0)

    def counted(self, count: int) -> str:
        """So many of what the curve of this phase is drawn over."""
        return f"{count} {'penalties' if self.is_solved else 'epochs'}"

    def trains_head_alone(self, spec: BackboneSpec) -> bool:
        """Whether nothing but the head of a backbone with given weights learns."""
        return spec.pretrained and not self.trains_backbone


def refuse_refreezing(phases: Sequence[PhasePlan]) -> None:
    """Later phases may only unfreeze more: what was trained once is no longer what the cache knows."""
    ranks = [_rank(phase.unfreeze) for phase in phases]
    if ranks != sorted(ranks):
        shown = ", ".join(str(phase.unfreeze) for phase in phases)
        raise RecipeError(
            [f"train.phases: expected each phase to unfreeze as much as the one before or more, found {shown}"]
        )


def _rank(unfreeze: str | int) -> float:
    return {"none": 0.0, "all": float("inf")}.get(str(unfreeze), float(unfreeze) if str(unfreeze).isdigit() else 0.0)


def unsolvable(head: HeadSettings, *, frozen: bool, label_smoothing: float, loss: str, output: str) -> str:
    """Why a head cannot be solved, or nothing; `frozen`: nothing else is trained at first; `loss`: a field with one."""
    faults = {
        "solves the head of what is frozen, and here more is trained (train.unfreeze)": not frozen,
        "solves one dense layer, and model.head.units asks for more": bool(head.units),
        "knows no train.label_smoothing": bool(label_smoothing),
        f"knows no {loss}": bool(loss),
        f"does not know the output '{output}'": output not in _LINKED,
    }
    return next((each for each, holds in faults.items() if holds), "")
