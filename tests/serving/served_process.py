"""`tlkit serve` as a process of its own, without what it must not need."""

import contextlib
import json
import queue
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request

_LIGHT = """
import sys
sys.modules.update(dict.fromkeys(("tensorflow", "keras", "mlflow", "sklearn", "matplotlib")))
from tlkit.cli import entry
entry()
"""
_PATIENCE = 60


class Served:
    """The process, its address, and what it printed before that."""

    def __init__(self, process, lines):
        self.process, self.lines, self.before = process, lines, []
        while not (found := re.match(r"service +(http://\S+)", line := lines.get(timeout=_PATIENCE) or "")):
            assert process.poll() is None, process.stderr.read()
            self.before.append(line.rstrip())
        self.address = found[1]

    @property
    def port(self):
        """Where it listens."""
        return int(self.address.rpartition(":")[2])

    def ask(self, path, body=None, **headers):
        """Status and body of an answer."""
        request = urllib.request.Request(self.address + path, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def prediction(self, picture, **headers):
        """What it says of the bytes of a picture."""
        status, said = self.ask("/predict", picture, **{"Content-Type": "image/png", **headers})
        assert status == 200, said
        return json.loads(said)["predictions"][0]


@contextlib.contextmanager
def served(*arguments, cwd=None):
    """`tlkit serve ARGUMENTS` at a free port."""
    process = subprocess.Popen(
        [sys.executable, "-c", _LIGHT, "serve", *map(str, arguments), "--port", "0"], cwd=cwd,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    lines = queue.SimpleQueue()

    def follow():
        for line in process.stdout:
            lines.put(line)
        lines.put("")

    threading.Thread(target=follow, daemon=True).start()
    try:
        yield Served(process, lines)
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        finally:
            process.kill()
