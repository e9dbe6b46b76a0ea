"""Neural style transfer: one picture painted in the manner of others, by training nothing but the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import keras
import numpy as np
from keras import ops

from tlkit.compat.tensors import Tensor
from tlkit.model.gradients import compiled, value_and_gradient
from tlkit.style.images import blank_levels, painted
from tlkit.style.style_features import StyleLayers, feature_model, layers_of

_FIRST, _SECOND = 0.9, 0.99  # how long slopes are remembered; shorter than usual, since there is no noise
Memory = tuple[Tensor, list[Tensor], list[Tensor]]  # the number of steps, means of slopes and of their squares
_STYLE, _VARIATION = 15.0, 0.25  # what looks balanced at strength 1
OnStep = Callable[[int, dict[str, float], Callable[[], np.ndarray]], None]


@dataclass
class Painting:
    """The picture that came about, and its losses step by step."""

    pixels: np.ndarray
    losses: list[dict[str, float]] = field(default_factory=list)
    interrupted: bool = False


def paint(
    content: np.ndarray,
    styles: Sequence[tuple[np.ndarray, float]],
    *,
    strength: float = 1.0,
    steps: int = 200,
    backbone: str = "efficientnet-lite0",
    weights: str = "imagenet",
    learning_rate: float = 0.04,
    on_step: OnStep | None = None,
) -> Painting:
    """Paint `content` in the manner of `styles`, each a picture with its weight; all uint8 (height, width, 3).

    The first half of the steps is done at half the size, where strokes are broad and steps are cheap.
    Ctrl-C ends it early.

    Args:
        strength: how much the manner counts against the content.
        on_step: called with the step, the losses and a function that gives the picture so far.

    Reference: Gatys et al., 2016.
    """
    features = feature_model(backbone, weights)
    painter = _Painter(features, layers_of(backbone), styles, strength, learning_rate)
    painting = Painting(content)
    rough = steps // 2 if min(content.shape[:2]) >= 128 else 0
    try:
        start = painter.run(painting, content, _halved(content), rough, on_step) if rough else None
        painter.run(painting, content, content, steps - rough, on_step, start)
    except KeyboardInterrupt:
        painting.interrupted = True
    return painting


class _Painter:
    def __init__(
        self,
        features: keras.Model,
        layers: StyleLayers,
        styles: Sequence[tuple[np.ndarray, float]],
        strength: float,
        learning_rate: float,
    ) -> None:
        self.features, self.layers, self.styles = features, layers, styles
        self.strength, self.learning_rate = strength, learning_rate
        self.slope = value_and_gradient(self._loss)
        self.step = compiled(self._step)

    def run(
        self,
        painting: Painting,
        content: np.ndarray,
        pixels: np.ndarray,
        steps: int,
        on_step: OnStep | None,
        start: Tensor | None = None,
    ) -> Tensor:
        """So many steps at the size of `pixels`; what is painted over the picture, at that size."""
        ground = ops.convert_to_tensor(pixels[None].astype(np.float32))
        levels = [ops.convert_to_tensor(each) for each in blank_levels(*pixels.shape[:2])]
        if start is not None:
            levels[0] = ops.image.resize(start, pixels.shape[:2], interpolation="bicubic")
        wanted, memory = (ground, self._content(ground), self._style(pixels.shape)), _at_rest(levels)

        def shown() -> np.ndarray:
            return _full(_pixels(painted(levels, ground)), content.shape)

        try:
            for _ in range(steps):
                levels, memory, parts = self.step(levels, memory, *wanted)
                painting.losses.append({name: float(value) for name, value in parts.items()})
                if on_step is not None:
                    on_step(len(painting.losses), painting.losses[-1], shown)
        finally:
            painting.pixels = shown()
        return _total(levels)

    def _step(
        self, levels: Sequence[Tensor], memory: Memory, *wanted: Tensor
    ) -> tuple[Sequence[Tensor], Memory, dict[str, Tensor]]:
        (_, parts), slopes = self.slope(levels, *wanted)
        levels, memory = _moved(levels, slopes, memory, self.learning_rate)
        return levels, memory, parts

    def _loss(
        self, levels: Sequence[Tensor], ground: Tensor, wanted_content: Sequence[Tensor], wanted_style: Sequence[Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        pixels = painted(levels, ground)
        found = self.features(pixels, training=False)
        count = len(self.layers.style)
        style = sum(_style_loss(each, want) for each, want in zip(found[:count], wanted_style, strict=True)) / count
        content = sum(_content_loss(each, want) for each, want in zip(found[count:], wanted_content, strict=True))
        content = content / len(self.layers.content)
        total = content + self.strength * _STYLE * style + _VARIATION * _variation(pixels)
        return total, {"content": content, "style": style}

    def _content(self, ground: Tensor) -> list[Tensor]:
        return self.features(ground, training=False)[len(self.layers.style) :]

    def _style(self, shape: Sequence[int]) -> list[Tensor]:
        """The Gram matrices of all styles, mixed by weight; each style is brought to about the canvas's size."""
        whole = sum(weight for _, weight in self.styles)
        mixed: list[Tensor] = []
        for picture, weight in self.styles:
            sized = _scaled_to(picture, max(shape[:2]))
            found = self.features(ops.convert_to_tensor(sized[None].astype(np.float32)), training=False)
            grams = [gram(each) * (weight / whole) for each in found[: len(self.layers.style)]]
            mixed = [one + other for one, other in zip(mixed, grams, strict=True)] if mixed else grams
        return mixed


