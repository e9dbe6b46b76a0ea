"""What a recipe's augmentation steps may be called, readable without Keras, and the steps read from plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tlkit.errors import RecipeError, nearest


class Named(NamedTuple):
    """One augmentation: its class in `keras.layers`, the arguments that a single value sets, and what it does."""

    layer: str
    main: tuple[str, ...]
    summary: str


AUGMENTATIONS: Mapping[str, Named] = {
    "flip": Named("RandomFlip", ("mode",), "mirror: horizontal, vertical or horizontal_and_vertical"),
    "rotation": Named("RandomRotation", ("factor",), "turn by up to this part of a full circle, either way"),
    "zoom": Named("RandomZoom", ("height_factor",), "enlarge or shrink by up to this part, the aspect kept"),
    "translation": Named("RandomTranslation", ("height_factor", "width_factor"), "shift by up to this part, any way"),
    "contrast": Named("RandomContrast", ("factor",), "spread around the mean, by 1 - factor to 1 + factor"),
    "brightness": Named("RandomBrightness", ("factor",), "add up to this part of the full range, either way"),
    "rand_augment": Named("RandAugment", ("factor",), "num_ops operations out of eleven, of this strength"),
    "erasing": Named("RandomErasing", ("factor",), "noise in a random box, with a probability drawn up to this"),
    "mixup": Named("MixUp", ("alpha",), "blend pairs of images and of their targets"),
    "cutmix": Named("CutMix", ("factor",), "paste a box of another image, its target in proportion"),
}

MIXES = frozenset({"mixup", "cutmix"})


@dataclass(frozen=True)
class Step:
    """One augmentation step as read: its name and its keyword arguments."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def own(self) -> bool:
        """Whether it is the user's own `file.py:function` rather than one of the table."""
        return self.name not in AUGMENTATIONS


def read_steps(steps: Iterable[Any] | None) -> list[Step]:
    """The steps of a recipe's list, a single value put under the name of the argument it stands for.

    Example:
        >>> read_steps([{"rotation": 0.1}])
        [Step(name='rotation', arguments={'factor': 0.1})]
    """
    given = list(steps or [])
    problems = [f"augment[{index}]: {problem}" for index, step in enumerate(given) if (problem := _problem(step))]
    if problems:
        raise RecipeError(problems)
    return [_read(*item) for step in given for item in step.items()]


def _problem(step: Any) -> str:
    """What is wrong with one step as written, or an empty string."""
    if not isinstance(step, Mapping) or len(step) != 1:
        return f"expected one name with its value, as in 'rotation: 0.1', received {step!r}"
    name, value = next(iter(step.items()))
    if name in AUGMENTATIONS:
        return ""
    if ":" not in str(name):
        hint = nearest(str(name), AUGMENTATIONS) or f"Known: {', '.join(AUGMENTATIONS)}."
        return f"unknown augmentation '{name}'. {hint}"
    if not isinstance(value, Mapping | None):
        return f"expected a mapping of the arguments of '{name}', received {value!r}"
    return ""


def _read(name: str, value: Any) -> Step:
    if value is None:
        return Step(name)
    if isinstance(value, Mapping):
        return Step(name, dict(value))
    return Step(name, dict.fromkeys(AUGMENTATIONS[name].main, value))
