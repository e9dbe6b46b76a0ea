"""`tlkit serve` under load, beside `mlflow models serve` and beside what engine and decoder alone allow.

    python bench/serve.py                   cats.yaml on photographs, 2,000 requests at 1, 8 and 32 clients
    python bench/serve.py --requests 200    the same, sooner

Every request is the JPEG of a test picture as it is; MLflow is sent it in base64, as it takes nothing else. A tenth of
the requests goes ahead of those that are counted.
"""

import argparse
import base64
import contextlib
import io
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
from datasets import ROOT, dataset
from http_load import Load, load, request

import tlkit
from tlkit.engines.hardware import num_cores
from tlkit.exporting.checked_export import export
from tlkit.kinds.image.pictures import read_picture, resize_of
from tlkit.recipe.loading import changed_recipe, load_recipe
from tlkit.serving.bundle_model import open_bundle
from tlkit.training.planning import load_data

CLIENTS, PRECISIONS = (1, 8, 32), ("float32", "int8")
BATCH, PATIENCE = 8, 120


def main() -> None:
    """Print the rows and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=2000)
    count = parser.parse_args().requests
    with tempfile.TemporaryDirectory(prefix="tlkit-serve-bench-") as folder:
        desk = Path(folder)
        recipe = changed_recipe(
            load_recipe(ROOT / "recipes" / "cats.yaml"), {"data.path": str(dataset("cats_vs_dogs").absolute())}
        )
        run, splits = tlkit.run(recipe, root=desk / "mlruns"), load_data(recipe)
        export(tlkit.load_model(run.model), desk / "bundle", ["openvino"], precisions=PRECISIONS, splits=splits)
        pictures = [Path(each).read_bytes() for each in splits.test.items]
        rates = {}
        for precision in PRECISIONS:
            rates["alone", precision] = alone(desk / "bundle", f"openvino/{precision}", pictures, count)
            print(f"engine and decoder alone, {precision}: {rates['alone', precision]:.0f} pictures a second")
            command = ["tlkit", "serve", str(desk / "bundle"), "--precision", precision]
            bodies = [request("/predict", each, "image/jpeg") for each in pictures]
            rates |= {("tlkit", precision): measured(command, "/health", bodies, count, desk)}
        texts = [json.dumps({"inputs": [base64.b64encode(each).decode()]}).encode() for each in pictures]
        command = ["mlflow", "models", "serve", "--env-manager", "local", "--model-uri", f"runs:/{run.run_id}/model"]
        bodies = [request("/invocations", each, "application/json") for each in texts]
        rates["mlflow", "float32"] = measured(command, "/ping", bodies, count, desk)
        for precision in PRECISIONS:
            ours = rates["tlkit", precision]
            print(f"{precision}: {ours / rates['mlflow', 'float32']:.2f} times MLflow's answers a second, "
                  f"{ours / rates['alone', precision]:.0%} of engine and decoder alone")  # fmt: skip


def alone(bundle: Path, key: str, pictures: Sequence[bytes], count: int) -> float:
    """Pictures a second that threads of one session each decode and answer, eight at a time, without any server."""
    model = open_bundle(bundle, key, num_cores(), 1)
    side, resize = model.metadata["input_shape"], resize_of(model.metadata)
    asked = list(itertools.islice(itertools.cycle(pictures), count))
    batches = iter([asked[at : at + BATCH] for at in range(0, count, BATCH)])
    lock = threading.Lock()

    def answer(session) -> None:
        while True:
            with lock:
                batch = next(batches, None)
            if batch is None:
                return
            read = [read_picture(io.BytesIO(each), side[:2], side[2], resize=resize) for each in batch]
            session.outputs([np.stack(read)])

    begun = time.perf_counter()
    with ThreadPoolExecutor(len(model.sessions)) as pool:
        list(pool.map(answer, model.sessions))
    return count / (time.perf_counter() - begun)


def measured(command: Sequence[str], ready: str, bodies: Sequence[bytes], count: int, desk: Path) -> float:
    """Answers a second at the largest number of clients; prints a row for each number, start and memory."""
    with service(command, ready, bodies[0], desk) as (process, port, first):
        name = " ".join(each for each in command[:3] if not each.startswith("/"))
        print(f"{name}: first answer after {first:.1f} s")
        for clients in CLIENTS:
            load(port, bodies, clients, max(clients, count // 10))
            found = load(port, bodies, clients, count)
            print(f"  {clients:>2} clients: {row(found)}")
        memory = sum(each.memory_info().rss for each in [process, *process.children(recursive=True)])
        print(f"  memory {memory / 1e6:.0f} MB", flush=True)
    return found.a_second


def row(found: Load) -> str:
    """What a load came to."""
    return (f"{found.a_second:.1f} a second, median {1000 * found.median:.0f} ms, p99 {1000 * found.p99:.0f} ms "
            f"({found.p99 / found.median:.1f} times), {found.lost} lost")  # fmt: skip


@contextlib.contextmanager
def service(command: Sequence[str], ready: str, body: bytes, desk: Path) -> Iterator[tuple[psutil.Process, int, float]]:
    """A service at a free port, and the seconds to its first answer."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listening:
        port = listening.getsockname()[1]
    home = Path(sys.executable).parent
    env = {**os.environ, "PATH": f"{home}:{os.environ['PATH']}",
           "MLFLOW_TRACKING_URI": f"sqlite:///{desk}/mlruns/mlflow.db"}  # fmt: skip
    begun = time.perf_counter()
    process = subprocess.Popen(
        [home / command[0], *command[1:], "--port", str(port)], env=env, cwd=desk,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        while not is_ready(port, ready):
            if process.poll() is not None or time.perf_counter() - begun > PATIENCE:
                sys.exit(f"{' '.join(command)}: not ready within {PATIENCE} s")
            time.sleep(0.02)
        if load(port, [body], 1, 1).lost:
            sys.exit(f"{' '.join(command)}: gives no answer")
        yield psutil.Process(process.pid), port, time.perf_counter() - begun
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE)


def is_ready(port: int, path: str) -> bool:
    """Whether something answers there."""
    with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2):
        return True
    return False


if __name__ == "__main__":
    main()
