"""What training leaves: a model with what it learned from, ready to be judged, saved and asked."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tlkit.data.splits import Examples, Splits
from tlkit.engines.engine_messages import FeatureStats
from tlkit.engines.predictor import Prediction, Predictor
from tlkit.model.metadata import page_of
from tlkit.model.saving import save_model
from tlkit.training.calibration.temperature import Calibration
from tlkit.training.callbacks import Fitted
from tlkit.training.distillation.lessons import Lessons
from tlkit.training.features import Features
from tlkit.training.finetuning.solved_probe import Probe
from tlkit.training.hard_data.doubtful_labels import DoubtfulLabels
from tlkit.training.meters import UsageMeters
from tlkit.training.model_builder import ModelBuilder
from tlkit.training.phase import PhasePlan
from tlkit.training.setup import Setup


@dataclass(frozen=True)
class HeldOut:
    """What the heads of folds say of examples that they did not see."""

    examples: Examples
    outputs: np.ndarray

    @property
    def targets(self) -> np.ndarray:
        """What is right."""
        return self.examples.targets


@dataclass
class Trained:
    """What training leaves: a model with what it learned from.

    Example:
        >>> trained = tlkit.fit(tlkit.build("lenet5", splits.info), splits)  # doctest: +SKIP
        >>> trained.save("digits.keras")  # doctest: +SKIP
    """

    setup: Setup
    builder: ModelBuilder
    splits: Splits  # less what could not be read
    phases: list[Fitted] = field(default_factory=list)
    features: Features | None = None  # that the last phase learned from
    held_out: HeldOut | None = None  # answers of a solved head's folds, in place of those on validation
    lessons: Lessons | None = None  # of a teacher
    first: list[np.ndarray] | None = None  # weights that a phase began with which is trained again
    probe: Probe | None = None  # the solved head that more is trained from, while nothing is better
    doubts: DoubtfulLabels | None = None  # labels that may be wrong, where these were looked for
    trained_part: keras.Model | None = None  # all of the model, or what is behind its features
    calibration: Calibration | None = None  # of the model's probabilities
    meters: UsageMeters = field(default_factory=UsageMeters)

    @property
    def model(self) -> keras.Model:
        """The whole model, from raw inputs to outputs."""
        return self.builder.parts().model

    @property
    def history(self) -> list[dict[str, float]]:
        """The metrics of every epoch of all phases."""
        return list(itertools.chain.from_iterable(phase.history for phase in self.phases))

    @property
    def best_epoch(self) -> int:
        """The epoch whose weights the model has, counted from 1 through all phases."""
        last = max(index for index, phase in enumerate(self.phases) if phase.kept is not None)
        kept = self.phases[last].kept or 0
        return sum(len(phase.history) for phase in self.phases[:last]) + kept + 1

    @property
    def kept(self) -> np.ndarray:
        """A flag for each example of train and val, in this order: whether it is learned from."""
        count = len(self.splits.train) + len(self.splits.val)
        return np.ones(count, bool) if self.doubts is None else self.doubts.kept

    @property
    def learned_precision(self) -> str:
        """The precision of what training saw."""
        return self.features.frozen.precision if self.features else self.builder.parts().precision

    @property
    def feature_stats(self) -> FeatureStats:
        """How the features of the last phase came about; nothing where there are none."""
        return self.features.stats if self.features else {}

    @property
    def predictor(self) -> Predictor:
        """The model with what its inputs and outputs mean, as `tlkit.load_run` gives it."""
        return Predictor(page_of(self.splits.info), model=self.model, known=self.builder.known)

    def predict(self, examples: Sequence[Any] | np.ndarray, beside: Any = None) -> list[Prediction]:
        """What the model says of paths, pictures or arrays of one example each."""
        return self.predictor.predict(examples, beside)

    def save(self, path: str | Path, *, name: str = "") -> Path:
        """Write the model with what its inputs and outputs mean; `tlkit.load_model` and plain Keras read it."""
        save_model(self.model, Path(path), page_of(self.splits.info, name=name), self.builder.known)
        return Path(path)


def feature_line(found: FeatureStats) -> str:
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
    phase, phases = trained.phases[-1], trained.setup.phases
    plan = phases[len(trained.phases) - 1]
    shown = "  ".join(
        f"{name} {_short(phase.best[name])}" for name in ("val/loss", "val/accuracy", "val/mae") if name in phase.best
    )
    name = f"train {len(trained.phases)}" if len(phases) > 1 else "train"
    return f"{name:<9} {plan.counted(len(phase.history))} in {phase.seconds:.1f} s, {_kept(phase, plan)}: {shown}"


def _kept(phase: Fitted, plan: PhasePlan) -> str:
    """What a phase ends with."""
    if plan.is_solved:
        return f"{phase.best['train/penalty']:.2g} kept by its folds"
    if phase.kept is None:
        return "no certain gain, so what was before is kept" if plan.keep == "proven" else "none better than before"
    if plan.again:
        return "from train and val together; before that"
    return f"best {phase.kept + 1}" if plan.keep == "best" else "the last kept"


def _short(value: float) -> str:
    """Three decimals, or three digits of what is too large for that."""
    return f"{value:.3f}" if abs(value) < 1e5 else f"{value:.3g}"
