"""A fine-tuning run killed ten times in a row, and one on a machine that is taken away every 90 seconds: what is lost?

python bench/going_on.py [--seed 7] [--kills 10] [--every 90] [--only killed|taken]

Both train on photographs of cats and dogs, are begun again by the same command until they are done, and are held
against a run that was left alone: digests of weights and outputs, every metric, every prediction, the weights in the
model file. The first is killed by SIGKILL at random moments of its epochs, from its imports on; the second, which is
longer, is sent SIGTERM. Exit code 1 where anything is different or left behind.
"""

import argparse
import contextlib
import functools
import io
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import torture
from datasets import dataset

RECIPE = """
data: {path: pictures, val: 0.2, test: 0.2}
model: {net: efficientnet-lite0, head: {dropout: 0.2}}
train:
  batch_size: 32
  early_stopping: {patience: 100}
  phases: [{epochs: 2, learning_rate: 0.003}, {unfreeze: 4, epochs: EPOCHS, learning_rate: 0.0003}]
track: {system_metrics: false}
"""
EPOCH = re.compile(r'\["train/loss", [^,]+, (\d+),')  # in a journal
SHARE = "select key, value from metrics where key in ('seconds/checkpoints', 'seconds/total')"
HEADER = """\
| run | cuts | equal to the bit | left alone | with all cuts | signal to end | states | share of the time |
|---|---|---|---|---|---|---|---|"""


class Attempts:
    """A run that is begun until it is done, and what that took."""

    def __init__(self, home: Path, form: torture.Form) -> None:
        self.project, self.cuts, self.epochs = torture.Project(home, form), 0, 0
        self.seconds = self.cpu = self.longest_end = 0.0
        self.first = 0.0  # seconds until the first epoch was done
        self.states: set[int] = set()  # when each was written

    def begin(self, until: Callable[[float], bool] = lambda seconds: False, number: int = signal.SIGKILL) -> bool:
        """Try once, up to a moment; whether the run came to its end."""
        begun, spent, process = time.monotonic(), cpu_seconds(), self.project.begin()
        while process.poll() is None and not until(time.monotonic() - begun):
            self._look(time.monotonic() - begun)
            time.sleep(0.02)
        if process.poll() is None:
            sent = time.monotonic()
            process.send_signal(number)
            process.wait(torture.DEADLINE)
            self.cuts, self.longest_end = self.cuts + 1, max(self.longest_end, time.monotonic() - sent)
        self.seconds, self.cpu = self.seconds + time.monotonic() - begun, self.cpu + cpu_seconds() - spent
        if process.returncode not in (0, -number, 128 + number):
            sys.exit(f"exit code {process.returncode}: {torture.said(process)}")
        return process.returncode == 0

    def _look(self, seconds: float) -> None:
        for each in self.project.folder.glob("mlruns/unfinished/*/state.npz"):
            with contextlib.suppress(OSError):
                self.states.add(each.stat().st_mtime_ns)
        for each in self.project.folder.glob("mlruns/pending/*/journal.jsonl"):
            self.epochs = max([self.epochs, *map(int, EPOCH.findall(torture.read(each)))])
        self.first = self.first or seconds * (self.epochs > 0)


