"""What a phase begins with, what it is to be better than, and what it leaves."""

from __future__ import annotations

from dataclasses import replace

import keras

from tlkit.training.callbacks import Fitted
from tlkit.training.phase import PhasePlan
from tlkit.training.trained import Trained


def ends_with_probe(trained: Trained) -> bool:
    """Whether nothing was better yet than a solved head, which is then solved again for training that goes on."""
    return all(each.kept is None for each in trained.phases[1:])


def _output(trained: Trained) -> keras.Layer:
    return trained.builder.parts().head.get_layer("output")


def bar_of(trained: Trained) -> Fitted | None:
    """What a phase is to be better than, by the validation part."""
    if not trained.phases or trained.probe is None:
        return trained.phases[-1] if trained.phases else None
    return replace(trained.phases[-1], best=dict(trained.probe.validated))


def begin(trained: Trained, model: keras.Model, plan: PhasePlan) -> None:
    """Give a phase the weights that it goes on from: those of the phase before, or what that one began with."""
    if plan.again:
        if trained.first is not None:  # else a kept state has what it takes
            model.set_weights(trained.first)
        return
    if trained.probe is not None:
        _output(trained).set_weights(trained.probe.whole)
    following = trained.setup.phases[len(trained.phases) + 1 :]
    trained.first = model.get_weights() if following and following[0].again else None
    if trained.probe is not None:
        _output(trained).set_weights(trained.probe.start)


def settled(trained: Trained, plan: PhasePlan, fitted: Fitted) -> Fitted:
    """What a phase came to; where that is nothing, the probe from all examples stands again."""
    if plan.again and trained.phases:
        return replace(fitted, best=trained.phases[-1].best)
    if trained.probe is not None and fitted.kept is None:
        _output(trained).set_weights(trained.probe.whole)
        return replace(fitted, best=trained.phases[-1].best)
    trained.probe = trained.held_out = None
    return fitted
