"""What a recipe's augmentation steps may be called, readable without Keras, and the steps read from plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tlkit import catalog
from tlkit.errors import RecipeError, nearest


class Entry(NamedTuple):
    """One augmentation: where it is, the arguments that a single value sets, and what it does; kinds say what suits.

    `target` is a class of `keras.layers` or a `module:function(example, seed, *, ...)`, which gets one example as a
    float32 tensor and a seed for `tf.random.stateless_uniform`, and returns a tensor of the same shape.
    """

    target: str
    main: tuple[str, ...]
    summary: str


AUGMENTATIONS: Mapping[str, Entry] = {
    "flip": Entry("RandomFlip", ("mode",), "mirror: horizontal, vertical or horizontal_and_vertical"),
    "rotation": Entry("RandomRotation", ("factor",), "turn by up to this part of a full circle, either way"),
    "zoom": Entry("RandomZoom", ("height_factor",), "enlarge or shrink by up to this part, the aspect kept"),
    "translation": Entry("RandomTranslation", ("height_factor", "width_factor"), "shift by up to this part, any way"),
    "contrast": Entry("RandomContrast", ("factor",), "spread around the mean, by 1 - factor to 1 + factor"),
    "brightness": Entry("RandomBrightness", ("factor",), "add up to this part of the full range, either way"),
    "rand_augment": Entry("RandAugment", ("factor",), "num_ops operations out of eleven, of this strength"),
    "erasing": Entry("RandomErasing", ("factor",), "noise in a random box, with a probability drawn up to this"),
    "mixup": Entry("MixUp", ("alpha",), "blend pairs of images and of their targets"),
    "cutmix": Entry("CutMix", ("factor",), "paste a box of another image, its target in proportion"),
    "shift": Entry("tlkit.kinds.signal.wave_changes:shift", ("most",), "move in time by up to this part, either way"),
    "scale": Entry(
        "tlkit.kinds.signal.wave_changes:scale", ("most",), "louder or softer, by 1 / (1 + most) to 1 + most"
    ),
    "stretch": Entry("tlkit.kinds.signal.wave_changes:stretch", ("most",), "faster or slower by up to this part"),
    "noise": Entry("tlkit.kinds.signal.wave_changes:noise", ("most",), "noise of up to this part of the deviation"),
    "reverse_complement": Entry("tlkit.kinds.dna.strand_changes:reverse_complement", ("share",), "the other strand"),
    "turn": Entry(
        "tlkit.kinds.voxels.solid_changes:turn",
        ("degrees",),
        "about the upright axis by up to this, any way",
    ),
    "mirror": Entry("tlkit.kinds.voxels.solid_changes:mirror", ("share",), "left to right, in this share of examples"),
    "jolt": Entry("tlkit.kinds.voxels.solid_changes:jolt", ("most",), "move by up to so many cells along each axis"),
    "time_mask": Entry("tlkit.kinds.signal.wave_changes:time_mask", ("most",), "flatten a stretch of up to this part"),
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


def read_steps(steps: Iterable[Any] | None, *, kind: str | None = None) -> list[Step]:
    """The steps of a recipe's list, a single value put under the name of the argument it stands for.

    With a `kind` of data, steps that do not suit it are refused.

    Example:
        >>> read_steps([{"rotation": 0.1}])
        [Step(name='rotation', arguments={'factor': 0.1})]
    """
    given = list(steps or [])
    problems = [f"augment[{index}]: {problem}" for index, step in enumerate(given) if (problem := _problem(step, kind))]
    if problems:
        raise RecipeError(problems)
    return [_read(*item) for step in given for item in step.items()]


def _problem(step: Any, kind: str | None) -> str:
    """What is wrong with one step as written, or an empty string."""
    if not isinstance(step, Mapping) or len(step) != 1:
        return f"expected one name with its value, as in 'rotation: 0.1', received {step!r}"
    name, value = next(iter(step.items()))
    if name in AUGMENTATIONS:
        return _unsuited(name, kind)
    if ":" not in str(name):
        hint = nearest(str(name), AUGMENTATIONS) or f"Known: {', '.join(AUGMENTATIONS)}."
        return f"unknown augmentation '{name}'. {hint}"
    if not isinstance(value, Mapping | None):
        return f"expected a mapping of the arguments of '{name}', received {value!r}"
    return ""


def _unsuited(name: str, kind: str | None) -> str:
    """Why a step of the table is not for this kind of data, or an empty string."""
    if kind is None:
        return ""
    from tlkit.kinds.kind import kind_of

    suited = kind_of(kind).augmentations
    if suited is None or name in suited:
        return ""
    kinds = catalog.each_of(catalog.KINDS, kind="kind of data")
    others = [each for each, other in kinds if name in (other.augmentations or ())]
    return f"'{name}' is for data of kind {' or '.join(others)}, this is {kind}. For it: {', '.join(suited) or 'none'}"


def _read(name: str, value: Any) -> Step:
    if value is None:
        return Step(name)
    if isinstance(value, Mapping):
        return Step(name, dict(value))
    return Step(name, dict.fromkeys(AUGMENTATIONS[name].main, value))
