"""`mlflow models serve` on a recorded model, asked over HTTP."""

import base64
import contextlib
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from PIL import Image

from tlkit.engines.predictor import load_run
from tlkit.errors import DataError
from tlkit.serving.mlflow_loader import _load_pyfunc


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
        env={**os.environ, "PATH": path, "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlruns/mlflow.db",
             "TLKIT_SERVE_FOLDER": "pictures"},
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


def red_picture():
    return next(Path("pictures/red").iterdir())


@pytest.mark.server
def test_a_path_below_the_folder_or_a_picture_is_answered_and_nothing_else_is_told_of(ask, tmp_path):
    path = red_picture()
    picture = base64.b64encode(path.read_bytes()).decode()
    status, answers = ask({"dataframe_split": {"columns": ["example"], "data": [[f"red/{path.name}"], [picture]]}})
    assert status == 200
    assert answers[0] == answers[1]
    assert answers[0]["class"] in ("blue", "red")
    assert set(answers[0]["probabilities"]) == {"blue", "red"}
    assert ask({"inputs": [picture, str(path.resolve())]}) == (200, answers)
    (tmp_path / "secret.csv").write_text("a secret\n")
    os.mkfifo("pictures/red/pipe")
    refusals = {}
    for asked in (
        "nowhere.png",
        str(tmp_path / "secret.csv"),
        "../tiny.yaml",
        "/etc/passwd",
        "red/pipe",
        picture[:300],
    ):
        status, said = ask({"inputs": [asked]})
        refusals[asked] = json.loads(said)
        assert (status, set(refusals[asked])) == (400, {"error_code", "message"})
        assert not re.search(r"\n|Traceback|secret|/work|/tmp|\.py|No such", refusals[asked]["message"])
    os.remove("pictures/red/pipe")
    assert "TLKIT_SERVE_FOLDER" in refusals["nowhere.png"]["message"]
    assert "cannot be read as this model's input" in refusals["red/pipe"]["message"]


def test_without_a_folder_no_path_is_read_nor_told_to_exist(finished, monkeypatch):
    monkeypatch.chdir(finished[0])
    monkeypatch.delenv("TLKIT_SERVE_FOLDER", raising=False)
    server = _load_pyfunc(str(load_run("latest").path))
    refused = []
    for asked in (str(red_picture()), "pictures/red/nowhere.png"):
        with pytest.raises(DataError) as caught:
            server.predict([asked])
        refused.append(str(caught.value))
    assert refused[0] == refused[1]


def test_a_picture_of_more_pixels_than_a_request_may_have_is_not_decoded(finished, monkeypatch):
    monkeypatch.chdir(finished[0])
    file = io.BytesIO()
    Image.new("1", (6000, 6000)).save(file, "PNG")
    with pytest.raises(DataError, match="6000 x 6000 pixels, more than 25 million"):
        _load_pyfunc(str(load_run("latest").path)).predict([base64.b64encode(file.getvalue()).decode()])
