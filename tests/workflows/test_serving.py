"""`mlflow models serve` on a recorded model, asked over HTTP."""

import base64
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.server


@pytest.fixture
def ask(finished, monkeypatch):
    """Serves the run's model; gives a function that sends a body and returns status and answer."""
    folder, results = finished
    monkeypatch.chdir(folder)
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listening:
        port = listening.getsockname()[1]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = [sys.executable, "-m", "mlflow", "models", "serve", "--env-manager", "local", "--host", "127.0.0.1"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--model-uri", f"runs:/{results[0]['run_id']}/model"],
        env={**os.environ, "PATH": path, "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlruns/mlflow.db"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/ping", timeout=2):
            break
        time.sleep(0.3)
    yield lambda body: _answer(f"{address}/invocations", body)
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(30)


def _answer(address, body):
    request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status, json.load(reply)["predictions"]
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_path_or_a_picture_is_answered_with_class_and_probabilities(ask):
    path = next(Path("pictures/red").iterdir())
    picture = base64.b64encode(path.read_bytes()).decode()
    status, answers = ask({"dataframe_split": {"columns": ["example"], "data": [[str(path)], [picture]]}})
    assert status == 200
    assert answers[0] == answers[1]
    assert answers[0]["class"] in ("blue", "red")
    assert set(answers[0]["probabilities"]) == {"blue", "red"}
    assert ask({"inputs": [picture]}) == (200, answers[:1])
    status, reason = ask({"inputs": ["nowhere.png"]})
    assert status == 400
    assert "neither a file here nor a picture in base64" in reason
