"""Features of photographs, decoded as they are needed, against the same engine fed from memory with nothing to decode.

python bench/extraction.py [--rounds 3]
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "openvino")  # as in the process that computes features

from datasets import ROOT, dataset

import tlkit
from tlkit.data.splits import Examples
from tlkit.engines.engines import OPENVINO_BATCH, openvino_runner
from tlkit.engines.feature_cache import FeatureStore
from tlkit.engines.feature_extraction import extract
from tlkit.engines.frozen_part import FrozenPart
from tlkit.training.planning import setup_of


def from_disk(frozen: FrozenPart, examples: Examples) -> float:
    """Pictures a second of what a run does: read, decoded, resized, computed, written to the cache."""
    told: list = []
    with tempfile.TemporaryDirectory() as folder:
        extract(frozen, examples, FeatureStore(frozen.identity(), Path(folder)), say=told.append)
    return told[-1].stats["images_per_second"]


def from_memory(frozen: FrozenPart, examples: Examples) -> float:
    """Pictures a second of the engine alone, on as many pictures."""
    pictures = examples.load(range(16 * OPENVINO_BATCH))
    run = openvino_runner(frozen)
    begun = time.monotonic()
    count = sum(len(outputs) for _, outputs in run(_again(pictures, len(examples))))
    return count / (time.monotonic() - begun)


def _again(pictures, count: int) -> Iterator[tuple[list[str], object]]:
    for start in range(0, count, OPENVINO_BATCH):
        place = start % len(pictures)
        yield [""] * OPENVINO_BATCH, pictures[place : place + OPENVINO_BATCH]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    recipe = tlkit.load_recipe(ROOT / "recipes" / "cats.yaml", [f"data.path={dataset('cats_vs_dogs')}"])
    splits = tlkit.Splits.from_folder(dataset("cats_vs_dogs"), image_size=224)
    setup = setup_of(recipe, splits)
    if setup.engine != "openvino":
        sys.exit("OpenVINO is not here")
    whole = setup.frozen()
    print("| precision | photographs from disk, a second | engine from memory | share |\n|---|---|---|---|")
    for precision in dict.fromkeys((setup.precision, "float32")):
        frozen = replace(whole, precision=precision)
        pairs = [(from_disk(frozen, splits.train), from_memory(frozen, splits.train)) for _ in range(rounds)]
        disk, memory = (statistics.median(each) for each in zip(*pairs, strict=True))
        share = statistics.median(mine / bare for mine, bare in pairs)
        print(f"| {precision} | {disk:.0f} | {memory:.0f} | {share:.0%} |", flush=True)


if __name__ == "__main__":
    main()
