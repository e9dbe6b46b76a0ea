"""How heat maps lie on drawn animals, whose boxes are known: mass inside and outside, and the box around it (IoU).

python bench/heat_maps.py RUN [--occlusion 24]       (RUN: of recipes/cats.yaml, beside ./mlruns and ./data/cats)
What a box is drawn from is chosen on the training and validation parts; the test part is scored once with that.
"""

import argparse
import csv
import os
from dataclasses import dataclass
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
from PIL import Image

from tlkit.data.sources import load_splits
from tlkit.interpretation.methods.boxes import box_around, mass_inside, overlap
from tlkit.interpretation.methods.class_activation import class_activation, enlarged, take_apart
from tlkit.interpretation.methods.faithfulness import likeness, untrained
from tlkit.interpretation.methods.occlusion import occlude
from tlkit.interpretation.target import subject_of
from tlkit.recipe.loading import load_recipe

RECIPE = Path(__file__).parents[1] / "recipes" / "cats.yaml"
SIDE = 224
SHARES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)


@dataclass(frozen=True)
class Part:
    """Examples of one part, and the box of each, at the size that the model sees."""

    inputs: list
    targets: np.ndarray
    boxes: list


def part_of(examples, known):
    """Inputs, classes and boxes of one part."""
    names = [Path(str(each)) for each in examples.names]
    boxes = []
    for name in names:
        with Image.open(name) as picture:
            width, height = picture.size
        left, top, right, bottom = known["/".join(name.parts[-2:])]
        across, down = SIDE / width, SIDE / height
        boxes.append((round(left * across), round(top * down), round(right * across), round(bottom * down)))
    return Part([*examples.load(range(len(examples)))], np.asarray(examples.targets), boxes)


def parts_of(recipe):
    """The three parts of the drawn pictures."""
    with (Path(recipe.data.path) / "boxes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    known = {row["path"]: [int(row[side]) for side in ("left", "top", "right", "bottom")] for row in rows}
    splits = load_splits(recipe.data, seed=recipe.seed, image_size=(SIDE, SIDE), folder=recipe.folder)
    return {name: part_of(examples, known) for name, examples in splits.parts().items()}


def activation_maps(model, part):
    """Class activation maps at the size of the input."""
    taken, found = take_apart(model), []
    for start in range(0, len(part.inputs), 32):
        batch = np.stack(part.inputs[start : start + 32])
        found += [*class_activation(taken, batch, part.targets[start : start + 32])]
    return [np.maximum(enlarged(each, (SIDE, SIDE)), 0) for each in found]


def occlusion_maps(subject, part, count):
    """Occlusion maps of the first few, at the size of the input."""
    pairs = list(zip(part.inputs, part.targets, strict=True))[:count]
    with subject.answers as answers:
        return [np.maximum(occlude(answers, each, int(target), axes=2).heat, 0) for each, target in pairs]


def fit(maps, boxes, share):
    """The mean IoU of the boxes drawn at a share of the maximum."""
    return float(np.mean([overlap(box_around(heat, share), box) for heat, box in zip(maps, boxes, strict=True)]))


def say_mass(title, maps, boxes):
    """The mass inside against outside, over all pictures and each as heavy as the others; the same by area."""
    shares, areas = [], []
    for heat, box in zip(maps, boxes, strict=True):
        inside, outside = mass_inside(heat, box)
        shares.append(inside / max(inside + outside, 1e-12))
        areas.append((box[2] - box[0]) * (box[3] - box[1]) / heat.size)
    ratios = [share / max(1 - share, 1e-3) for share in shares]
    mass, area = np.mean(shares), np.mean(areas)
    even = area / (1 - area)
    print(
        f"{title}, {len(maps)} pictures: {mass:.3f} of the mass inside, {mass / (1 - mass):.2f} to 1; "
        f"an even map {even:.2f} to 1; so {mass / (1 - mass) / even:.2f} times as dense inside; "
        f"median of the pictures {np.median(ratios):.2f} to 1; 2 to 1 or more on {np.mean(np.array(ratios) >= 2):.0%}"
    )


def say_boxes(maps, parts):
    """The share chosen where it may be, and its score on the test part."""
    chosen_on = [name for name in parts if name != "test"]
    known = (
        [heat for name in chosen_on for heat in maps[name]],
        [box for name in chosen_on for box in parts[name].boxes],
    )
    scores = {share: fit(*known, share) for share in SHARES}
    best = max(scores, key=scores.get)
    print("IoU on train and val by share of the maximum:", {each: round(score, 3) for each, score in scores.items()})
    whole = np.mean([overlap((0, 0, SIDE, SIDE), box) for box in parts["test"].boxes])
    print(
        f"IoU on test at {best}: {fit(maps['test'], parts['test'].boxes, best):.3f}; "
        f"box of the whole picture {whole:.3f}"
    )


def main() -> None:
    """Print mass, boxes, and the likeness to an untrained model's maps."""
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("--occlusion", type=int, default=24, help="so many test pictures are covered as well")
    given = parser.parse_args()
    parts, subject = parts_of(load_recipe(RECIPE)), subject_of(given.run)
    maps = {name: activation_maps(subject.model, part) for name, part in parts.items()}
    test = parts["test"]
    say_mass("class activation", maps["test"], test.boxes)
    say_boxes(maps, parts)
    blank = activation_maps(untrained(subject.model), test)
    alike = [likeness(*pair) for pair in zip(maps["test"], blank, strict=True)]
    print(f"rank correlation with an untrained model's maps {np.mean(alike):.2f}")
    if given.occlusion:
        say_mass("occlusion", occlusion_maps(subject, test, given.occlusion), test.boxes[: given.occlusion])


if __name__ == "__main__":
    main()
