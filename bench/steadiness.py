"""How steady nets are when their input moves: the mean probability of the right class along shifts and turns.

python bench/steadiness.py RECIPE RUN... [--count 100] [--out shifts.png]    (runs of nets on RECIPE's pictures)
"""

import argparse
import os
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np

from tlkit.data.sources import load_splits
from tlkit.evaluation.canvas import BLUE, FAINT, INK, ORANGE, new_figure, place_axes, save, write_title
from tlkit.interpretation.methods.equivariance import follow_shift
from tlkit.interpretation.methods.invariance import PICTURE_CHANGES, InvarianceCurve, vary
from tlkit.interpretation.target import subject_of
from tlkit.recipe.loading import load_recipe

CHANGES = [each for each in PICTURE_CHANGES if each.name in ("shift", "rotation", "scale")]
STYLES = [(BLUE, "-"), (BLUE, "--"), (ORANGE, "-"), (ORANGE, "--")]


def mean_curves(subject, inputs, targets):
    """A curve for each kind of change, the mean over the examples, and how well the last maps follow a shift."""
    with subject.answers as answers:
        found = [vary(answers, each, int(target), CHANGES) for each, target in zip(inputs, targets, strict=True)]
    curves = [
        InvarianceCurve(
            same[0].name, same[0].strengths, np.mean([each.probabilities for each in same], axis=0), same[0].neutral
        )
        for same in zip(*found, strict=True)
    ]
    steady = [float(np.mean([each.steadiness for each in same])) for same in zip(*found, strict=True)]
    follows = [follow_shift(subject.model, each).probabilities.mean() for each in inputs[:10]]
    return curves, steady, float(np.mean(follows))


def drawn(rows, count):
    """A panel for each kind of change, a line for each net."""
    figure = new_figure(0.7 + 3.0 * len(CHANGES), 3.9)
    for index, change in enumerate(CHANGES):
        axes = place_axes(figure, 0.65 + index * 3.0, 0.95, 2.5, 2.0)
        for (name, curves, _, _), (colour, line) in zip(rows, STYLES, strict=False):
            axes.plot(curves[index].strengths, curves[index].probabilities, line, color=colour, lw=1.7, label=name)
        axes.set_ylim(0, 1.02)
        axes.grid(color=FAINT)
        axes.set_xlabel(change.title, fontsize=9, color=INK)
    figure.legend(*axes.get_legend_handles_labels(), loc="lower left", ncols=4, fontsize=8.5, frameon=False)
    write_title(figure, "Who forgives what", f"probability of the right class, mean of {count} test pictures")
    return figure


def main() -> None:
    """Print a line for each run, and draw all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("recipe", type=Path)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path("shifts.png"))
    given = parser.parse_args()
    recipe, rows = load_recipe(given.recipe), []
    print("net", *(f"steady_{each.name}" for each in CHANGES), "follows_shift", sep="  ")
    for run in given.runs:
        subject = subject_of(run)
        splits = load_splits(recipe.data, seed=recipe.seed, image_size=subject.shape[:2], folder=recipe.folder)
        test = splits.test.take(range(min(given.count, len(splits.test))))
        curves, steady, follows = mean_curves(subject, test.load(range(len(test))), test.targets)
        rows.append((subject.predictor.run.name, curves, steady, follows))
        print(subject.predictor.run.name, *(f"{each:.3f}" for each in (*steady, follows)), sep="  ")
    save(drawn(rows, given.count), given.out)


if __name__ == "__main__":
    main()
