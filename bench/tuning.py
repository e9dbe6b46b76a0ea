"""Searches: tlkit against plain keras-tuner on the same values, the overhead of a trial, memory over many trials.

python bench/tuning.py [frozen] [plain] [scratch] [overhead] [memory]
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from datasets import ROOT, dataset

SMALL_SPACE = "{train.learning_rate: {log: [0.0001, 0.1]}, model.head.dropout: {float: [0, 0.6]}}"


def call(command: list[str], folder: Path, watch=None) -> tuple[float, dict]:
    """Seconds of a whole process, and the JSON in its last line; `watch` sees the process every 0.1 s."""
    env = {**os.environ, "TLKIT_CACHE": str(folder / "cache"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    env.pop("MLFLOW_TRACKING_URI", None)
    begun = time.monotonic()
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=errors, text=True)
        while watch is not None and process.poll() is None:
            watch(process.pid)
            time.sleep(0.1)
        output, _ = process.communicate()
        if process.returncode:
            errors.seek(0)
            sys.exit(f"{' '.join(command)}\n{output}\n{errors.read()}")
    return time.monotonic() - begun, json.loads(output.strip().splitlines()[-1])


def tlkit(*arguments: str) -> list[str]:
    """A command line of tlkit."""
    return [sys.executable, "-m", "tlkit", *arguments, "--json"]


def settings(**values: str) -> list[str]:
    """`--set` for each; two underscores stand for a dot."""
    return [part for key, value in values.items() for part in ("--set", f"{key.replace('__', '.')}={value}")]


def frozen(folder: Path) -> None:
    """50 trials over head and optimizer against one cold run."""
    data = settings(data__path=str(dataset("cats_vs_dogs")))
    run, _ = call(tlkit("run", str(ROOT / "recipes" / "cats.yaml"), *data), folder)
    recipe = str(ROOT / "recipes" / "cats_tuned.yaml")
    print(f"| | seconds | times a cold run |\n|---|---|---|\n| one cold `tlkit run` | {run:.1f} | 1.0 |")
    for workers in (2, 1):
        shutil.rmtree(folder / "cache", ignore_errors=True)
        seconds, found = call(tlkit("tune", recipe, *data, "--new", "--workers", str(workers)), folder)
        print(f"| `tlkit tune`, 50 trials and the winner, {workers} worker(s) | {seconds:.1f} | {seconds / run:.2f} |")
    print(f"\nat most 3 times; best {found['score']:.4f}, with three seeds {found['seeds']}")


def plain(folder: Path) -> None:
    """The same search written plainly with keras-tuner: the first 5 trials, scaled to 50."""
    photographs = str(dataset("cats_vs_dogs"))
    whole, told = call([sys.executable, str(ROOT / "bench" / "plain_tuning.py"), "frozen", photographs], folder)
    print(f"plain keras-tuner: {told['seconds']:.0f} s for 5 trials of 5 epochs (process {whole:.0f} s), "
          f"{10 * told['seconds']:.0f} s for 50; `tlkit tune` is to be 30 times as fast")  # fmt: skip


def scratch(folder: Path) -> None:
    """20 trials of filters, stride and pooling on Fashion-MNIST, both with the same values."""
    here, both = str(dataset("fashion_mnist")), [sys.executable, str(ROOT / "bench" / "tlkit_tuning.py")]
    mine, found = call([*both, here], folder)
    values = folder / "values.json"
    values.write_text(json.dumps(found["values"]))
    plain, told = call([sys.executable, str(ROOT / "bench" / "plain_tuning.py"), "scratch", here, str(values)], folder)
    print("| 20 trials on 10,000 pictures, 3 epochs | seconds | best |\n|---|---|---|")
    print(f"| plain keras-tuner | {plain:.1f} | {told['best']:.4f} |")
    print(f"| tlkit, with its record and its winner | {mine:.1f} | {found['best']:.4f} |")
    print(f"\nratio {plain / mine:.2f} (at least 1.5)")


def overhead(folder: Path) -> None:
    """Seconds a trial on a model that trains in no time, less those that training took."""
    recipe, times = _tiny(folder), []
    for count in (20, 70):
        spent = call(tlkit("tune", str(recipe), *settings(tune__trials=str(count)), "--new"), folder)[0]
        times.append(spent)
    each = (times[1] - times[0]) / 50
    print(f"a trial on a model that trains in no time: {each:.3f} s, its training among them (under 0.3)")


def memory(folder: Path) -> None:
    """The main process after 100 trials against the same after 5, and the worker's most."""
    seen: list[tuple[int, float]] = []

    def watch(pid: int) -> None:
        path = next((folder / "mlruns").glob("searches/*/journal.jsonl"), None)
        ended = path.read_text().count('"end"') if path else 0
        try:
            seen.append((ended, psutil.Process(pid).memory_info().rss / 2**20))
        except psutil.Error:
            return

    call(tlkit("tune", str(_tiny(folder)), *settings(tune__trials="100"), "--new"), folder, watch)
    after5 = next(used for ended, used in seen if ended >= 5)
    after100 = max(used for ended, used in seen if ended >= 99)
    print(f"main process: {after5:.0f} MB after 5 trials, {after100:.0f} MB after 100")
    print(f"difference {after100 - after5:+.0f} MB (at most 150)")


def _tiny(folder: Path) -> Path:
    path = folder / "quick.yaml"
    path.write_text(f"""
name: quick
data: {{path: data/cats, sample: cats, image_size: 32}}
model: {{net: efficientnet-lite0}}
train: {{epochs: 1, batch_size: 512}}
tune: {{tuner: random, seeds: 1, space: {SMALL_SPACE}}}
track: {{system_metrics: false}}
""")
    return path


def main() -> None:
    """Run what is asked for."""
    parts = {"frozen": frozen, "plain": plain, "scratch": scratch, "overhead": overhead, "memory": memory}
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", choices=[*parts, []])
    for name in parser.parse_args().parts or parts:
        folder = Path(tempfile.mkdtemp())
        print(f"\n## {name}", flush=True)
        try:
            parts[name](folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
