"""Whether a model is honest of itself: calibration, what it takes for unknown, and sets that hold the true class.

    python bench/honest.py

`recipes/cats.yaml` on photographs of cats and dogs and on the drawn ones: scores of probabilities as they were trained
and as they stand; then what the first finds unknown: of its own test split, of Fashion-MNIST, of the drawn animals.
"""

import tempfile
from pathlib import Path

import fashion
import numpy as np
import pandas as pd
from datasets import ROOT, dataset
from PIL import Image

import tlkit
from tlkit.evaluation.conformal import limit_for, possible_classes
from tlkit.evaluation.counts import roc_auc
from tlkit.recipe.loading import changed_recipe, load_recipe
from tlkit.samples import cats_and_dogs

_OTHERS = 300  # pictures of each other kind
_SHARES = (0.9, 0.95, 0.99)


def trained(path: Path, desk: Path):
    """A run of cats.yaml on this folder."""
    recipe = changed_recipe(load_recipe(ROOT / "recipes" / "cats.yaml"), {"data.path": str(path)})
    return tlkit.run(recipe, root=desk / "mlruns", offline=True)


def tell_calibration(name: str, result) -> None:
    """The scores of the test split before and after."""
    after = {each: result.metrics[f"test/{each}"] for each in ("loss", "ece")}
    before = {each: result.metrics.get(f"test/{each}_uncalibrated", value) for each, value in after.items()}
    temperature = tlkit.load_model(result.model).metadata.get("temperature", 1)
    shown = "  ".join(f"{each} {before[each]:.4f} -> {after[each]:.4f}" for each in after)
    print(f"{name:<12} temperature {temperature:<7} {shown}")


def tell_sets(name: str, result) -> None:
    """How often sets hold the true class of the test split, and how many classes they have."""
    predictor, table = tlkit.load_model(result.model), pd.read_csv(result.model.parent / "predictions.csv")
    outputs = table[[f"p_{each}" for each in predictor.class_names]].to_numpy()
    true = [predictor.class_names.index(each) for each in table["true"]]
    for share in _SHARES:
        if len(predictor.metadata["set_limits"]) <= round(100 * share) - 50:
            print(f"{name:<12} sets of {share:.0%}: too few examples were held out")
            continue
        inside = possible_classes(outputs, limit_for(share, predictor.metadata["set_limits"]))
        held = inside[np.arange(len(true)), true].mean()
        size = inside.sum(axis=1).mean()
        print(f"{name:<12} sets of {share:.0%} hold {held:.1%} of {len(true)}, {size:.2f} classes a set")


def tell_unknown(result, test: Path, others) -> None:
    """How well what was never learned is told from the test split, by the distance and by the surest probability."""
    predictor = tlkit.load_model(result.model)
    own = predictor.predict([test])
    print(f"{'test split':<12} {np.mean([not each.known for each in own]):.1%} unknown")
    for name, examples in others.items():
        found = predictor.predict(examples)
        positive = np.repeat([[0], [1]], [len(own), len(found)], axis=0)
        every = [*own, *found]
        distance, doubt = (np.array([[value(each)] for each in every]) for value in
                           (lambda each: each.unknown, lambda each: -each.probability))  # fmt: skip
        areas = (
            f"AUROC {roc_auc(positive, distance)[0]:.3f} by distance, {roc_auc(positive, doubt)[0]:.3f} by probability"
        )
        print(f"{name:<12} {np.mean([not each.known for each in found]):.1%} unknown, {areas}")


def main() -> None:
    """Train both and print the figures."""
    photographs = dataset("cats_vs_dogs")
    with tempfile.TemporaryDirectory() as folder:
        desk = Path(folder)
        cats_and_dogs.draw(desk / "drawn", on_picture=lambda index: None)
        results = {"photographs": trained(photographs, desk), "drawn": trained(desk / "drawn", desk)}
        for name, result in results.items():
            tell_calibration(name, result)
            tell_sets(name, result)
        (_, _), (clothes, _) = fashion.load(str(dataset("fashion_mnist")))
        rgb = [np.repeat(each[..., None], 3, axis=-1) for each in clothes[:_OTHERS]]
        side = tlkit.load_model(results["photographs"].model).metadata["input_shape"][:2]
        others = {"Fashion": [np.asarray(Image.fromarray(each).resize(side)) for each in rgb],
                  "drawn": sorted((desk / "drawn").rglob("*.*"))[:_OTHERS]}  # fmt: skip
        tell_unknown(results["photographs"], photographs / "test", others)


if __name__ == "__main__":
    main()
