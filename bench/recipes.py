"""Every recipe under recipes/, run one after the other: what it shows, test score, the score it promises, seconds.

python bench/recipes.py [PART_OF_A_NAME...]     a recipe whose data is neither there nor drawn is skipped, by name
"""

import json
import math
import re
import subprocess
import sys
import time
from pathlib import Path

from datasets import ROOT

from tlkit.data.sources import has_content, will_be_filled
from tlkit.recipe.loading import load_recipe

SCORES = ("test/accuracy", "test/macro_f1", "test/mae")


def missing(recipe: Path) -> str | None:
    """What data a recipe lacks here: only samples count as at hand, not what would be fetched."""
    data = load_recipe(recipe).data
    if data.path is None or (ROOT / data.path).is_file() or has_content(ROOT / data.path):
        return None
    return None if data.sample and will_be_filled(data) and not data.fetch else data.path


def linked(recipe: Path) -> str:
    """Its name, and where it lies as seen from docs/."""
    inside = recipe.relative_to(ROOT / "recipes")
    return f"[{inside.with_suffix('').as_posix()}](../recipes/{inside.as_posix()})"


def shown(recipe: Path) -> str:
    """What a recipe says of itself in its first line."""
    return recipe.read_text().splitlines()[0].removeprefix("# ").rstrip(".")


def promised(recipe: Path) -> tuple[float, float] | None:
    """The range of scores that a recipe's two opening lines speak of, None where they name no numbers."""
    opening = " ".join(recipe.read_text().splitlines()[:2])
    found = re.search(r"Expect (\d[\d.]*) to (\d(?:\.\d+)?)", opening)
    return (float(found[1]), float(found[2])) if found else None


def run(recipe: Path) -> tuple[float, str, float]:
    """Score, its metric's name, seconds of the process; a run that failed has NaN and what it said as the name."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "tlkit", "run", str(recipe), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["nothing said"]
        return math.nan, f"failed with {done.returncode}: {said[-1]}", seconds
    metrics = json.loads(done.stdout.strip().splitlines()[-1])["metrics"]
    name = next(each for each in SCORES if each in metrics)
    return metrics[name], name.removeprefix("test/"), seconds


def row(recipe: Path) -> tuple[str, bool]:
    """A recipe's line of the table, and whether all is well with it."""
    lacking, between = missing(recipe), promised(recipe)
    if lacking:
        return f"skipped: {lacking} is not there | | |", True
    score, name, seconds = run(recipe)
    said = f"{between[0]:g} to {between[1]:g}" if between else ""
    if math.isnan(score):
        return f"{name} | {said} | {seconds:.0f}", False
    kept = between is None or between[0] <= round(score, 3) <= between[1]
    return f"{score:.4f} {name} | {said}{'' if kept else ': not kept'} | {seconds:.0f}", kept


def main() -> int:
    """Print the table; 1 if a recipe failed or scored outside the range it promises."""
    recipes = sorted((ROOT / "recipes").rglob("*.yaml"))
    wanted = [each for each in recipes if not sys.argv[1:] or any(part in str(each) for part in sys.argv[1:])]
    well = True
    print("| recipe | what it shows | score | promised | seconds |\n|---|---|---|---|---|", flush=True)
    for recipe in wanted:
        line, kept = row(recipe)
        well = well and kept
        print(f"| {linked(recipe)} | {shown(recipe)} | {line} |", flush=True)
    return int(not well)


if __name__ == "__main__":
    sys.exit(main())
