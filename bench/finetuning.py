"""Fine-tuning against its own probe, and what each part of it is worth: draws of training parts, scored on the rest.

python bench/finetuning.py [--draws 2] [--sets clothes animals objects] [--rows probe ...] [--pixels 224] [--each 200]

Nothing here looks at a test split. Pictures are small unless told, so that probes are weak and a row takes seconds.
"""

import argparse
import statistics
import time
from pathlib import Path

import fashion
import numpy as np
from datasets import dataset
from PIL import Image

import tlkit
from tlkit.recipe.finetuning import expanded

_MEASURED = 600  # examples that a row is scored on


def clothes(pixels: int):
    """Fashion-MNIST, the first 3,000 of its training part."""
    (pictures, labels), _ = fashion.load(str(dataset("fashion_mnist")))
    return np.stack([_resized(Image.fromarray(each), pixels) for each in pictures[:3000]]), labels[:3000].astype(int)


def animals(pixels: int):
    """The training part of the photographs of cats and dogs."""
    files = sorted((dataset("cats_vs_dogs") / "train").glob("*/*"))
    return _read(files, lambda file: file.parent.name == "dogs", pixels)


def objects(pixels: int):
    """COIL-20 turned by up to half a circle."""
    files = [each for each in sorted(dataset("coil20").glob("*.png")) if int(each.stem.partition("__")[2]) < 36]
    return _read(files, lambda file: int(file.stem.removeprefix("obj").partition("__")[0]) - 1, pixels)


def _read(files: list[Path], label, pixels: int):
    labels = np.array([int(label(each)) for each in files])
    return np.stack([_resized(Image.open(each), pixels) for each in files]), labels


def _resized(picture: Image.Image, pixels: int):
    return np.asarray(picture.convert("RGB").resize((pixels, pixels), Image.Resampling.BILINEAR))


SETS = {"clothes": (clothes, 60), "animals": (animals, 250), "objects": (objects, 4)}  # with examples a class
PLAIN = expanded({"train": "finetune"})
STEPS, (PROBE, TUNED, AGAIN) = PLAIN["augment"]["steps"], PLAIN["train"]["phases"]


def row(augment=STEPS, **changes):
    """The default with changes of its second phase, which is always begun and always kept."""
    return {"augment": augment, "phases": [PROBE, {**TUNED, "keep": "last", "skip_above": None, **changes}]}


TODAY = {"unfreeze": 4, "epochs": 10, "learning_rate": 3e-4}
ROWS = {
    "probe": {"phases": [{"solver": "exact"}]},
    "head by steps, then blocks": {"phases": [{}, TODAY], "early_stopping": {"patience": 5}, "keep": "best"},
    "finetune": {"augment": STEPS, "phases": [PROBE, TUNED, AGAIN]},
    "always": row(),
    "soup of 3": {**row(), "soup": 3},
    "no views": row(augment=[]),
    "no flip": row(augment=STEPS[1:]),
    "rate 3e-5": row(learning_rate=3e-5),
    "rate 3e-4": row(learning_rate=3e-4),
    "rate 1e-3": row(learning_rate=1e-3),
    "2 blocks": row(unfreeze=2),
    "8 blocks": row(unfreeze=8),
    "6 epochs": row(epochs=6),
    "30 epochs": row(epochs=30),
    "layer_decay 0.7": row(layer_decay=0.7),
    "l2_sp 1": row(l2_sp=1.0),
    "batch_norm frozen": row(batch_norm="frozen"),
    "mixup 0.2": row(augment=[*STEPS, {"mixup": 0.2}]),
    "cutmix": row(augment=[*STEPS, {"cutmix": 1.0}]),
    "average 0.98": row(optimizer={"average": 0.98}),
    "accumulate 4": row(optimizer={"accumulate": 4}),
    "clip_norm 1": row(optimizer={"clip_norm": 1.0}),
    "adamw 0.05": row(optimizer={"name": "adamw", "weight_decay": 0.05}),
}


def drawn(pictures, labels, count: int, seed: int) -> tlkit.Splits:
    """So many pictures a class to learn from, validation among them, and others to be scored on."""
    rng = np.random.default_rng(seed)
    every = [rng.permutation(np.flatnonzero(labels == label)) for label in np.unique(labels)]
    learned = rng.permutation(np.concatenate([each[:count] for each in every]))
    rest = rng.permutation(np.concatenate([each[count:] for each in every]))[:_MEASURED]
    others = pictures[rest], labels[rest]
    return tlkit.Splits.from_arrays(
        pictures[learned], labels[learned], test_data=others, near_copies="apart", seed=seed
    )


def scores(splits: tlkit.Splits, given) -> tuple[float, float, bool]:
    """Accuracy and log loss on what was not learned from, and whether the last phase was taken."""
    options = {"early_stopping": None, "keep": "last", "few_examples": "as_written", "soup": 1, **given}
    phases = [
        tlkit.Phase(**{key: value for key, value in each.items() if value is not None})
        for each in options.pop("phases")
    ]
    seeds = range(options.pop("soup"))
    parts = tlkit.build("efficientnet-lite0", splits.info)
    every = [tlkit.fit(parts, splits, phases, seed=seed, **options) for seed in seeds]
    trained, targets = every[0], splits.test.targets
    outputs = tlkit.evaluate(trained).outputs if len(every) == 1 else _soup(every).predict(splits.test.items, verbose=0)
    said = np.maximum(outputs[np.arange(len(targets)), targets], 1e-7)
    taken = trained.phases[-1].kept is not None  # the second phase, or the third that follows it
    return float((outputs.argmax(1) == targets).mean()), float(-np.log(said).mean()), taken


def _soup(every):
    """The first model, with the mean of all their weights."""
    model = every[0].model
    weights = zip(*(each.model.get_weights() for each in every), strict=True)
    model.set_weights([np.mean(each, axis=0) for each in weights])
    return model


def main() -> None:
    """Draw, train and print a line for each row of each set."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--draws", type=int, default=2)
    options.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    options.add_argument("--rows", nargs="+", default=list(ROWS), choices=ROWS)
    options.add_argument("--pixels", type=int, default=96)
    options.add_argument("--each", type=int, help="examples a class, in place of the set's own number")
    given = options.parse_args()
    print("| set | row | accuracy | log loss | taken | seconds a draw |\n|---|---|---|---|---|---|", flush=True)
    for name in given.sets:
        load, count = SETS[name]
        pictures, labels = load(given.pixels)
        draws = [drawn(pictures, labels, given.each or count, seed) for seed in range(given.draws)]
        for title in given.rows:
            begun = time.monotonic()
            accuracies, losses, taken = zip(*(scores(each, ROWS[title]) for each in draws), strict=True)
            seconds = (time.monotonic() - begun) / len(draws)
            means = f"{100 * statistics.fmean(accuracies):.1f} | {statistics.fmean(losses):.3f}"
            print(f"| {name} | {title} | {means} | {sum(taken)} of {len(taken)} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
