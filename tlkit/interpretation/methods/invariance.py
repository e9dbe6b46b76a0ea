"""How the answer moves as the input does: shifted, turned, scaled, brightened, blurred."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from tlkit.interpretation.methods.occlusion import Answers


@dataclass(frozen=True)
class InvarianceCurve:
    """One kind of change: its strengths, and the probability at each; the one without change is among them."""

    name: str
    strengths: np.ndarray
    probabilities: np.ndarray
    neutral: float

    @property
    def steadiness(self) -> float:
        """1 minus the mean distance from the probability without change: 1 where nothing moves."""
        still = self.probabilities[np.abs(self.strengths - self.neutral).argmin()]
        return 1.0 - float(np.abs(self.probabilities - still).mean())


@dataclass(frozen=True)
class InputChange:
    """A kind of change: strengths, the one that changes nothing, its axis title, and what makes the changed input."""

    name: str
    strengths: tuple[float, ...]
    neutral: float
    title: str
    apply: Callable[[np.ndarray, float], np.ndarray]


def moved(example: np.ndarray, by: int, axis: int = 1) -> np.ndarray:
    """An input shifted by whole positions; what comes in at the edge is mirrored."""
    size = example.shape[axis]
    at = np.abs(np.arange(size) - by)
    return np.take(example, np.where(at >= size, 2 * size - 2 - at, at), axis)


def _shifted(example: np.ndarray, share: float) -> np.ndarray:
    axis = 1 if example.ndim > 2 else 0
    return moved(example, round(share * example.shape[axis]), axis)


def _picture(change: Callable[[Image.Image, float], Image.Image]) -> Callable[[np.ndarray, float], np.ndarray]:
    """A change of a PIL picture as one of an array, mirrored at the edges so that no black corners come in."""

    def apply(example: np.ndarray, strength: float) -> np.ndarray:
        height, width = example.shape[:2]
        wide = np.pad(example, ((height // 2,) * 2, (width // 2,) * 2, (0, 0)), mode="symmetric")
        grey = wide.shape[-1] == 1
        turned = change(Image.fromarray(wide[..., 0] if grey else wide), strength)
        left, top = (turned.width - width) // 2, (turned.height - height) // 2
        cut = np.asarray(turned.crop((left, top, left + width, top + height)))
        return cut[..., None] if grey else cut

    return apply


def _resized(picture: Image.Image, factor: float) -> Image.Image:
    size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
    return picture.resize(size, Image.Resampling.BILINEAR)


def _brighter(example: np.ndarray, factor: float) -> np.ndarray:
    values = example.astype(np.float32) * factor
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8) if example.dtype == np.uint8 else values


def _grid(low: float, high: float, count: int) -> tuple[float, ...]:
    return tuple(float(each) for each in np.linspace(low, high, count))


SHIFT = InputChange("shift", _grid(-0.25, 0.25, 29), 0.0, "shift, share of the width", _shifted)
BRIGHTNESS = InputChange("brightness", _grid(0.4, 1.6, 13), 1.0, "brightness, times", _brighter)
PICTURE_CHANGES = (
    SHIFT,
    InputChange("rotation", _grid(-45, 45, 19), 0.0, "rotation, degrees",
           _picture(lambda picture, angle: picture.rotate(angle, Image.Resampling.BILINEAR))),
    InputChange("scale", _grid(0.5, 1.5, 21), 1.0, "scale, times", _picture(_resized)),
    BRIGHTNESS,
    InputChange("blur", _grid(0.0, 4.0, 9), 0.0, "blur, pixels",
           _picture(lambda picture, radius: picture.filter(ImageFilter.GaussianBlur(radius)))),
)  # fmt: skip


def changes_for(example: np.ndarray, *, picture: bool) -> tuple[InputChange, ...]:
    """The changes that make sense for such an input."""
    if picture:
        return PICTURE_CHANGES
    return (SHIFT, BRIGHTNESS) if np.issubdtype(example.dtype, np.floating) else (SHIFT,)


def vary(answers: Answers, example: np.ndarray, output: int, changes: tuple[InputChange, ...]) -> list[InvarianceCurve]:
    """The probability of one output along each change; all inputs go through the model together."""
    inputs = [change.apply(example, strength) for change in changes for strength in change.strengths]
    values = np.asarray(answers(inputs), np.float32)[:, output]
    ends = np.cumsum([len(change.strengths) for change in changes])
    parts = np.split(values, ends[:-1])
    return [
        InvarianceCurve(change.name, np.array(change.strengths), part, change.neutral)
        for change, part in zip(changes, parts, strict=True)
    ]
