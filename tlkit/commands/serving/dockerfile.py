"""A folder from which a small image is built that serves a model: without TensorFlow, Keras and MLflow."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import tlkit
from tlkit.commands.serving.serve import bundle_of
from tlkit.commands.shell.listing import Answer
from tlkit.errors import DataError, writing
from tlkit.exporting.bundle import Bundle, parts_of, write_bundle
from tlkit.paths import file_name
from tlkit.serving.bundle_model import Choice

_NEEDED = (  # with a runtime this is requirements-serve.txt
    "click", "fastapi", "filelock", "numpy", "opencv-python-headless", "pandas", "pillow", "psutil", "pyarrow",
    "pydantic", "pyyaml", "uvicorn",
)  # fmt: skip
_RUNTIMES: Mapping[str, str] = {"openvino": "openvino", "onnx": "onnxruntime", "litert": "ai-edge-litert"}
_INFO = "tlkit.dist-info"
_DOCKERFILE = """\
# docker build -t {name} .
# docker run -p 127.0.0.1:8000:8000 -e TLKIT_SERVE_TOKEN=... {name}
FROM python:{python}-slim
WORKDIR /srv
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY tlkit ./tlkit
COPY {info} ./{info}
COPY bundle ./bundle
RUN useradd --system served
USER served
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --start-period=10s CMD python -c \\
  "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=5)"
CMD ["python", "-m", "tlkit", "serve", "bundle", "--host", "0.0.0.0"]
"""


def write_dockerfile(name: str, choice: Choice, out: Path) -> Answer:
    """Write the folder, and say how an image comes of it."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataError(f"{out}: expected a new or an empty folder. Name another with --out")
    said: list[str] = []
    bundle = bundle_of(name, choice, said.append)
    yield from said
    key = choice.file_of(bundle)
    called = file_name(str(bundle.metadata.get("recipe") or "model")).lower()
    with writing(out):
        (out / "bundle").mkdir(parents=True)
        _copy_bundle(bundle, key, out / "bundle")
        _copy_tlkit(out)
        (out / "requirements.txt").write_text("".join(f"{each}\n" for each in _requirements(key)))
        (out / "Dockerfile").write_text(_DOCKERFILE.format(name=called, python=_python(), info=_INFO))
    yield f"{out}/Dockerfile  {called}, {key}: docker build -t {called} {out}"
    return {"folder": out, "image": called, "file": key, "requirements": _requirements(key)}


def _copy_bundle(bundle: Bundle, key: str, folder: Path) -> None:
    """The one file that is served, and what says what goes in and out."""
    file = bundle.files[key]
    for part in parts_of(file.path):
        target = folder / part.relative_to(bundle.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(part, target)
    moved = replace(file, path=folder / file.path.relative_to(bundle.folder))
    write_bundle(replace(bundle, folder=folder, files={key: moved}))


def _copy_tlkit(folder: Path) -> None:
    """This very tlkit, and the page by which Python knows its version."""
    home = Path(tlkit.__file__).parent
    shutil.copytree(home, folder / "tlkit", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / _INFO).mkdir()
    (folder / _INFO / "METADATA").write_text(f"Metadata-Version: 2.1\nName: tlkit\nVersion: {version('tlkit')}\n")


def _requirements(key: str) -> list[str]:
    """The packages that serving needs, in the versions that are here."""
    needed = [*_NEEDED, *filter(None, [_RUNTIMES.get(key.partition("/")[0])])]
    return [f"{each}=={version(each)}" for each in sorted(needed)]


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"
