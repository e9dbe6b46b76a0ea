"""Everything that a run builds before it trains, built once and thrown away."""

from __future__ import annotations

from dataclasses import replace

from tlkit.data import augmentation
from tlkit.model.freezing import freeze
from tlkit.recipe.space import read_space
from tlkit.training.compiling import make_loss, make_metrics, make_optimizer, make_schedule
from tlkit.workflows.attempts import Attempts
from tlkit.workflows.parts import Construction
from tlkit.workflows.run import Setup
from tlkit.workflows.tune import memory_of_trials, refuse_hopeless


def rehearse(setup: Setup) -> None:
    """Build the augmentation, the model and each phase's optimizer; raise all that they refuse.

    Weights of the catalog are not loaded, for they change no shape; those of a file are.
    """
    found = Attempts()
    found(_augment, setup)
    weights = "none" if setup.front.weights == "imagenet" else setup.front.weights
    parts = found(Construction(replace(setup, front=replace(setup.front, weights=weights))).parts)
    if parts is not None:
        for phase in setup.phases:
            found(freeze, parts.backbone, phase["unfreeze"])
    found(_compile, setup)
    if setup.recipe.tune.space:
        found(refuse_hopeless, setup.recipe, read_space(setup.recipe), setup.front.input_shape, memory_of_trials())
    found.refuse()


def _augment(setup: Setup) -> None:
    info, steps = setup.splits.info, setup.recipe.augment.steps
    if steps:
        augmentation.build(steps, folder=setup.recipe.folder, kind=info.kind, shape=info.input_shape)


def _compile(setup: Setup) -> None:
    for phase in setup.phases:
        rate = make_schedule(phase["schedule"], phase["learning_rate"], steps=phase["epochs"], warmup=phase["warmup"])
        make_optimizer(learning_rate=rate, **phase["optimizer"])
    make_loss(setup.splits.info.task, setup.recipe.train.label_smoothing)
    make_metrics(setup.splits.info.task)
