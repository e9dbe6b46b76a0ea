"""What thresholds chosen on validation gain over 0.5 in macro F1, on test splits, over several seeds.

python bench/thresholds.py [--seeds 5]
"""

import argparse
import os
import statistics
import tempfile

import numpy as np
import pandas as pd
from datasets import dataset
from PIL import Image

import tlkit

STREET = ["sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "pedestrian", "bicyclist"]
_MOSAICS = 1500


def streets(_: int) -> tlkit.Splits:
    """CamVid: what takes up at least a hundredth of a picture of a street; the parts are the data's own."""
    rows = []
    for mask in sorted(dataset("camvid").resolve().glob("*/masks/*.png")):
        pixels = np.asarray(Image.open(mask))
        shares = np.bincount(pixels.ravel(), minlength=12)[: len(STREET)] / pixels.size
        part = mask.parent.parent
        rows.append([part / "images" / f"{mask.stem}.jpg", part.name, *(shares >= 0.01).astype(int)])
    frame = pd.DataFrame(rows, columns=["path", "part", *STREET])
    return tlkit.Splits.from_frame(frame, label=STREET, split="part", root="/", near_copies="apart")


def clothes(seed: int) -> tlkit.Splits:
    """Mosaics of up to four clothes of Fashion-MNIST, some kinds ten times as rare as others."""
    from tlkit.kinds.image.idx import idx

    whole, draw = idx(dataset("fashion_mnist").resolve()).test, np.random.default_rng(seed)
    chances = np.geomspace(10, 1, 10)[whole.targets]
    picks = draw.choice(len(whole), (_MOSAICS, 4), p=chances / chances.sum())
    filled = draw.random((_MOSAICS, 4)) < 0.6
    pixels = np.asarray(whole.items).reshape(-1, 28, 28)[picks] * filled[..., None, None]
    pictures = pixels.reshape(-1, 2, 2, 28, 28).transpose(0, 1, 3, 2, 4).reshape(-1, 56, 56, 1)
    flags = np.zeros((_MOSAICS, 10), np.float32)
    np.maximum.at(flags, (np.arange(_MOSAICS)[:, None], whole.targets[picks]), filled.astype(np.float32))
    return tlkit.Splits.from_arrays(pictures.astype(np.uint8), flags, val=0.2, test=0.4, seed=seed, near_copies="apart")


def scores(splits: tlkit.Splits, seed: int) -> tuple[float, float]:
    """Macro F1 with 0.5 and with the thresholds that were chosen, of one and the same model."""
    trained = tlkit.fit(tlkit.build("efficientnet-lite0", splits.info), splits, seed=seed)
    evaluation = tlkit.evaluate(trained, splits.test)
    return _macro_f1(evaluation), evaluation.metrics["macro_f1"]


def _macro_f1(evaluation) -> float:
    from tlkit.tasks.scoring import score

    outputs, names = evaluation.outputs, evaluation.info.class_names
    return score("labels", evaluation.examples.targets, outputs, names).metrics["macro_f1"]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=5)
    seeds = range(options.parse_args().seeds)
    os.chdir(tempfile.mkdtemp())
    for make in (streets, clothes):
        found = np.array([scores(make(seed), seed) for seed in seeds])
        half, chosen = found.mean(axis=0)
        error = statistics.stdev(np.diff(found)[:, 0]) / len(found) ** 0.5
        print(
            f"{make.__name__:<8} 0.5: {half:.3f}  chosen: {chosen:.3f}  gain {chosen - half:+.3f} ± {error:.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
