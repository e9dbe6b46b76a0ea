"""The `cnn` net from scratch on Fashion-MNIST: tlkit against the plain Keras script, in turn.

python bench/scratch.py [--rounds 3] [--epochs 3]
"""

import argparse
import json
import statistics
import subprocess
import sys

from datasets import ROOT, dataset


def one(script: str, epochs: int) -> dict:
    """The JSON that a script prints in its last line."""
    command = [sys.executable, str(ROOT / "bench" / script), str(dataset("fashion_mnist")), str(epochs)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    """Print the table and the ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=3)
    options = parser.parse_args()
    rounds = [
        (one("plain_scratch.py", options.epochs), one("tlkit_scratch.py", options.epochs))
        for _ in range(options.rounds)
    ]
    print("| | images/s in training, median | test accuracy |\n|---|---|---|")
    for index, title in enumerate(("plain Keras script", f"tlkit ({rounds[0][1]['precision']})")):
        rate = statistics.median(each[index]["rate"] for each in rounds)
        print(f"| {title} | {rate:.0f} | {statistics.median(each[index]['accuracy'] for each in rounds):.4f} |")
    print(f"ratio {statistics.median(mine['rate'] / plain['rate'] for plain, mine in rounds):.2f}")


if __name__ == "__main__":
    main()
