"""The lines of a phase on the terminal."""

from __future__ import annotations

from tlkit.engines.engine_messages import FeatureFacts
from tlkit.training.trained import Trained


def feature_line(found: FeatureFacts) -> str:
    """How many features came from where, how fast."""
    if not found.get("computed"):
        return f"features  {found['cached']} from the cache"
    cached = f", {found['cached']} from the cache" if found["cached"] else ""
    return (
        f"features  {found['computed']} in {found['seconds']:.1f} s ({found['images_per_second']:.0f}/s, "
        f"{found['engine']} {found['precision']}){cached}"
    )


def phase_line(trained: Trained) -> str:
    """How a phase went."""
    phase = trained.phases[-1]
    phases = trained.setup.phases
    last = phases[len(trained.phases) - 1].keep == "last"
    best = "none better than before" if phase.kept is None else "the last kept" if last else f"best {phase.kept + 1}"
    shown = "  ".join(
        f"{name} {_short(phase.best[name])}" for name in ("val/loss", "val/accuracy", "val/mae") if name in phase.best
    )
    name = f"train {len(trained.phases)}" if len(phases) > 1 else "train"
    return f"{name:<9} {len(phase.history)} epochs in {phase.seconds:.1f} s, {best}: {shown}"


def _short(value: float) -> str:
    """Three decimals, or three digits of what is too large for that."""
    return f"{value:.3f}" if abs(value) < 1e5 else f"{value:.3g}"
