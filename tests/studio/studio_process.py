"""`tlkit studio` as a process of its own, without what it leaves to its commands; asked as a browser asks."""

import contextlib
import json
import re
import time
import urllib.parse

from followed_process import PATIENCE, answer, followed


class Studio:
    """The process, its address, and the cookie that the address gives."""

    def __init__(self, process, lines):
        self.process, said = process, ""
        while not (found := re.match(r"studio +(http://\S+)", said)):
            said = lines.get(timeout=PATIENCE)
            assert said, process.stderr.read()
        self.entrance = found[1]
        self.origin = self.entrance.partition("/?")[0]
        self.cookie = answer(self.entrance)[2]["Set-Cookie"].partition(";")[0]

    def ask(self, path, body=None, **headers):
        """Status and body of an answer; headers as the page's own requests have them, where not told otherwise."""
        own = {"Cookie": self.cookie, **({"Origin": self.origin} if body is not None else {}), **headers}
        return answer(self.origin + path, body, {name: each for name, each in own.items() if each is not None})[:2]

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
        deadline = time.monotonic() + PATIENCE
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
    absent = ("tensorflow", "keras", "mlflow")
    with followed("studio", *arguments, "--no-browser", absent=absent, cwd=home) as (process, lines):
        yield Studio(process, lines)


def line_of(answer, status):
    """The one line of a refusal."""
    assert answer[0] == status, answer
    said = answer[1] if isinstance(answer[1], dict) else json.loads(answer[1])
    assert set(said) == {"error"}
    assert not re.search(r"\n|Traceback", said["error"])
    return said["error"]
