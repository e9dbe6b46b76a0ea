"""Ready search spaces for the sections that people tune most: `tune: {space: architecture}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tlkit.recipe.fields import net_keywords
from tlkit.recipe.schema import Recipe

_WIDTHS, _DEPTHS = (16, 32, 64), (2, 3, 4)
_POOLED = {"model.pooling.kind": ["max", "average"]}


def ready_space(name: str, recipe: Recipe) -> dict[str, object]:
    """The fields and domains of a ready space, less what the recipe's net does not take.

    Example:
        >>> list(ready_space("head", Recipe(name="leaves")))[0]
        'model.head.units'
    """
    return READY[name](recipe)


def _architecture(recipe: Recipe) -> dict[str, object]:
    taken = set(net_keywords(recipe))
    spots = {"pooling.kind": "pooling", "pooling.size": "pool_size", "pooling.stride": "pool_stride"}
    return {f"model.{name}": domain for name, domain in _SHAPES.items() if spots.get(name, name) in taken}


def _head(recipe: Recipe) -> dict[str, object]:
    return {
        "model.head.units": {"choice": [[], [64], [128], [256], [128, 64]]},
        "model.head.dropout": {"float": [0, 0.6]},
        "model.head.batch_norm": {"choice": [False, True]},
        "model.head.activation": {"choice": ["relu", "gelu", "tanh"]},
    }


def _optimizer(recipe: Recipe) -> dict[str, object]:
    return {
        "train.optimizer.name": {"choice": ["adam", "adamw", "sgd", "rmsprop"]},
        "train.learning_rate": {"log": [1e-4, 1e-1]},
        "train.optimizer.momentum": {"float": [0.5, 0.98], "when": {"train.optimizer.name": "sgd"}},
        "train.optimizer.weight_decay": {"log": [1e-6, 1e-1], "when": {"train.optimizer.name": "adamw"}},
        "train.batch_size": {"choice": [16, 32, 64, 128]},
        "train.schedule": {"choice": ["cosine", "constant"]},
    }


_SHAPES: Mapping[str, Any] = {
    "filters": {"choice": [[width << stage for stage in range(depth)] for depth in _DEPTHS for width in _WIDTHS]},
    "kernel": {"choice": [3, 5, 7]},
    "stride": {"choice": [1, 2]},
    "pooling.kind": {"choice": ["max", "average", "none"]},
    "pooling.size": {"choice": [2, 3], "when": _POOLED},
    "pooling.stride": {"choice": [1, 2, 3], "when": _POOLED},
    "batch_norm": {"choice": ["none", "before", "after"]},
    "dropout": {"float": [0, 0.5]},
}

READY: Mapping[str, Callable[[Recipe], dict[str, Any]]] = {
    "architecture": _architecture,
    "head": _head,
    "optimizer": _optimizer,
}
