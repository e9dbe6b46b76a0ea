"""A release: `make release` looks whether all is ready, builds sdist and wheel twice, checks them and sets the tag.

What is built is the commit, not the working folder; both builds must be equal to the byte, and the wheel is made from
the sdist. Nothing is sent anywhere: the last line says how.
"""

from __future__ import annotations

import filecmp
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from audit import HOME, bill, tools

BUILD, TWINE = "build>=1.2,<2", "twine>=6,<7"
_VERSION = re.compile(r'^__version__ = "(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)"$', re.MULTILINE)


def version_in(source: str) -> str:
    """The version that stands in tlkit/__init__.py."""
    found = _VERSION.findall(source)
    if len(found) != 1:
        raise SystemExit('tlkit/__init__.py: expected one line such as __version__ = "1.2.0"')
    return str(found[0])


def obstacles(version: str, changes: str, tags: Sequence[str], changed: Sequence[str]) -> Iterator[str]:
    """A line for each thing that must be otherwise before this version can be released."""
    if changed:
        yield f"{', '.join(changed)}: not committed"
    if f"v{version}" in tags:
        yield f"v{version}: released already; set another version in tlkit/__init__.py"
    headings = re.findall(r"^## (.+)$", changes, re.MULTILINE)
    if headings[:1] != [version]:
        found = f"found '## {headings[0]}'" if headings else "found none"
        yield f"CHANGELOG.md: expected '## {version}' as the first heading, {found}"
    elif not re.search(rf"^## {re.escape(version)}\n+(?!#)\S", changes, re.MULTILINE):
        yield f"CHANGELOG.md: nothing stands under '## {version}'"


def release() -> int:
    """Build, check and tag the commit that is checked out."""
    version = version_in((HOME / "tlkit" / "__init__.py").read_text(encoding="utf-8"))
    changes = (HOME / "CHANGELOG.md").read_text(encoding="utf-8")
    changed = [line[3:] for line in _git("status", "--porcelain").splitlines()]
    if lines := list(obstacles(version, changes, _git("tag").split(), changed)):
        print("\n".join(lines), file=sys.stderr)
        return 1
    dist = HOME / "dist" / version
    made = _built(dist)
    bill(dist)
    _git("tag", "--annotate", "--message", f"tlkit {version}", f"v{version}")
    print(f"tagged v{version}. Send it: git push origin v{version}; twine upload {' '.join(map(_shown, made))}")
    return 0


def _built(dist: Path) -> list[Path]:
    """sdist and wheel of the commit, built twice to equal bytes and held against what an index asks for."""
    with tempfile.TemporaryDirectory(prefix="tlkit-release-") as scratch, tools(BUILD, TWINE) as programs:
        made, again = (_build(programs, Path(scratch) / name, to) for name, to in
                       (("one", dist), ("two", Path(scratch) / "dist")))  # fmt: skip
        for one, other in zip(made, again, strict=True):
            if one.name != other.name or not filecmp.cmp(one, other, shallow=False):
                raise SystemExit(f"{one.name}: two builds of one commit differ")
        if subprocess.run([programs / "twine", "check", "--strict", *made]).returncode:
            raise SystemExit("twine found what an index would refuse; no tag was set")
    return made


def _build(programs: Path, source: Path, dist: Path) -> list[Path]:
    packed = subprocess.run(["git", "archive", "HEAD"], cwd=HOME, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(source, filter="data")
    epoch = {"SOURCE_DATE_EPOCH": _git("log", "-1", "--format=%ct").strip()}
    command = [programs / "python", "-m", "build", "--outdir", dist, source]
    subprocess.run(command, check=True, env={**os.environ, **epoch}, stdout=subprocess.DEVNULL)
    return sorted([*dist.glob("*.whl"), *dist.glob("*.tar.gz")])


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=HOME, check=True, capture_output=True, text=True).stdout


def _shown(path: Path) -> str:
    return str(path.relative_to(HOME))


if __name__ == "__main__":
    sys.exit(release())
