"""Every recipe under recipes/, run one after the other: a table of recipe, test score and seconds.

python bench/recipes.py [PART_OF_A_NAME...]     a recipe whose data is neither there nor drawn is skipped, by name
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from datasets import ROOT

from tlkit.data.loading import has_content, will_be_filled
from tlkit.recipe.loading import load_recipe

SCORES = ("test/accuracy", "test/macro_f1", "test/mae")


def missing(recipe: Path) -> str | None:
    """What data a recipe lacks here: only samples count as at hand, not what would be fetched."""
    data = load_recipe(recipe).data
    if data.path is None or (ROOT / data.path).is_file() or has_content(ROOT / data.path):
        return None
    return None if data.sample and will_be_filled(data) and not data.fetch else data.path


def run(recipe: Path) -> tuple[str, float]:
    """Score and seconds of the whole process."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "tlkit", "run", str(recipe), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["nothing said"]
        return f"failed with {done.returncode}: {said[-1]}", seconds
    metrics = json.loads(done.stdout.strip().splitlines()[-1])["metrics"]
    name = next(each for each in SCORES if each in metrics)
    return f"{metrics[name]:.4f} {name.removeprefix('test/')}", seconds


def main() -> int:
    """Print the table; 1 if a recipe failed."""
    recipes = sorted((ROOT / "recipes").rglob("*.yaml"))
    wanted = [each for each in recipes if not sys.argv[1:] or any(part in str(each) for part in sys.argv[1:])]
    failed = False
    print("| recipe | score | seconds |\n|---|---|---|", flush=True)
    for recipe in wanted:
        lacking = missing(recipe)
        score, seconds = (f"skipped: {lacking} is not there", 0.0) if lacking else run(recipe)
        failed = failed or score.startswith("failed")
        print(f"| {recipe.relative_to(ROOT)} | {score} | {seconds:.0f} |", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
