"""`tlkit studio` as a process of its own, without what it leaves to its commands; asked as a browser asks."""

import contextlib
import json
import queue
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

_LIGHT = """
import sys
sys.modules.update(dict.fromkeys(("tensorflow", "keras", "mlflow")))
from tlkit.cli import entry
entry()
"""
_PATIENCE = 120


class Studio:
    """The process, its address, and the cookie that the address gives."""

    def __init__(self, process, lines):
        self.process, said = process, ""
        while not (found := re.match(r"studio +(http://\S+)", said)):
            said = lines.get(timeout=_PATIENCE)
            assert said, process.stderr.read()
        self.entrance = found[1]
        self.origin = self.entrance.partition("/?")[0]
        with urllib.request.urlopen(self.entrance, timeout=_PATIENCE) as reply:
            self.cookie = reply.headers["Set-Cookie"].partition(";")[0]

    def ask(self, path, body=None, **headers):
        """Status and body of an answer; headers as the page's own requests have them, where not told otherwise."""
        own = {"Cookie": self.cookie, **({"Origin": self.origin} if body is not None else {}), **headers}
        request = urllib.request.Request(
            self.origin + path, body, {name: value for name, value in own.items() if value is not None}
        )
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def get(self, path, /, **query):
        """Status and JSON."""
        status, said = self.ask(f"/api/{path}?{urllib.parse.urlencode(query)}")
        return status, json.loads(said)

    def post(self, path, /, **body):
        """Status and JSON."""
        status, said = self.ask(f"/api/{path}", json.dumps(body).encode(), **{"Content-Type": "application/json"})
        return status, json.loads(said)

    def until(self, reached):
        """The state as soon as this holds of it."""
        deadline = time.monotonic() + _PATIENCE
        while not reached(state := self.get("state")[1]):
            assert time.monotonic() < deadline, state
            time.sleep(0.05)
        return state

    def over(self):
        """The state once nothing is under way."""
        return self.until(lambda state: not state["job"] or state["job"]["state"] != "running")


@contextlib.contextmanager
def studio(home, *arguments):
    """`tlkit studio` in a working folder, at a free port."""
    process = subprocess.Popen(
        [sys.executable, "-c", _LIGHT, "studio", *map(str, arguments), "--no-browser"], cwd=home,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    lines = queue.SimpleQueue()

    def follow():
        for line in process.stdout:
            lines.put(line)
        lines.put("")

    threading.Thread(target=follow, daemon=True).start()
    try:
        yield Studio(process, lines)
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        finally:
            process.kill()


def line_of(answer, status):
    """The one line of a refusal."""
    assert answer[0] == status, answer
    said = answer[1] if isinstance(answer[1], dict) else json.loads(answer[1])
    assert set(said) == {"error"}
    assert not re.search(r"\n|Traceback", said["error"])
    return said["error"]
