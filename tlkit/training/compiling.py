"""Optimizer and schedule by name."""

from __future__ import annotations

import keras

from tlkit.compat.fused_optimizers import fused

_OPTIMIZERS = {
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "sgd": keras.optimizers.SGD,
    "rmsprop": keras.optimizers.RMSprop,
    "adagrad": keras.optimizers.Adagrad,
}


def make_optimizer(
    *,
    name: str,
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
    momentum: float | None = None,
    nesterov: bool | None = None,
    weight_decay: float | None = None,
    clip_norm: float | None = None,
    accumulate: int | None = None,
    average: float | None = None,
) -> keras.optimizers.Optimizer:
    """An optimizer by its recipe name; SGD has a momentum of 0.9 unless told otherwise.

    With `average` it keeps a running average of the weights, for `keras.callbacks.SwapEMAWeights` to put in.
    """
    common = {"learning_rate": learning_rate, "weight_decay": weight_decay, "clipnorm": clip_norm,
              "gradient_accumulation_steps": accumulate}  # fmt: skip
    if average is not None:
        common |= {"use_ema": True, "ema_momentum": average}
    if name == "sgd":
        common |= {"momentum": 0.9 if momentum is None else momentum, "nesterov": bool(nesterov)}
    if name == "rmsprop":
        common |= {"momentum": momentum or 0.0}
    if name == "adamw":
        common |= {"weight_decay": 0.004 if weight_decay is None else weight_decay}
    return fused(_OPTIMIZERS[name](**common))


def make_schedule(
    kind: str, learning_rate: float, *, steps: int, warmup: float
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """A learning rate over `steps` steps: constant, or rising over `warmup` of them and falling as a cosine."""
    if kind == "constant":
        return learning_rate
    rising = int(warmup * steps)
    if not rising:
        return keras.optimizers.schedules.CosineDecay(learning_rate, max(1, steps))
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - rising), warmup_target=learning_rate, warmup_steps=rising
    )
