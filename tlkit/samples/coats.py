"""Fur: the colours of an animal and the markings that show through it."""

from collections.abc import Mapping

import numpy as np
from PIL import Image

from tlkit.samples.outlines import blob, limb, oval, rectangle
from tlkit.samples.palette import Colour, jitter, mix
from tlkit.samples.sketch import Sketch, one_of, render

FURS = [(238, 232, 224), (226, 204, 170), (208, 132, 66), (182, 142, 100), (122, 84, 56), (80, 57, 45),
        (150, 150, 152), (108, 116, 126), (62, 58, 58), (38, 36, 38)]  # fmt: skip
IRISES = {
    "cat": [(150, 176, 84), (206, 176, 60), (214, 140, 50), (120, 170, 190), (96, 140, 96)],
    "dog": [(74, 46, 28), (104, 66, 36), (150, 100, 50), (92, 110, 120), (40, 30, 26)],
}


def palette(label: str, rng: np.random.Generator) -> dict[str, tuple[int, int, int]]:
    """Every role an outline can be painted in, as a colour."""
    coat = jitter(FURS[rng.integers(len(FURS))], rng)
    dark = sum(coat) < 210
    white, black = (244, 240, 234), (30, 26, 26)
    second = [mix(coat, white, 0.5), mix(coat, white, 0.85), mix(coat, white, 0.2), mix(coat, black, 0.45)]
    toward, share = (white, (0.3, 0.9)) if dark or rng.random() < 0.3 else (black, (0.3, 0.7))
    pink = mix((220, 150, 146), coat, rng.uniform(0, 0.4))
    return {
        "coat": coat,
        "shade": mix(coat, black, rng.uniform(0.15, 0.4)),
        "light": jitter(second[rng.integers(len(second))], rng),
        "mark": mix(coat, toward, rng.uniform(*share)),
        "rim": mix(coat, black, 0.55) if not dark else mix(coat, white, 0.22),
        "pink": pink,
        "snout": pink if rng.random() < 0.5 else jitter((70, 50, 48), rng),
        "nose": jitter((38, 33, 34) if rng.random() < 0.8 else (110, 72, 60), rng),
        "line": (34, 28, 28) if not dark else mix(coat, black, 0.6),
        "iris": jitter(IRISES[label][rng.integers(5)], rng),
        "pupil": (18, 16, 18),
        "glint": (250, 250, 248),
        "whisker": (248, 246, 240) if dark or rng.random() < 0.5 else (70, 62, 60),
        "tongue": jitter((226, 118, 128), rng),
    }


def markings(box: np.ndarray, rng: np.random.Generator) -> Sketch:
    """Stripes, spots, patches, a pale belly or nothing, over the box of an animal."""
    return one_of([_plain, _stripes, _spots, _patches, _belly], rng, p=[0.4, 0.13, 0.12, 0.2, 0.15])(box, rng)


def cloth(marks: Sketch, colours: Mapping[str, Colour], size: int, rng: np.random.Generator) -> Image.Image:
    """The fur as a picture of its own: base colour, strands and markings."""
    picture = Image.new("RGB", (size // 2, size // 2), colours["coat"])
    if rng.random() < 0.6:
        grain = rng.integers(0, 90, (size // 4, size // 6), dtype=np.uint8)
        strands = Image.fromarray(grain).resize(picture.size, Image.Resampling.BILINEAR)
        picture.paste(colours["rim"], (0, 0), strands)
    picture = picture.resize((size, size), Image.Resampling.NEAREST)
    render(marks, picture, colours)
    return picture


def _plain(box: np.ndarray, rng: np.random.Generator) -> Sketch:
    return Sketch()


def _stripes(box: np.ndarray, rng: np.random.Generator) -> Sketch:
    marks, (left, top, right, bottom) = Sketch(), box
    step, thick, sway = rng.uniform(0.22, 0.4), rng.uniform(0.07, 0.14), rng.uniform(-0.25, 0.25)
    for x in np.arange(left, right, step):
        deep = (bottom - top) * rng.uniform(0.45, 0.75)
        spine = [(x, top), (x + sway, top + deep * 0.5), (x + sway * 0.5, top + deep)]
        marks.add(limb(spine, [thick, thick * rng.uniform(0.8, 1.5), 0.02]), "mark")
    return marks


def _spots(box: np.ndarray, rng: np.random.Generator) -> Sketch:
    marks = Sketch()
    for x, y in rng.uniform(box[:2], box[2:], (int(rng.integers(25, 70)), 2)):
        marks.add(oval(x, y, rng.uniform(0.05, 0.16), rng.uniform(0.05, 0.16), num=12), "mark")
    return marks


def _patches(box: np.ndarray, rng: np.random.Generator) -> Sketch:
    marks = Sketch()
    for x, y in rng.uniform(box[:2], box[2:], (int(rng.integers(3, 8)), 2)):
        angle, reach = np.arange(7) / 7 * 2 * np.pi, rng.uniform(0.35, 0.9, 7)
        marks.add(blob(np.stack([x + reach * np.cos(angle), y + reach * np.sin(angle)], 1)), "mark")
    return marks


def _belly(box: np.ndarray, rng: np.random.Generator) -> Sketch:
    left, top, right, bottom = box
    marks = Sketch()
    marks.add(rectangle(left, top + (bottom - top) * rng.uniform(0.5, 0.75), right, bottom), "light")
    return marks
