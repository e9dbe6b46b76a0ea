"""tlkit against the plain Keras script on the same frozen backbone and photographs: whole processes, in turn.

python bench/frozen.py [--rounds 3]
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from datasets import ROOT, dataset

RECIPE = ROOT / "recipes" / "cats.yaml"


def timed(command: list[str], folder: Path, env: dict[str, str]) -> tuple[float, dict]:
    """Seconds of a whole process, and the JSON in its last line."""
    begun = time.monotonic()
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    seconds = time.monotonic() - begun
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    return seconds, json.loads(done.stdout.strip().splitlines()[-1])


def one_round(photographs: Path) -> dict[str, tuple[float, dict]]:
    """The plain script, a first run of tlkit with nothing at hand, and a second with its features cached."""
    folder = Path(tempfile.mkdtemp())
    env = {**os.environ, "TLKIT_CACHE": str(folder / "cache"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    env.pop("MLFLOW_TRACKING_URI", None)
    tlkit = [sys.executable, "-m", "tlkit", "run", str(RECIPE), "--json", "--set", f"data.path={photographs}"]
    plain = [sys.executable, str(ROOT / "bench" / "plain_frozen.py"), str(photographs), str(folder / "plain.keras")]
    try:
        return {
            "plain": timed(plain, folder, env),
            "first": timed(tlkit, folder, env),
            "second": timed(tlkit, folder, env),
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Print the table and the ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    photographs = dataset("cats_vs_dogs")
    rounds = [one_round(photographs) for _ in range(parser.parse_args().rounds)]
    print("| | seconds, median (least to most) | times faster | test accuracy |\n|---|---|---|---|")
    for name, title in (
        ("plain", "plain Keras script"),
        ("first", "tlkit, first run"),
        ("second", "tlkit, second run"),
    ):
        seconds = [each[name][0] for each in rounds]
        ratio = statistics.median(each["plain"][0] / each[name][0] for each in rounds)
        result = rounds[-1][name][1]
        accuracy = result.get("accuracy") or result["metrics"]["test/accuracy"]
        spread = f"{statistics.median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f})"
        print(f"| {title} | {spread} | {ratio:.1f} | {accuracy:.3f} |")
    for name in ("first", "second"):
        print(name, json.dumps(rounds[-1][name][1]["seconds"]), rounds[-1][name][1]["images_per_second"])


if __name__ == "__main__":
    main()
