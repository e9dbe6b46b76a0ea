"""Peak memory of a run on 20,000 drawn pictures against one on 1,000.

python bench/memory.py [--large 20000]
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
from datasets import ROOT

from tlkit.data.download.sampling import draw_sample


def peak(folder: Path, pictures: Path) -> tuple[float, float]:
    """Most megabytes, in the main process and in all processes of a run together."""
    command = [sys.executable, "-m", "tlkit", "run", str(ROOT / "recipes" / "cats.yaml"), "--json",
               "--set", f"data.path={pictures}", "--set", "train.epochs=5"]  # fmt: skip
    env = {**os.environ, "TLKIT_CACHE": str(folder / "cache")}
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    most = [0.0, 0.0]
    watcher = threading.Thread(target=_watch, args=(psutil.Process(process.pid), most), daemon=True)
    watcher.start()
    output, errors = process.communicate()
    if process.returncode:
        sys.exit(output + errors)
    return most[0] / 2**20, most[1] / 2**20


def _watch(process: psutil.Process, most: list[float]) -> None:
    while process.is_running():
        try:
            own = process.memory_info().rss
            every = own + sum(child.memory_info().rss for child in process.children(recursive=True))
        except psutil.Error:
            continue
        most[0], most[1] = max(most[0], own), max(most[1], every)
        time.sleep(0.05)


def main() -> None:
    """Print both and the difference."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--large", type=int, default=20_000)
    folder = Path(tempfile.mkdtemp())
    found = []
    for count in (1000, parser.parse_args().large):
        draw_sample("cats", folder / f"cats{count}", count=count)
        found.append(peak(folder, folder / f"cats{count}"))
        print(f"{count} pictures: main process {found[-1][0]:.0f} MB, all processes {found[-1][1]:.0f} MB", flush=True)
    print(
        f"difference: main process {found[1][0] - found[0][0]:.0f} MB, all processes {found[1][1] - found[0][1]:.0f} MB"
    )
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
