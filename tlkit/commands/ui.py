"""MLflow's own pages on this project's runs."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, cast

from tlkit import processes
from tlkit.errors import TrackingError
from tlkit.processes import Helper
from tlkit.tracking import lookup, store
from tlkit.tracking.records import VIEW, VIEW_TAG, Run

_PATIENCE, _ANSWER = 60.0, 5.0  # seconds for the server to come, and for an answer


def serve(
    *,
    host: str,
    port: int | None,
    browser: bool,
    ready: Callable[[str], None],
    say: Callable[[str], None],
    root: Path = Path("mlruns"),
) -> None:
    """Run the MLflow server until it is stopped; once it answers, `ready` hears its address and a browser opens it."""
    address = store.uri(root)
    store.prepare(address)
    port = port or _free_port(host)
    _refuse_taken(host, port)
    url, newest = f"http://{host}:{port}", lookup.recent(root, 1)
    process = Helper(
        "tlkit.tracking.ui_server", "--host", host, "--port", str(port), "--workers", "1",
        "--serve-artifacts",
        "--default-artifact-root", store.artifact_location(address, root) or "mlflow-artifacts:/",
        env=_environment(address), session=True,
    )  # fmt: skip
    threading.Thread(target=_announce, args=(process, url, newest, browser, ready), daemon=True).start()
    try:
        if status := process.wait():
            raise TrackingError(f"{url}: the MLflow server ended with status {status}; try `mlflow server` by hand")
    except KeyboardInterrupt:
        say("Stopped.")
    finally:
        process.close_input()
        process.wait()


def _environment(store_address: str) -> dict[str, str]:
    """Where the server finds the store, whose password no command line may show, and its programs.

    It starts without the dozen workers for jobs of MLflow's that tlkit never gives it.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    own = processes.environment(PATH=path, MLFLOW_BACKEND_STORE_URI=store_address)
    return {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", **own}


def _first_page(url: str, newest: Sequence[Run]) -> str:
    """The table of runs of the newest run's experiment, with scores where it is set up for them; else MLflow's own."""
    if not newest:
        return url + "/"
    experiment = newest[0].experiment_id
    with _asked(f"{url}/api/2.0/mlflow/experiments/get?experiment_id={experiment}") as answer:
        tags = {each["key"] for each in json.load(answer)["experiment"].get("tags", ())}
    view = f"&viewStateShareKey={VIEW}" if VIEW_TAG in tags else ""
    return f"{url}/#/experiments/{experiment}/runs?workflowType=machine_learning{view}"


def _announce(process: Helper, url: str, newest: Sequence[Run], browser: bool, ready: Callable[[str], None]) -> None:
    end = time.monotonic() + _PATIENCE
    while process.is_running and time.monotonic() < end:
        with contextlib.suppress(urllib.error.URLError, OSError), _asked(f"{url}/health"):
            page = _first_page(url, newest)
            ready(page)
            if browser:
                webbrowser.open(page)
            return
        time.sleep(0.3)


def _asked(url: str) -> AbstractContextManager[IO[bytes]]:
    return cast(IO[bytes], urllib.request.urlopen(url, timeout=_ANSWER))  # noqa: S310  (http, as `serve` wrote it)


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise TrackingError(
                f"{host}:{port}: cannot listen there ({error.strerror}); leave --port out for a free one"
            ) from error