def gram(features: Tensor) -> Tensor:
    """How often each two filters speak together, wherever they do: (batch, h, w, c) -> (batch, c, c).

    Its gradient takes one product in place of two equal ones: what follows must treat rows and columns alike.

    Reference: Gatys et al., 2016, "Image style transfer using convolutional neural networks".
    """
    shape = ops.shape(features)
    flat = ops.reshape(features, (shape[0], shape[1] * shape[2], features.shape[-1]))
    half = ops.matmul(ops.transpose(flat, (0, 2, 1)), ops.stop_gradient(flat)) / ops.cast(
        shape[1] * shape[2], "float32"
    )
    return 2 * half - ops.stop_gradient(half)


def _content_loss(features: Tensor, wanted: Tensor) -> Tensor:
    """The squared difference of features, as a share of what they are."""
    return ops.mean(ops.square(features - wanted)) / (ops.mean(ops.square(wanted)) + 1e-8)


def _style_loss(features: Tensor, wanted: Tensor) -> Tensor:
    """The squared difference of Gram matrices, as a share of what they are."""
    return ops.sum(ops.square(gram(features) - wanted)) / (ops.sum(ops.square(wanted)) + 1e-8)


def _variation(pixels: Tensor) -> Tensor:
    """Total variation: how much neighbours differ, in shares of the range of pixels, a little rounded at zero."""
    down = (pixels[:, 1:] - pixels[:, :-1]) / 255
    right = (pixels[:, :, 1:] - pixels[:, :, :-1]) / 255
    return ops.mean(ops.sqrt(ops.square(down) + 1e-4)) + ops.mean(ops.sqrt(ops.square(right) + 1e-4))


def _at_rest(weights: Sequence[Tensor]) -> Memory:
    """What Adam remembers before the first step: the step's number, and means of slopes and of their squares."""
    still = [ops.zeros_like(each) for each in weights]
    return ops.convert_to_tensor(0.0), still, still


def _moved(
    weights: Sequence[Tensor], slopes: Sequence[Tensor], memory: Memory, learning_rate: float
) -> tuple[list[Tensor], Memory]:
    """Weights after a step of Adam, and what is remembered; Keras's own takes no plain tensors on TensorFlow.

    Reference: Kingma and Ba, 2015, "Adam: a method for stochastic optimization".
    """
    number, means, squares = memory
    number = number + 1.0
    means = [_FIRST * old + (1 - _FIRST) * new for old, new in zip(means, slopes, strict=True)]
    squares = [_SECOND * old + (1 - _SECOND) * new**2 for old, new in zip(squares, slopes, strict=True)]
    rate = learning_rate * ops.sqrt(1 - _SECOND**number) / (1 - _FIRST**number)
    steps = [mean / (ops.sqrt(square) + 1e-7) for mean, square in zip(means, squares, strict=True)]
    return [each - rate * step for each, step in zip(weights, steps, strict=True)], (number, means, squares)


def _total(levels: Sequence[Tensor]) -> Tensor:
    size = levels[0].shape[1:3]
    return sum(ops.image.resize(each, size, interpolation="bilinear") for each in levels)


def _pixels(tensor: Tensor) -> np.ndarray:
    return np.rint(np.clip(ops.convert_to_numpy(tensor)[0], 0, 255)).astype(np.uint8)


def _halved(pixels: np.ndarray) -> np.ndarray:
    return _resized(pixels, (pixels.shape[0] // 2, pixels.shape[1] // 2))


def _full(pixels: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return pixels if pixels.shape == shape else _resized(pixels, shape[:2])


def _scaled_to(pixels: np.ndarray, size: int) -> np.ndarray:
    share = size / max(pixels.shape[:2])
    return _resized(pixels, (max(32, round(pixels.shape[0] * share)), max(32, round(pixels.shape[1] * share))))


def _resized(pixels: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    from PIL import Image

    return np.asarray(Image.fromarray(pixels).resize((size[1], size[0]), Image.Resampling.LANCZOS))
