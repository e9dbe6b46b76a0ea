"""The check of data against plain decoding, its repeat, and the search for near-copies among many.

python bench/data.py [--count 10000] [--folder DRAWN]
"""

import argparse
import os
import resource
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image


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
    from tlkit.recipe.schema import Data, Recipe
    from tlkit.workflows.check_data import check_data

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
    from tlkit.data.fingerprints import near_hashes

    values = np.random.default_rng(0).integers(0, 2**63, count).astype(np.uint64)
    seconds = timed(lambda: near_hashes(values, mirrored=True))
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "tlkit-bench-pictures")
    given = parser.parse_args()
    seconds, megabytes = search_time()
    times = check_times(drawn(given.folder, given.count))
    print("| | seconds |\n|---|---|")
    for name, value in times.items():
        print(f"| {name}, {given.count:,} pictures of 300 px | {value:.2f} |")
    print(f"| near-copies among 100,000 hashes ({megabytes:.0f} MB) | {seconds:.1f} |")
    print(f"first check / decoding: {times['first check'] / times['decode']:.2f}", file=sys.stderr)


if __name__ == "__main__":
    main()
