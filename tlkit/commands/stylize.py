"""A picture painted in the manner of others."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from tlkit.commands.shell.listing import Answer
from tlkit.errors import DataError, writing
from tlkit.kinds.image.pictures import MAX_PIXELS_ALONE, picture_array, picture_size, read_picture
from tlkit.progress import Bar, progress
from tlkit.quiet import load_keras

if TYPE_CHECKING:
    from tlkit.style.painting import Painting

_SMALLEST, _LARGEST = 64, 2048
_PREVIEW_SECONDS = 5.0


def stylize(
    content: Any,
    style: Any,
    *,
    strength: float = 1.0,
    size: int = 512,
    steps: int = 200,
    mix: Sequence[float] = (),
    keep_colours: bool = False,
    backbone: str = "efficientnet-lite0",
    weights: str = "imagenet",
    out: str | Path | None = None,
    on_step: Callable[[int, dict[str, float]], None] | None = None,
) -> Painting:
    """Paint a picture in the manner of another, or of several; a `Painting` with pixels and losses.

    Args:
        content: a path, a PIL picture or an array of uint8 pixels.
        style: the same, or a list of them, mixed by the weights in `mix`.
        strength: how much the manner counts; 0.2 is a hint, 5 leaves little but the manner.
        size: pixels of the longer side.
        out: a file, written every few seconds and at the end; Ctrl-C leaves what is there.
        on_step: called after each step with its number and its losses.

    Example:
        >>> tlkit.stylize("cat.jpg", "coffee.jpg", strength=2, out="painted.jpg")  # doctest: +SKIP
    """
    styles = list(style) if isinstance(style, list | tuple) else [style]
    _check(styles, mix, strength, size, steps, out)
    ground = _pixels(content, size)
    pairs = [(_pixels(each, size), weight) for each, weight in zip(styles, mix or [1.0] * len(styles), strict=True)]
    load_keras()
    from tlkit.style.images import with_colours_of
    from tlkit.style.painting import paint

    finish = (lambda pixels: with_colours_of(pixels, ground)) if keep_colours else (lambda pixels: pixels)
    with progress("Painting", steps) as bar:
        painting = paint(
            ground,
            pairs,
            strength=strength,
            steps=steps,
            backbone=backbone,
            weights=weights,
            on_step=_watched(bar, out, finish, on_step),
        )
    painting.pixels = finish(painting.pixels)
    if out is not None:
        _write(painting.pixels, Path(out))
    return painting


def stylize_paths(content: Path, styles: Iterable[Path], *, out: Path, **options: Any) -> Answer:
    """Paint from files to a file, and say what came of it."""
    begun = time.monotonic()
    painting = stylize(content, list(styles), out=out, **options)
    seconds, (height, width) = time.monotonic() - begun, painting.pixels.shape[:2]
    if painting.losses:
        first, last = painting.losses[0], painting.losses[-1]
        stopped = "stopped after" if painting.interrupted else "after"
        yield (
            f"{out}: {width} x {height}, {stopped} {len(painting.losses)} steps in {seconds:.1f} s, "
            f"style loss {first['style']:.3f} -> {last['style']:.4f}, content loss at the end {last['content']:.3f}"
        )
    else:
        yield f"{out}: stopped before the first step; this is the picture itself"
    return {
        "file": out, "width": width, "height": height, "steps": len(painting.losses), "seconds": seconds,
        "losses": painting.losses, "interrupted": painting.interrupted,
    }  # fmt: skip


def _watched(
    bar: Bar,
    out: str | Path | None,
    finish: Callable[[np.ndarray], np.ndarray],
    on_step: Callable[[int, dict[str, float]], None] | None,
) -> Callable[[int, dict[str, float], Callable[[], np.ndarray]], None]:
    """Shows both losses, and saves a preview every few seconds."""
    saved = time.monotonic()

    def watch(step: int, losses: dict[str, float], shown: Callable[[], np.ndarray]) -> None:
        nonlocal saved
        bar(step, f"style {losses['style']:.4f}  content {losses['content']:.3f}")
        if out is not None and time.monotonic() - saved > _PREVIEW_SECONDS:
            _write(finish(shown()), Path(out))
            saved = time.monotonic()
        if on_step is not None:
            on_step(step, losses)

    return watch


def _check(
    styles: Sequence[Any], mix: Sequence[float], strength: float, size: int, steps: int, out: str | Path | None
) -> None:
    if not styles:
        raise DataError("style: expected at least one picture")
    if mix and len(mix) != len(styles):
        raise DataError(f"mix: expected a weight for each of {len(styles)} styles, found {len(mix)}")
    if not all(0 <= each < math.inf for each in mix) or (mix and sum(mix) == 0):
        raise DataError(f"mix: weights are numbers of at least 0, and not all 0; found {list(mix)}")
    if not 0 <= strength < math.inf or steps < 1:
        raise DataError(f"expected strength of 0 or more and at least 1 step; found {strength} and {steps}")
    if not _SMALLEST <= size <= _LARGEST:
        raise DataError(f"size: expected {_SMALLEST} to {_LARGEST} pixels, found {size}")
    if out is not None and Path(out).suffix.lower() not in (".jpg", ".jpeg", ".png", ".webp"):
        raise DataError(f"{out}: expected a name that ends in .jpg, .png or .webp")


def _pixels(given: Any, size: int) -> np.ndarray:
    """A picture with its longer side at `size`, whatever it was."""
    if isinstance(given, str | Path):
        if not Path(given).is_file():
            raise DataError(f"{given}: no such file")
        return read_picture(given, _fitted(*picture_size(given), size), most=MAX_PIXELS_ALONE)
    if isinstance(given, Image.Image):
        return picture_array(given, _fitted(*given.size, size))
    pixels = np.asarray(given)
    if pixels.ndim < 2:
        raise DataError(f"picture: expected pixels (height, width[, channels]), found {pixels.shape}")
    return picture_array(pixels, _fitted(pixels.shape[1], pixels.shape[0], size))


def _fitted(width: int, height: int, size: int) -> tuple[int, int]:
    """Height and width with the longer at `size`; the shorter at least 32."""
    share = size / max(width, height)
    return max(32, round(height * share)), max(32, round(width * share))


def _write(pixels: np.ndarray, file: Path) -> None:
    part = file.with_name(f".{file.name}.part{file.suffix}")
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        quality = {} if file.suffix == ".png" else {"quality": 92}
        Image.fromarray(pixels).save(part, None, **quality)
        part.replace(file)
