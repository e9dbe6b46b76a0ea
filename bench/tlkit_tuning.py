"""20 trials of filters, stride and pooling on Fashion-MNIST through tlkit's Python API; prints their values too."""

import json
import sys
from pathlib import Path

from fashion import load

import tlkit

RECIPE = """
name: fashion_search
model: {net: cnn, filters: [16, 32], batch_norm: before}
train: {epochs: 3, batch_size: 64, learning_rate: 0.001, schedule: constant, early_stopping: null}
tune:
  tuner: random
  trials: 20
  seeds: 1
  space:
    model.filters: {choice: [[16, 32], [32, 64], [16, 32, 64], [32, 64, 128]]}
    model.stride: {choice: [1, 2]}
    model.pooling.kind: {choice: [max, average]}
    model.pooling.size: {choice: [2, 3]}
"""


def main() -> None:
    """Search, and say which values were tried."""
    (train_x, train_y), (test_x, test_y) = load(sys.argv[1])
    Path("fashion.yaml").write_text(RECIPE)
    test = (test_x[:500, ..., None], test_y[:500].astype(int))
    pictures, labels = train_x[:10_000, ..., None], train_y[:10_000].astype(int)
    splits = tlkit.Splits.from_arrays(pictures, labels, test_data=test, val=0.1, kind="image")
    found = tlkit.tune(tlkit.load_recipe("fashion.yaml"), splits=splits, root=Path("mlruns"))
    lines = [json.loads(line) for line in (found.folder / "journal.jsonl").read_text().splitlines()]
    print(json.dumps({"best": found.score, "values": [line["values"] for line in lines if "trial" in line]}))


if __name__ == "__main__":
    main()
