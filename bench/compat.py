"""The contract tests against the oldest and the newest releases that pyproject.toml allows: `make compat`.

Each set of releases gets an environment of its own in a temporary folder, in front of the one that runs this: only
what differs is installed. Options of pytest may follow.
"""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import venv
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
MOVING = ("keras", "keras-tuner", "mlflow", "openvino", "tensorflow")  # whose private parts tlkit uses, or theirs do
_WITH = {"mlflow": ("mlflow-skinny", "mlflow-tracing")}  # of the same release


def main() -> int:
    """Run both, and say which failed."""
    failed = [which for which in ("oldest", "newest") if not passes(which)]
    print(f"compat: {' and '.join(failed)} failed" if failed else "compat: oldest and newest hold")
    return bool(failed)


def passes(which: str) -> bool:
    """Whether the contract tests pass with the oldest or the newest releases allowed."""
    with tempfile.TemporaryDirectory(prefix="tlkit-compat-") as folder:
        python = _environment(Path(folder), _wanted(which))
        print(f"compat: {which}: {_releases(python)}", flush=True)
        command = [python, "-m", "pytest", "-m", "contract", *sys.argv[1:]]
        return subprocess.run(command, cwd=HOME).returncode == 0


def _wanted(which: str) -> list[str]:
    """What pip is asked for: `keras==3.12` for the oldest, `keras>=3.12,<3.16` for the newest."""
    asked = []
    for name, allowed in _allowed().items():
        exact = re.sub(r"^>=([^,]+),.*", r"==\1", allowed) if which == "oldest" else allowed
        asked += [f"{each}{exact}" for each in (name, *_WITH.get(name, ()))]
    return asked


def _allowed() -> dict[str, str]:
    said = tomllib.loads((HOME / "pyproject.toml").read_text())["project"]["dependencies"]
    parts = [re.match(r"([\w-]+)([^;]*)", each) for each in said]
    return {each[1]: each[2].strip() for each in parts if each and each[1] in MOVING}


def _environment(folder: Path, wanted: list[str]) -> str:
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    site = subprocess.check_output([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True)
    behind = [str(HOME), sysconfig.get_path("purelib"), *_added()]
    Path(site.strip(), "behind.pth").write_text("\n".join(behind))
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "--no-deps"]
    subprocess.run([*pip, *wanted], check=True)
    return python


def _added() -> list[str]:
    """Where else this environment finds packages."""
    return [path for path in sys.path if path.endswith("site-packages")]


def _releases(python: str) -> str:
    code = f"from importlib.metadata import version; print(', '.join(f'{{n}} {{version(n)}}' for n in {MOVING!r}))"
    return subprocess.check_output([python, "-c", code], text=True).strip()


if __name__ == "__main__":
    sys.exit(main())
