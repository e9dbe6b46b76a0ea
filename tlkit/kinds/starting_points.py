"""A net that suits a kind of data and how it is trained; each kind has a table of what `tlkit auto` tries for it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tlkit.data.splits import Info


@dataclass(frozen=True)
class StartingPoint:
    """Sections of a recipe under a name; what they leave out is as it is by default.

    A kind lists the one first from which most is expected for its seconds.
    """

    name: str
    model: Mapping[str, Any]
    train: Mapping[str, Any]
    augment: Sequence[Mapping[str, Any]] = ()
    most: int = 1 << 62  # numbers in an input, above which it is too slow to be tried
    fewest: int = 0  # examples, below which something else is sure to be better

    def suits(self, info: Info, examples: int) -> bool:
        """Whether inputs are small enough for it, and examples many enough."""
        return math.prod(info.input_shape) <= self.most and examples >= self.fewest

    def changes(self, kept: Mapping[str, Any]) -> Mapping[str, Any]:
        """What of a recipe it takes the place of, with what is `kept` of its training."""
        augment = [dict(each) for each in self.augment]
        return {"model": dict(self.model), "train": {**kept, **self.train}, "augment": augment}


SOLVED = {"unfreeze": "none"}  # with a head that is solved
SOLVED_HEAD = {"pooling": "none", "dropout": 0.0, "solver": "ridge"}


def to_the_end(epochs: int, batch_size: int, learning_rate: float, **more: Any) -> Mapping[str, Any]:
    """A section `train` of so many epochs, none of which validation chooses: what is held out is judged unbiased.

    Example:
        >>> to_the_end(20, 32, 0.002, label_smoothing=0.1)["keep"]
        'last'
    """
    return {
        "epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate,
        "optimizer": {"name": "adamw", "weight_decay": 0.01}, "early_stopping": None, "keep": "last", **more,
    }  # fmt: skip
