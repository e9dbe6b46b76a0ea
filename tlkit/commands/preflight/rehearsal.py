"""Everything that a run builds before it trains, built once and thrown away."""

from __future__ import annotations

import math
from dataclasses import replace

import keras

from tlkit.commands.tune import memory_of_trials, refuse_hopeless
from tlkit.compat.unallocated import unallocated
from tlkit.engines.hardware import memory_limit
from tlkit.errors import ModelError
from tlkit.model.building import build_backbone
from tlkit.model.freezing import freeze
from tlkit.model.graph import calls
from tlkit.recipe.collected_errors import ErrorCollector
from tlkit.recipe.schema import Recipe
from tlkit.recipe.space import read_space
from tlkit.tasks.task import task_of
from tlkit.training.compiling import make_optimizer, make_schedule
from tlkit.training.hard_data.losses import loss_of
from tlkit.training.model_builder import ModelBuilder
from tlkit.training.setup import Setup

_LEAST_BYTES = 2  # of a value, in bfloat16
_BYTES = 4  # of a weight that does not learn, and of a value of an input
_PROGRAM = 1 << 30  # Python and TensorFlow themselves
_DONE_BYTES = 16  # of one of a member that waits for the others, with its moments and its copy in the joint model
_LEARN_BYTES = 48  # of one that does, measured: with gradient, moments, their steps, and the copies that are written


def rehearse(recipe: Recipe, setup: Setup) -> None:
    """Build the augmentation, the model and each phase's optimizer; raise all that they refuse.

    Weights of the catalog are not loaded, for they change no shape; those of a file or of a preset are.
    """
    found = ErrorCollector()
    found(setup.options.augmentation.pipeline, setup.splits.info)
    with unallocated():
        model = replace(setup.model, backbone=replace(setup.backbone, weights="none"))
        parts = found(ModelBuilder(replace(setup, model=model)).parts)
        if parts is not None:
            for phase in setup.phases:
                found(freeze, parts.backbone, phase.unfreeze)
            found(_refuse_large, parts.model, setup)
    found(_compile, setup)
    if recipe.tune.space:
        found(refuse_hopeless, recipe, read_space(recipe), setup.backbone.input_shape, memory_of_trials())
    found.refuse()
    if setup.backbone.weights not in ("none", *([] if setup.backbone.preset else ["imagenet"])):
        build_backbone(setup.backbone)


def _refuse_large(model: keras.Model, setup: Setup) -> None:
    kept = _refuse_weighty(model, setup)
    _refuse_wide(model, setup)
    _refuse_deep(model, setup, kept)


def _refuse_weighty(model: keras.Model, setup: Setup) -> int:
    """Weights, with what training keeps beside those that learn, and a batch must fit into memory; all their bytes."""
    weights, batch = model.count_params(), max(phase.batch_size for phase in setup.phases)
    learn = sum(math.prod(each.shape) for each in model.trainable_weights)
    values, memory = math.prod(setup.backbone.input_shape), memory_limit()
    done = (setup.options.members - 1) * _DONE_BYTES * weights
    needed = _PROGRAM + _BYTES * (weights - learn + batch * values) + _LEARN_BYTES * learn + done
    if needed > memory:
        raise ModelError(
            f"model: {weights:,} weights and {batch:,} inputs of {values:,} values take {needed / 2**30:,.0f} GB in "
            f"training, and there are {memory / 2**30:,.0f} GB. Take fewer filters or units, smaller kernels or input, "
            f"or a smaller batch{', or fewer members' if done else ''}"
        )
    return needed


def _refuse_wide(model: keras.Model, setup: Setup) -> None:
    """What one layer makes of a batch must fit into memory, whatever else is kept beside it."""
    batch, memory = max(phase.batch_size for phase in setup.phases), memory_limit()
    for call in calls(model):
        inside = getattr(call.layer, "values_inside", 0)  # of one that makes more than it gives
        values = call.times * max(inside, math.prod(side or 1 for side in call.output))
        needed = _BYTES * batch * values
        if needed > memory:
            made = (
                f"makes {values:,}" if values == call.times * inside else f"gives {' x '.join(map(str, call.output))}"
            )
            raise ModelError(
                f"model: {call.layer.name}: {made} values of each example, which of "
                f"{batch:,} examples are {needed / 2**30:,.0f} GB, and there are {memory / 2**30:,.0f} GB. Take less "
                "padding, a larger stride, a smaller input or a smaller batch"
            )


def _refuse_deep(model: keras.Model, setup: Setup, kept: int) -> None:
    """What the layers that learn were given of a batch, of which gradients are made, must fit beside the weights."""
    batch, memory = max(phase.batch_size for phase in setup.phases), memory_limit()
    values = sum(
        call.times * math.prod(side or 1 for side in each)
        for call in calls(model)
        if getattr(call.layer, "trainable_weights", ())  # operations of keras.ops have none
        for each in call.inputs
    )
    needed = _LEAST_BYTES * batch * values
    if needed + kept > memory:
        raise ModelError(
            f"model: the layers that learn are given {values:,} values of each example, which are kept for their "
            f"gradients: of {batch:,} examples {needed / 2**30:,.0f} GB at least beside {kept / 2**30:,.0f} GB of "
            f"weights, and there are {memory / 2**30:,.0f} GB. Take a smaller input, fewer filters, a larger stride or "
            "a smaller batch"
        )


def _compile(setup: Setup) -> None:
    for phase in setup.phases:
        rate = make_schedule(phase.schedule, phase.learning_rate, steps=phase.epochs, warmup=phase.warmup)
        make_optimizer(learning_rate=rate, **phase.optimizer)
    info = setup.splits.info
    loss_of(task_of(info.task), setup.options, setup.splits.train.targets, info.num_outputs)
    task_of(info.task).metrics()
