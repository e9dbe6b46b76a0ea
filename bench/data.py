"""A check of data against plain decoding, its repeat, the search for near-copies, and how long training waits.

python bench/data.py [--count 10000] [--folder DRAWN] [--only check|search|waiting]
"""

import argparse
import os
import resource
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

_FEW = 1000  # pictures to train on


def drawn(folder: Path, count: int) -> list[Path]:
    """`count` pictures of 300 pixels in two classes, as noisy as photographs."""
    rng = np.random.default_rng(0)
    texture = rng.integers(0, 24, (600, 600, 3))
    for index in range(count):
        home = folder / ("left", "right")[index % 2]
        home.mkdir(parents=True, exist_ok=True)
        path = home / f"{index}.jpg"
        if not path.exists():
            rough = Image.fromarray(rng.integers(0, 232, (5, 5, 3), dtype=np.uint8)).resize((300, 300), 3)
            x, y = rng.integers(0, 300, 2)
            pixels = np.asarray(rough, np.int16) + texture[x : x + 300, y : y + 300]
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path, quality=85)
    return sorted(folder.rglob("*.jpg"))


def decode(path: Path) -> int:
    """Read and decode one picture in full."""
    with Image.open(path) as picture:
        return np.asarray(picture).shape[0]


def timed(work) -> float:
    """Seconds that a call takes."""
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def check_times(files: list[Path]) -> dict[str, float]:
    """Decoding on all cores, the first check (files, copies, classes, shortcuts) and the second."""
    os.environ["TLKIT_CACHE"] = tempfile.mkdtemp()
    from tlkit.commands.check_data import check_data
    from tlkit.recipe.schema import Data, Recipe

    home = Path(tempfile.mkdtemp())
    recipe = Recipe(name="bench", data=Data(path=str(files[0].parent.parent), image_size=24), model={"net": "cnn"})
    try:
        with ThreadPoolExecutor() as pool:
            plain = timed(lambda: list(pool.map(decode, files)))
        first = timed(lambda: check_data(recipe, folder=home))
        return {"decode": plain, "first check": first, "second check": timed(lambda: check_data(recipe, folder=home))}
    finally:
        shutil.rmtree(home)
        shutil.rmtree(os.environ["TLKIT_CACHE"])


def search_time(count: int = 100_000) -> tuple[float, float]:
    """Seconds and megabytes for near hashes among many, in a process that has done nothing else."""
    from tlkit.data.duplicates.image_hash import near_hashes

    values = np.random.default_rng(0).integers(0, 2**63, count).astype(np.uint64)
    seconds = timed(lambda: near_hashes(values, mirrored=True))
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def waiting_shares(files: list[Path], *, size: int = 96, epochs: int = 3) -> list[float]:
    """For each epoch, the share of its time for which a small net waits for the next batch of augmented pictures."""
    os.environ["TLKIT_CACHE"] = tempfile.mkdtemp()
    from tlkit.quiet import load_keras

    load_keras()
    from tlkit import Splits
    from tlkit.engines.decoded_cache import kept
    from tlkit.kinds.augment import pipeline
    from tlkit.model.building import assemble, backbone_spec, build_backbone
    from tlkit.model.heads import Head, build_head
    from tlkit.tasks.task import task_of
    from tlkit.training.batches import Batches

    splits = Splits.from_folder(files[0].parent.parent, image_size=size)
    steps = pipeline.build([{"flip": "horizontal"}, {"translation": 0.1}], folder=Path(), kind="image")
    ids = splits.train.ids

    def change(inputs, targets, places, epoch):
        seeds = pipeline.seeds_for([ids[place] for place in places], seed=7, view=epoch + 1)
        return pipeline.as_before(steps.batch(inputs, seeds), inputs.dtype), targets

    batches = Batches(
        kept(splits.train, splits.info), task_of("label").for_loss(splits.train.targets, 2),
        batch_size=32, seed=7, shuffle=True, change=change,
    )  # fmt: skip
    front = build_backbone(backbone_spec("cnn", None, splits.info, {"filters": [32, 64, 128]}, Path()))
    model = assemble(*front, build_head(front[1].output_shape[1:], Head("softmax", 2, pooling="average")))
    model.compile("adam", "categorical_crossentropy")
    model.train_on_batch(*batches[0])
    batches.source = kept(splits.train, splits.info)
    shares = []
    for _ in range(epochs):
        shares.append(waiting_share(model, batches))
        batches.on_epoch_end()
    return shares


def waiting_share(model, batches) -> float:
    """One epoch through tf.data with prefetch, as Keras's fit feeds it."""
    import tensorflow as tf

    kinds = tuple(tf.TensorSpec((None, *each.shape[1:]), each.dtype) for each in batches[0])
    every = lambda: (batches[place] for place in range(len(batches)))  # noqa: E731
    feed = iter(tf.data.Dataset.from_generator(every, output_signature=kinds).prefetch(tf.data.AUTOTUNE))
    waited, begun = 0.0, time.monotonic()
    for _ in range(len(batches)):
        asked = time.monotonic()
        batch = next(feed)
        waited += time.monotonic() - asked
        model.train_on_batch(*batch)
    return waited / (time.monotonic() - begun)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "tlkit-bench-pictures")
    parser.add_argument("--only", choices=["search", "check", "waiting"])
    given = parser.parse_args()
    wanted = [given.only] if given.only else ["search", "check", "waiting"]
    print("| | |\n|---|---|")
    if "search" in wanted:  # first, in a process that has done nothing else
        seconds, megabytes = search_time()
        print(f"| near-copies among 100,000 hashes | {seconds:.1f} s, {megabytes:.0f} MB |", flush=True)
    if "check" in wanted:
        times = check_times(drawn(given.folder, given.count))
        for name, value in times.items():
            print(f"| {name}, {given.count:,} pictures of 300 px | {value:.2f} s |", flush=True)
        print(f"| first check / decoding | {times['first check'] / times['decode']:.2f} |", flush=True)
    if "waiting" in wanted:
        shares = waiting_shares(drawn(given.folder.with_name(f"{given.folder.name}-few"), _FEW))
        told = ", ".join(f"{share:.1%}" for share in shares)
        print(f"| training waits for pictures, epoch by epoch, {_FEW:,} of 300 px at 96 px | {told} |")


if __name__ == "__main__":
    main()
