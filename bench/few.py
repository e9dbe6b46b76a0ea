"""Few examples a class: tlkit's recipes as they stand against a logistic probe on the same frozen features.

python bench/few.py [--draws 5] [--counts 10 50]

A draw takes so many pictures a class out of the training part, and tlkit takes validation out of them; the probe, its
strength chosen by cross-validation, learns from all of them. Both are scored on the same test pictures, which nothing
was chosen by: settings were chosen on other draws of the training part.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import fashion
import numpy as np
from datasets import ROOT, dataset
from PIL import Image

RECIPES = {  # as users have them: what a page without any field of training says, and the one that is copied most
    "defaults": "",
    "as cats.yaml": "{epochs: 20, batch_size: 64, learning_rate: 0.003, early_stopping: {patience: 4}}",
}
AS_WRITTEN = "train.few_examples=as_written"
_CLOTHES = (200, 60)  # of Fashion-MNIST, a class


def photographs(_: Path):
    """Files by part and class of the photographs of cats and dogs."""
    root = dataset("cats_vs_dogs")
    return {part: {each.name: sorted(each.iterdir()) for each in (root / part).iterdir()} for part in ("train", "test")}


def clothes(folder: Path):
    """Files by part and class of Fashion-MNIST, 200 and 60 a class, as pictures of 28 pixels."""
    files: dict[str, dict[str, list[Path]]] = {"train": {}, "test": {}}
    loaded = fashion.load(str(dataset("fashion_mnist")))
    for part, (pictures, labels), count in zip(files, loaded, _CLOTHES, strict=True):
        for label in range(10):
            home = folder / "all" / part / str(label)
            home.mkdir(parents=True)
            places = np.flatnonzero(labels == label)[:count]
            files[part][str(label)] = [home / f"{place}.png" for place in places]
            for place in places:
                Image.fromarray(pictures[place]).save(home / f"{place}.png")
    return files


SETS = {"photographs of cats and dogs": photographs, "Fashion-MNIST": clothes}


def drawn(files, count: int, seed: int, folder: Path) -> Path:
    """A folder of links: `count` pictures a class to learn from, and the test pictures."""
    rng = np.random.default_rng([seed, count])
    for name, every in files["train"].items():
        chosen = [every[place] for place in rng.permutation(len(every))[:count]]
        for part, pictures in (("train", chosen), ("test", files["test"][name])):
            home = folder / part / name
            home.mkdir(parents=True)
            for each in pictures:
                (home / each.name).symlink_to(each)
    return folder


def tlkit(data: Path, train: str, *settings: str) -> float:
    """The test accuracy of a run."""
    page = data.parent / "few.yaml"
    page.write_text(f"name: few\ndata: {{path: {data}, near_copies: apart}}\n" + (f"train: {train}\n" if train else ""))
    chosen = [part for each in settings for part in ("--set", each)]
    command = [sys.executable, "-m", "tlkit", "run", str(page), "--json", *chosen]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=data.parent, env=_environment())
    return json.loads(said.stdout.splitlines()[-1])["metrics"]["test/accuracy"]


def probe(data: Path) -> float:
    """The test accuracy of logistic regression on the pooled features of all pictures to learn from."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, StratifiedKFold

    parts = {part: sorted((data / part).glob("*/*")) for part in ("train", "test")}
    inputs = {part: np.stack([features(each.resolve()) for each in every]) for part, every in parts.items()}
    labels = {part: [each.parent.name for each in every] for part, every in parts.items()}
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    search = GridSearchCV(LogisticRegression(max_iter=5000), {"C": [0.001, 0.01, 0.1, 1.0, 10.0]}, cv=folds)
    return search.fit(inputs["train"], labels["train"]).score(inputs["test"], labels["test"])


@cache
def features(path: Path) -> np.ndarray:
    """A picture's pooled features, in float32 by Keras."""
    from tlkit.kinds.image.pictures import read_picture

    pixels = read_picture(str(path), size=(224, 224), channels=3)
    return np.asarray(_front().predict_on_batch(pixels[None]))[0]


@cache
def _front():
    import keras

    from tlkit.model.building import BackboneSpec, build_backbone

    preprocessing, backbone = build_backbone(BackboneSpec("efficientnet-lite0", "imagenet", (224, 224, 3)))
    outputs = keras.layers.GlobalAveragePooling2D()(backbone(preprocessing.outputs[0]))
    return keras.Model(preprocessing.inputs, outputs)


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT)}


def main() -> None:
    """Draw, run and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--draws", type=int, default=5)
    options.add_argument("--counts", type=int, nargs="+", default=[10, 50])
    given = options.parse_args()
    print(
        "| data | pictures a class | recipe | as written | tlkit | logistic probe |\n|---|---|---|---|---|---|",
        flush=True,
    )
    for name, load in SETS.items():
        with tempfile.TemporaryDirectory() as scratch:
            files = load(Path(scratch))
            for count in given.counts:
                draws = [
                    drawn(files, count, seed, Path(scratch) / f"{count}-{seed}" / "data") for seed in range(given.draws)
                ]
                probed = shown([probe(each) for each in draws])
                for recipe, train in RECIPES.items():
                    before = shown([tlkit(each, train, AS_WRITTEN) for each in draws])
                    after = shown([tlkit(each, train) for each in draws])
                    print(f"| {name} | {count} | {recipe} | {before} | {after} | {probed} |", flush=True)


def shown(scores: list[float]) -> str:
    """Mean and standard error in percent."""
    error = statistics.stdev(scores) / len(scores) ** 0.5 if len(scores) > 1 else 0.0
    return f"{100 * statistics.fmean(scores):.1f} ± {100 * error:.1f}"


if __name__ == "__main__":
    main()
