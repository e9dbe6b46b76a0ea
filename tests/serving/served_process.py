"""`tlkit serve` as a process of its own, without what it must not need."""

import contextlib
import functools
import json
import queue
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement

_LIGHT = """
import json, sys
sys.modules.update(dict.fromkeys(json.loads(sys.argv.pop(1))))
from tlkit.cli import entry
entry()
"""
_REQUIREMENTS = Path(__file__).parent.parent.parent / "requirements-serve.txt"
_PATIENCE = 60


def required():
    """The packages that requirements-serve.txt asks for."""
    lines = _REQUIREMENTS.read_text().splitlines()
    return [Requirement(line.partition("#")[0]).name for line in lines if line.partition("#")[0].strip()]


def _plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@functools.cache
def _absent():
    """Every module of this environment that would not be there where requirements-serve.txt alone was installed."""
    installed, wanted = {"tlkit"}, [_plain(each) for each in required()]
    while wanted:
        if (name := wanted.pop()) in installed:
            continue
        installed.add(name)
        with contextlib.suppress(PackageNotFoundError):
            needs = [Requirement(each) for each in requires(name) or []]
            wanted += [
                _plain(each.name) for each in needs if each.marker is None or each.marker.evaluate({"extra": ""})
            ]
    owners = packages_distributions()
    assert {"tensorflow", "keras", "mlflow", "matplotlib"} <= set(owners)
    return sorted(module for module, names in owners.items() if not {_plain(each) for each in names} & installed)


class Served:
    """The process, its address, the line that says it, and what was printed before that."""

    def __init__(self, process, lines):
        self.process, self.lines, self.before = process, lines, []
        address = re.compile(r'(?:service +|{"address": ")(http://[^\s"]+)')
        while not (found := address.match(line := lines.get(timeout=_PATIENCE) or "")):
            assert process.poll() is None, process.stderr.read()
            self.before.append(line.rstrip())
        self.address, self.line = found[1], line

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
        [sys.executable, "-c", _LIGHT, json.dumps(_absent()), "serve", *map(str, arguments), "--port", "0"], cwd=cwd,
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
