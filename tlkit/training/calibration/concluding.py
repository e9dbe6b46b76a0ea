"""What is chosen once training is done, by examples that were held out: temperature, thresholds, limits of sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tlkit.data.splits import Examples, Info
from tlkit.evaluation.conformal import set_limits
from tlkit.tasks.task import task_for
from tlkit.training.batches import BatchSource
from tlkit.training.calibration.known_examples import known_examples
from tlkit.training.calibration.temperature import Calibration, calibration, tempered
from tlkit.training.fitting import PREDICT_BATCH, predict_rows
from tlkit.training.hard_data.imbalance import IMBALANCES
from tlkit.training.setup import Options
from tlkit.training.solving.linear_solver import LINKS, Link
from tlkit.training.trained import HeldOut, Trained


def calibrates(options: Options) -> bool:
    """Whether held-out answers calibrate others: not by labels that may be wrong, which say nothing of sureness."""
    return options.calibrates and options.label_noise != "robust"


def conclude(trained: Trained, train: BatchSource, val: BatchSource) -> None:
    """Calibrate the answers, let the task choose by them, and keep in the model what it has learned from."""
    link, held, info = LINKS.get(trained.builder.head.output), trained.held_out, trained.splits.info
    found: Mapping[str, object] = {}
    if link is not None and link.sums is not None:
        if _learned_from_val(trained):
            found = _as_proven(trained)
        else:
            held = held or _validated(trained, val)
            if np.isfinite(held.outputs).all():
                held = _calibrated(trained, link, held)
                found = _page(trained, held)
    before = [each.chosen for each in trained.phases if each.chosen is not None]
    if before and _learned_from_val(trained):
        chosen: Mapping[str, Any] = before[-1]
    else:
        chosen = _chosen(info, held or trained.splits.val, lambda: (held or _validated(trained, val)).outputs)
    trained.builder.known = known = known_examples(trained, train, val)
    learned = {**found, **({"unknown": known.page} if known else {})}
    trained.builder.info = replace(info, learned={**chosen, **learned})
    trained.splits = replace(trained.splits, info=trained.builder.info)


def chosen_by(trained: Trained, val: BatchSource, calibrated: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """What the task chooses by validation, on which a proven phase was calibrated, before that is learned from too."""
    link, temperature = LINKS.get(trained.builder.head.output), calibrated["temperature"] if calibrated else 1.0

    def outputs() -> np.ndarray:
        found = _validated(trained, val).outputs
        return found if link is None else tempered(link, found, temperature)

    return _chosen(trained.splits.info, trained.splits.val, outputs)


def _chosen(info: Info, held: HeldOut | Examples, outputs: Callable[[], np.ndarray]) -> Mapping[str, Any]:
    return task_for(info).decided(held.targets, outputs, info.class_names).page(info.class_names)


def _learned_from_val(trained: Trained) -> bool:
    """Whether the weights come from a phase that had validation to learn from as well."""
    plans = zip(trained.setup.phases, trained.phases, strict=False)
    return any(plan.again and phase.kept is not None for plan, phase in plans)


def _as_proven(trained: Trained) -> Mapping[str, object]:
    """The temperature of the phase that was proven, before one like it learned from validation as well."""
    known = [each.calibration for each in trained.phases if each.calibration is not None]
    if known:
        trained.calibration = Calibration(**known[-1])
        trained.builder.soften(trained.calibration.temperature)
    return _told(trained, [])


def _validated(trained: Trained, val: BatchSource) -> HeldOut:
    """The model's answers on validation, less what of it is in doubt."""
    part = trained.splits.val
    outputs = predict_rows(trained.trained_part, val, batch_size=PREDICT_BATCH, beside=part.beside, label="Choosing")
    sound = trained.kept[len(trained.splits.train) :]
    return HeldOut(part.take(np.flatnonzero(sound)), outputs[sound]) if sound.any() else HeldOut(part, outputs)


def _calibrated(trained: Trained, link: Link, held: HeldOut) -> HeldOut:
    """The answers as they are once the model is given the temperature that is best for them."""
    options, task = trained.setup.options, task_for(trained.splits.info)
    if not calibrates(options):
        return held
    targets = task.for_loss(held.targets, held.outputs.shape[1]).reshape(held.outputs.shape)
    weights = IMBALANCES[options.imbalance].use(task, held.targets, held.outputs.shape[1])
    trained.calibration = found = calibration(link, targets, held.outputs, options.seed, weights)
    trained.builder.soften(found.temperature)
    return HeldOut(held.examples, tempered(link, held.outputs, found.temperature))


def _page(trained: Trained, held: HeldOut) -> Mapping[str, object]:
    """What stands in the model file: the temperature, and limits of sets where one class is right."""
    one_class = trained.builder.head.output == "softmax"
    return _told(trained, set_limits(held.targets, held.outputs) if one_class else [])


def _told(trained: Trained, limits: Sequence[float]) -> Mapping[str, object]:
    temperature = trained.calibration.temperature if trained.calibration else 1.0
    told = {"temperature": temperature if temperature != 1 else None, "set_limits": limits}
    return {name: value for name, value in told.items() if value}
