"""tlkit as a process of its own, without packages that it must not need, and the lines that it prints."""

import contextlib
import json
import queue
import subprocess
import sys
import threading
import urllib.error
import urllib.request

PATIENCE = 120
_WITHOUT = """
import json, sys
sys.modules.update(dict.fromkeys(json.loads(sys.argv.pop(1))))
from tlkit.cli import entry
entry()
"""


@contextlib.contextmanager
def followed(*arguments, absent, cwd=None):
    """The process and a queue of its lines, with an empty one at their end; it is stopped on leaving."""
    process = subprocess.Popen(
        [sys.executable, "-c", _WITHOUT, json.dumps(list(absent)), *map(str, arguments)], cwd=cwd,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    lines = queue.SimpleQueue()

    def follow():
        for line in process.stdout:
            lines.put(line)
        lines.put("")

    threading.Thread(target=follow, daemon=True).start()
    try:
        yield process, lines
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()


def answer(address, body=None, headers=()):
    """Status, body and headers of an answer, whatever the status."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, dict(headers)), timeout=PATIENCE) as reply:
            return reply.status, reply.read(), reply.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers
