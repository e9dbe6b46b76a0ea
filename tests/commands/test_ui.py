"""The server behind `tlkit ui`, as a real process."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request

import psutil
import pytest


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, -9), pytest.param(signal.SIGTERM, 0, marks=pytest.mark.slow)]
)
def test_no_server_is_left_when_its_command_ends(tmp_path, number, code):
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "tlkit", "ui", "--no-browser", "--json"], cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    page = json.loads(process.stdout.readline())["address"]
    assert f"MLflow UI: {page}  (Ctrl-C stops it)" in process.stderr.readline()
    url = re.match(r"http://[^/]+", page)[0]
    with urllib.request.urlopen(f"{url}/health", timeout=30) as answer:
        assert answer.status == 200
    family = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, number)
    assert process.wait(60) == code
    assert len(family) > 1
    assert psutil.wait_procs(family, timeout=60)[1] == []
