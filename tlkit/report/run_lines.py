"""The lines of a run on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tlkit.commands.run import Setup

if TYPE_CHECKING:
    from tlkit.evaluation.metrics import Scores
    from tlkit.training.phases import Trained


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
    last = setup.phases[len(trained.phases) - 1]["keep"] == "last"
    best = "none better than before" if phase.kept is None else "the last kept" if last else f"best {phase.kept + 1}"
    shown = "  ".join(
        f"{name} {_short(phase.best[name])}" for name in ("val/loss", "val/accuracy", "val/mae") if name in phase.best
    )
    name = f"train {len(trained.phases)}" if len(setup.phases) > 1 else "train"
    return f"{name:<9} {len(phase.history)} epochs in {phase.seconds:.1f} s, {best}: {shown}"


def score_line(scores: Scores) -> str:
    """The test score."""
    found = scores.metrics
    if "accuracy_low" in found:
        interval = f" ({found['accuracy_low']:.3f} to {found['accuracy_high']:.3f})"
        rest = f"macro F1 {found['macro_f1']:.3f}  ece {found['ece']:.3f}"
        return f"test      accuracy {found['accuracy']:.3f}{interval}  {rest}"
    return "test      " + "  ".join(f"{name} {value:.3f}" for name, value in list(found.items())[:4])


def _short(value: float) -> str:
    """Three decimals, or three digits of what is too large for that."""
    return f"{value:.3f}" if abs(value) < 1e5 else f"{value:.3g}"