def cpu_seconds() -> float:
    """Of all processes that were begun here and have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def photographs(folder: Path, *, count: int) -> None:
    """Some of each class."""
    for name in ("cats", "dogs"):
        (folder / name).mkdir(parents=True)
        for file in sorted((dataset("cats_vs_dogs") / "train" / name).iterdir())[:count]:
            shutil.copy2(file, folder / name)


def form(epochs: int, count: int) -> torture.Form:
    """A fine-tuning run of so many epochs."""
    recipe = RECIPE.replace("EPOCHS", str(epochs))
    return torture.Form(recipe, pictures=functools.partial(photographs, count=count))


def kill(attempts: Attempts, alone: Attempts, given: argparse.Namespace) -> None:
    """Kills at random moments of the whole run: in the imports of a try if that many epochs are done already."""
    draw, each = random.Random(given.seed), (alone.seconds - alone.first) / alone.epochs
    for moment in sorted(draw.uniform(0, alone.epochs - 1) for _ in range(given.kills)):
        attempts.begin(Moment(attempts, moment, each, alone.first))
    attempts.begin()


class Moment:
    """So many epochs and a part of one."""

    def __init__(self, attempts: Attempts, moment: float, each: float, first: float) -> None:
        whole = int(moment)
        self._attempts, self._whole, self._since = attempts, whole, 0.0 if attempts.epochs >= whole else None
        self._wait = (moment - whole) * (each + first * (self._since is not None))

    def __call__(self, seconds: float) -> bool:
        if self._since is None and self._attempts.epochs >= self._whole:
            self._since = seconds
        return self._since is not None and seconds - self._since >= self._wait


def take_away(attempts: Attempts, alone: Attempts, given: argparse.Namespace) -> None:
    """SIGTERM after so many seconds of each try."""
    while not attempts.begin(lambda seconds: seconds >= given.every, signal.SIGTERM):
        pass


def differences(mine: torture.Project, whole: torture.Project) -> list[str]:
    """What is not as in a run that was left alone, and what is left behind."""
    verdict = torture.Verdict(different=torture.compare(torture.outcome(mine), torture.outcome(whole)))
    torture.gone(mine, verdict)
    for what in (weights, predictions):
        verdict.different += [what.__name__] * (what(mine) != what(whole))
    return verdict.different + verdict.litter + sorted(mine.remains() ^ whole.remains())


def weights(project: torture.Project) -> list[dict[str, bytes]]:
    """All arrays in a model file by their places, be it in the run's folder or in that of MLflow's model."""
    return [arrays(zipfile.Path(each, "model.weights.h5").read_bytes()) for each in project.folder.rglob("model.keras")]


def arrays(content: bytes) -> dict[str, bytes]:
    """Those of an HDF5 file, which holds times as well."""
    found = {}
    with h5py.File(io.BytesIO(content)) as file:
        file.visititems(lambda place, each: found.update({place: each[()].tobytes()} if hasattr(each, "dtype") else {}))
    return found


def predictions(project: torture.Project) -> set[bytes]:
    """Every test example's probabilities, to the last digit."""
    return {each.read_bytes() for each in project.folder.rglob("predictions.csv")}


def row(title: str, cut: Callable, one: torture.Form, given: argparse.Namespace, home: Path) -> tuple[str, list[str]]:
    """A line of the table, and what is different."""
    alone, mine = Attempts(home / "alone", one), Attempts(home / "mine", one)
    alone.begin()
    cut(mine, alone, given)
    with contextlib.closing(sqlite3.connect(alone.project.folder / "mlruns" / "mlflow.db")) as store:
        told = dict(store.execute(SHARE).fetchall())
    found, cost = differences(mine.project, alone.project), told["seconds/checkpoints"]
    times = [f"{each.seconds:.0f} s, {each.cpu:.0f} CPU-s" for each in (alone, mine)]
    share = f"{cost:.1f} s, {cost / told['seconds/total']:.2%}"
    states = f"{len(alone.states)} in {alone.epochs} epochs | {share}"
    equal = "no" if found else "yes"
    return f"| {title} | {mine.cuts} | {equal} | {times[0]} | {times[1]} | {mine.longest_end:.1f} s | {states} |", found


RUNS = {
    "killed": ("12 epochs fine-tuned, SIGKILL at random moments", kill, form(12, 250)),
    "taken": ("48 epochs fine-tuned, SIGTERM every {every:.0f} s", take_away, form(48, 500)),
}


def main() -> None:
    """A table of both, or of one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7, help="of the moments")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--every", type=float, default=90, help="seconds")
    parser.add_argument("--only", choices=RUNS)
    given = parser.parse_args()
    print(HEADER, flush=True)
    different = [each for name in RUNS if given.only in (None, name) for each in shown(name, given)]
    print(f"\nSeed {given.seed}, a load of {os.getloadavg()[2]:.1f} on {os.cpu_count()} cores.")
    for each in different:
        print(f"different: {each}")
    sys.exit(bool(different))


def shown(name: str, given: argparse.Namespace) -> list[str]:
    """One of the two runs, in a folder that is gone afterwards: its row is printed; what is different."""
    title, cut, one = RUNS[name]
    with tempfile.TemporaryDirectory(prefix="going-on-") as home:
        line, found = row(title.format(every=given.every), cut, one, given, Path(home))
    print(line, flush=True)
    return found


if __name__ == "__main__":
    main()
