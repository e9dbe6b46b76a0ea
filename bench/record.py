"""What recording costs: 50 short epochs of the same training, with nothing recorded and with everything.

    python bench/record.py [--rounds 5] [--cold]

Both ways run in turn in one process, after one round that does not count. "Recorded" is what `tlkit run` does in each
epoch: the journal, the sender process with its samples of the machine, the meters of energy. The sender's start, which
is mostly the import of MLflow, is told apart: a run starts it before its data are read and Keras is imported, so that
it is over when training begins. `--cold` trains while it starts. The wait for it at the end comes once as well.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import keras
import numpy as np

from tlkit import tracking
from tlkit.tasks.task import task_of
from tlkit.training.batches import Batches
from tlkit.training.fitting import fit_phase
from tlkit.training.meters import UsageMeters
from tlkit.training.phase import PhasePlan

EPOCHS, EXAMPLES, FEATURES, LIMIT = 50, 4000, 1280, 0.03


class Rows:
    """Examples in memory, as frozen features are."""

    def __init__(self, count: int, seed: int) -> None:
        self.values = np.random.default_rng(seed).normal(size=(count, FEATURES)).astype(np.float32)

    def __len__(self) -> int:
        return len(self.values)

    def load(self, places: np.ndarray) -> np.ndarray:
        return self.values[places]


def train(on_epoch) -> float:
    """Seconds of 50 epochs of a small head."""
    keras.utils.set_random_seed(7)
    inputs = keras.Input((FEATURES,))
    hidden = keras.layers.Dense(256, activation="relu")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(hidden))
    targets = np.eye(2, dtype=np.float32)[np.random.default_rng(0).integers(0, 2, EXAMPLES)]
    train, val = (Batches(Rows(EXAMPLES, seed), targets, batch_size=32, seed=7) for seed in (1, 2))
    plan = PhasePlan("none", EPOCHS, 32, 1e-3)
    begun = time.perf_counter()
    fit_phase(model, train, val, plan, task=task_of("label"), on_epoch=on_epoch, steps_per_execution=64)
    return time.perf_counter() - begun


def recorded(cold: bool) -> tuple[float, float, float]:
    """Seconds of the sender's start (0 if training does not wait for it), of training, and of the wait at the end."""
    with tempfile.TemporaryDirectory() as folder:
        opened = time.perf_counter()
        meters = UsageMeters()
        with tracking.start(name="bench", experiment="bench", params={}, tags={}, root=Path(folder)) as tracker:
            if not cold:
                assert tracker.run_id
            begun = opened if cold else time.perf_counter()
            train(meters.reading(tracker.log_metrics))
            trained = time.perf_counter()
            tracker.finish()
        return begun - opened, trained - begun, time.perf_counter() - trained


def main() -> None:
    """Print each round, and the overhead in the middle of them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cold", action="store_true", help="train while the sender starts")
    given = parser.parse_args()
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    train(lambda metrics, step: None)
    print(f"seconds of {EPOCHS} epochs")
    print("| nothing recorded | all recorded | overhead | start | wait at the end |\n|---|---|---|---|---|", flush=True)
    shares = []
    for _ in range(given.rounds):
        bare, (start, kept, wait) = train(lambda metrics, step: None), recorded(given.cold)
        shares.append(kept / bare - 1)
        print(f"| {bare:.2f} | {kept:.2f} | {shares[-1]:.1%} | {start:.2f} | {wait:.2f} |", flush=True)
    share = statistics.median(shares)
    print(f"overhead, median of {given.rounds} rounds: {share:.1%}")
    if share > LIMIT:
        raise SystemExit(f"more than {LIMIT:.0%}")


if __name__ == "__main__":
    main()
