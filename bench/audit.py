"""Known faults of what tlkit needs, and a bill of what it is made of: `make audit` and `make wheel`.

Both use tools in an environment of their own, which is thrown away: pip-audit asks for the known faults of every
release in constraints.txt, and cyclonedx-bom writes the bill (CycloneDX) of what the wheel brings along.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import tlkit

HOME = Path(__file__).resolve().parents[1]
PIP_AUDIT, CYCLONEDX = "pip-audit>=2.9,<3", "cyclonedx-bom>=7,<8"


@dataclass(frozen=True)
class Accepted:
    """A known fault that is put up with: why, and until when."""

    fault: str  # its id, as pip-audit has it
    reason: str
    until: date


ACCEPTED: tuple[Accepted, ...] = ()


def audit() -> int:
    """Whether a release that tlkit is tested with has a known fault, or ruff's rules of security find one in tlkit."""
    lines = verdict(_report(), ACCEPTED, date.today())
    print("\n".join(lines) or "audit: no known fault in constraints.txt")
    return bool(lines) | subprocess.run([sys.executable, "-m", "ruff", "check", HOME]).returncode


def verdict(report: Mapping[str, Any], accepted: Sequence[Accepted], today: date) -> list[str]:
    """A line for each fault that is not accepted, for what is accepted in vain, and for what nobody can tell of."""
    packages = report.get("dependencies", [])
    known = [each for each in packages if "vulns" in each]
    faults = {fault["id"]: _told(each, fault) for each in known for fault in each["vulns"]}
    lines = [line for fault, line in faults.items() if fault not in {each.fault for each in accepted}]
    lines += [f"{each.fault}: accepted until {each.until}" for each in accepted if each.until < today]
    lines += [f"{each.fault}: accepted, but no longer there" for each in accepted if each.fault not in faults]
    if not packages or len(known) < len(packages):
        unknown = f"{len(packages) - len(known)} of {len(packages)} packages" if packages else "any package"
        lines.append(f"audit: the list of known faults could not be asked about {unknown}")
    return lines


def _told(package: Mapping[str, Any], fault: Mapping[str, Any]) -> str:
    mended = ", ".join(fault["fix_versions"]) or "no release"
    return f"{package['name']} {package['version']}: {fault['id']}, mended in {mended}"


def wheel() -> int:
    """Build the wheel into dist/, and its bill of materials beside it."""
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--wheel-dir", HOME / "dist", HOME], check=True)
    bill(HOME / "dist")
    return 0


def bill(folder: Path) -> None:
    """Write the bill of materials of this version into a folder."""
    command = ["environment", sys.executable, "--pyproject", HOME / "pyproject.toml", "--output-reproducible"]
    with tools(CYCLONEDX) as programs:
        whole = subprocess.run([programs / "cyclonedx-py", *command, "--short-PURLs"], check=True, capture_output=True)
    project = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = needed(json.loads(whole.stdout), project["dependencies"])
    found["metadata"]["component"]["version"] = tlkit.__version__
    file = folder / f"tlkit-{tlkit.__version__}.cdx.json"
    file.write_text(json.dumps(found, indent=1), encoding="utf-8")
    print(f"{file.relative_to(HOME)}: {len(found['components'])} packages")


def needed(bill: dict[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
    """The bill of an environment less what only development brought there."""
    names = _brought(wanted)
    parts = [each for each in bill["components"] if canonicalize_name(each["name"]) in names]
    kept = {bill["metadata"]["component"]["bom-ref"], *(each["bom-ref"] for each in parts)}
    edges = [{**each, "dependsOn": [other for other in each.get("dependsOn", []) if other in kept]}
             for each in bill["dependencies"] if each["ref"] in kept]  # fmt: skip
    return {**bill, "components": parts, "dependencies": edges}


def _brought(wanted: Sequence[str]) -> set[str]:
    """The names of what is installed here for these requirements, and for theirs."""
    found, coming = dict[str, set[str]](), [Requirement(each) for each in wanted]
    while coming:
        each = coming.pop()
        name = canonicalize_name(each.name)
        if new := {"", *each.extras} - found.get(name, set()):
            with contextlib.suppress(PackageNotFoundError):  # not for this machine
                coming += [inner for inner in map(Requirement, requires(name) or ()) if _is_asked(inner, new)]
                found[name] = found.get(name, set()) | new
    return set(found)


def _is_asked(requirement: Requirement, extras: set[str]) -> bool:
    return requirement.marker is None or any(requirement.marker.evaluate({"extra": each}) for each in extras)


@contextlib.contextmanager
def tools(*wanted: str) -> Iterator[Path]:
    """The folder of programs of a throw-away environment."""
    with tempfile.TemporaryDirectory(prefix="tlkit-audit-") as folder:
        venv.create(folder, with_pip=True)
        programs = Path(folder) / "bin"
        pip = [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *wanted], check=True)
        yield programs


def _report() -> dict[str, Any]:
    """What pip-audit says; nothing where it fails for another reason than a fault."""
    ask = ["--requirement", HOME / "constraints.txt", "--no-deps", "--disable-pip", "--format", "json"]
    with tools(PIP_AUDIT) as folder:
        told = subprocess.run([folder / "pip-audit", *ask, "--progress-spinner", "off"], capture_output=True, text=True)
    with contextlib.suppress(ValueError):
        return dict(json.loads(told.stdout))
    print("\n".join(told.stderr.strip().splitlines()[-1:]), file=sys.stderr)
    return {}


if __name__ == "__main__":
    sys.exit({"audit": audit, "wheel": wheel}[sys.argv[1]]())
