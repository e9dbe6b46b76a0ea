"""A sketch: filled outlines in drawing order, moved about freely before they become pixels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw

from tlkit.samples.outlines import limb, rotation
from tlkit.samples.palette import Colour

Paint = str | int | Colour  # a role such as "coat", looked up in the palette, a colour, or a shade of grey

Chosen = TypeVar("Chosen")


@dataclass
class Sketch:
    """Outlines with paints, later ones on top."""

    shapes: list[tuple[np.ndarray, Paint]] = field(default_factory=list)

    def add(self, points: ArrayLike, paint: Paint) -> None:
        self.shapes.append((np.asarray(points, float), paint))

    def line(self, points: ArrayLike, width: float, paint: Paint) -> None:
        self.add(limb(points, [width, width]), paint)

    def pair(self, points: ArrayLike, paint: Paint) -> None:
        """Add an outline and its mirror image on the other side of x = 0."""
        self.add(points, paint)
        self.add(np.asarray(points) * (-1, 1), paint)

    def place(self, other: "Sketch", at: ArrayLike = (0, 0), scale: ArrayLike = 1.0, turn: float = 0.0) -> None:
        """Add another sketch: scaled (negative x mirrors), turned, then moved."""
        self.shapes += other.moved(at, scale, turn).shapes

    def moved(self, at: ArrayLike = (0, 0), scale: ArrayLike = 1.0, turn: float = 0.0) -> "Sketch":
        matrix = np.diag(np.broadcast_to(scale, 2).astype(float)) @ rotation(turn)
        return Sketch([(points @ matrix + at, paint) for points, paint in self.shapes])

    def bent(self, bend: Callable[[np.ndarray], np.ndarray]) -> "Sketch":
        """The same sketch with every point sent through a function."""
        return Sketch([(bend(points), paint) for points, paint in self.shapes])

    def box(self) -> np.ndarray:
        """Left, top, right, bottom over all outlines."""
        points = np.concatenate([points for points, _ in self.shapes])
        return np.concatenate([points.min(axis=0), points.max(axis=0)])


def one_of(options: Sequence[Chosen], rng: np.random.Generator, p: Sequence[float] | None = None) -> Chosen:
    """One of several ways to draw, each as likely as `p` says."""
    return options[rng.choice(len(options), p=p)]


def render(
    sketch: Sketch,
    image: Image.Image,
    palette: Mapping[str, Colour] | None = None,
    *,
    coat: Image.Image | None = None,
    edge: int = 0,
    mask: Image.Image | None = None,
    cover: int = 255,
) -> None:
    """Paint a sketch, in pixels, onto the image, and its silhouette onto the mask.

    Args:
        coat: a picture shown through every outline painted "coat".
        edge: width of the darker rim around fur, 0 for none.
        cover: what the silhouette writes: 255 for the animal, 0 for what hides it.
    """
    pen, palette = ImageDraw.Draw(image), palette or {}
    shade = ImageDraw.Draw(mask) if mask is not None else None
    for points, paint in sketch.shapes:
        flat = points.ravel().tolist()
        if paint == "coat" and coat is not None:
            _show_through(image, coat, points)
        else:
            pen.polygon(flat, fill=palette.get(paint, paint) if isinstance(paint, str) else paint)
        if edge and paint in ("coat", "shade", "light"):
            pen.line(flat + flat[:4], fill=palette["rim"], width=edge, joint="curve")
        if shade:
            shade.polygon(flat, fill=cover)


def _show_through(image: Image.Image, picture: Image.Image, points: np.ndarray) -> None:
    low = np.maximum(np.floor(points.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(points.max(axis=0)).astype(int) + 1, image.size)
    if (high <= low).any():
        return
    stencil = Image.new("L", tuple((high - low).tolist()))
    ImageDraw.Draw(stencil).polygon((points - low).ravel().tolist(), fill=255)
    box = (*low.tolist(), *high.tolist())
    image.paste(picture.crop(box), box, stencil)
