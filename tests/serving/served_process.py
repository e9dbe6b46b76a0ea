"""`tlkit serve` as a process of its own, without what it must not need."""

import contextlib
import functools
import json
import re
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

from followed_process import PATIENCE, answer, followed
from packaging.requirements import Requirement

_REQUIREMENTS = Path(__file__).parent.parent.parent / "requirements-serve.txt"


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
        while not (found := address.match(line := lines.get(timeout=PATIENCE) or "")):
            assert process.poll() is None, process.stderr.read()
            self.before.append(line.rstrip())
        self.address, self.line = found[1], line

    @property
    def port(self):
        """Where it listens."""
        return int(self.address.rpartition(":")[2])

    def ask(self, path, body=None, **headers):
        """Status and body of an answer."""
        return answer(self.address + path, body, headers)[:2]

    def prediction(self, picture, **headers):
        """What it says of the bytes of a picture."""
        status, said = self.ask("/predict", picture, **{"Content-Type": "image/png", **headers})
        assert status == 200, said
        return json.loads(said)["predictions"][0]


@contextlib.contextmanager
def served(*arguments, cwd=None):
    """`tlkit serve ARGUMENTS` at a free port."""
    with followed("serve", *arguments, "--port", "0", absent=_absent(), cwd=cwd) as (process, lines):
        yield Served(process, lines)
