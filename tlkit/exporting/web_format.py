"""A folder that answers in a browser: a page, the model, and ONNX Runtime Web where its files are at hand."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from tlkit.errors import ModelError
from tlkit.exporting.exporter import Calibration, Lowered
from tlkit.exporting.onnx_format import Onnx, OnnxSession
from tlkit.kinds.image.pictures import RESIZES, resize_of
from tlkit.model.metadata import Metadata
from tlkit.tasks.task import task_in

if TYPE_CHECKING:
    import keras

RUNTIME = "TLKIT_ONNXRUNTIME_WEB"  # the folder of the runtime's files
RUNTIME_FILES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
_INSTALLED = Path("node_modules/onnxruntime-web/dist")  # where `npm install onnxruntime-web` leaves them
_PARTS = {
    "tlkit.evaluation": {"page.css": "static/page.css"},
    "tlkit.exporting": {
        "browser/page.html": "index.html", "browser/ask.css": "static/ask.css", "browser/page.js": "static/page.js",
        "browser/reading.js": "static/reading.js", "browser/runtime.js": "static/main.js",
    },
}  # fmt: skip
_GUARD = "default-src 'self'; img-src 'self' blob: data:; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:"
_README = """# {name} in a browser

A page that answers in the browser itself, without a server that computes: no picture leaves the machine. Any web server
can hand out this folder, and nothing is loaded from anywhere else. To look at it here:

    python -m http.server 8000 --bind 127.0.0.1

and open http://127.0.0.1:8000. (A browser loads no model from `file://`.)

`static/runtime/` holds {runtime} of the npm package `onnxruntime-web`{lacking}.
With the headers `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp` the browser
lets it use several threads; the camera needs https, or localhost.
"""
_LACKING = (
    ". They are not there yet: `npm install onnxruntime-web`, and copy them from `{installed}`, or export again where\n"
    "that folder is, or with `{variable}` naming theirs"
)


class Web(Onnx):
    """A folder for any web server, with the model as ONNX."""

    stem, runtime, script = "web", "onnxruntime-web", ""
    resizes = False  # the page does it

    def convert(self, model: keras.Model, path: Path) -> Path:
        """Write the model into the folder."""
        super().convert(model, _begun(model, path))
        return path

    def lowered(self, model: keras.Model, path: Path, precision: str, calibration: Calibration) -> Lowered:
        """The same in a lower precision."""
        return replace(super().lowered(model, _begun(model, path), precision, calibration), path=path)

    def opened(self, path: Path, threads: int) -> OnnxSession:
        """The model in the folder."""
        return super().opened(path / "static" / "model.onnx", threads)

    def complete(self, path: Path, metadata: Metadata, outputs: Sequence[str], threshold: float | None) -> None:
        """Add the page, what it knows of the model, and the runtime's files where they are at hand.

        Args:
            outputs: what each output of the model is.
            threshold: the score from which a picture is unknown.
        """
        for package, parts in _PARTS.items():
            for source, target in parts.items():
                (path / target).write_bytes((files(package) / source).read_bytes())
        _guard(path / "index.html")
        page = json.dumps(_page(metadata, outputs, threshold), indent=1, ensure_ascii=False)
        (path / "static" / "model.json").write_text(page, encoding="utf-8")
        here = _copy_runtime(path / "static" / "runtime")
        (path / "README.md").write_text(_readme(str(metadata.get("recipe") or "A model"), here), encoding="utf-8")


def _begun(model: keras.Model, path: Path) -> Path:
    """Where the model goes in a new folder."""
    shape = model.inputs[0].shape
    if len(model.inputs) > 1 or len(shape) != 4 or shape[-1] not in (1, 3):
        raise ModelError("a page for pictures alone; take onnx for this model")
    (path / "static").mkdir(parents=True, exist_ok=True)
    return path / "static" / "model"


def _page(metadata: Metadata, outputs: Sequence[str], threshold: float | None) -> dict[str, object]:
    """What the page knows of the model."""
    return {
        "name": metadata.get("recipe") or "A model", "file": "onnx, in this browser", "is_picture": True,
        "class_names": metadata["class_names"], "input_shape": metadata["input_shape"],
        "input_dtype": metadata["input_dtype"], "share": RESIZES[resize_of(metadata)],
        "answers": list(task_in(metadata).answer_types), "thresholds": metadata.get("thresholds"),
        "costs": metadata.get("costs"), "outputs": list(outputs), "unknown_threshold": threshold,
        "runtime_files": list(RUNTIME_FILES),
    }  # fmt: skip


def _guard(page: Path) -> None:
    """Let the page load nothing from elsewhere."""
    meta = f'<meta http-equiv="Content-Security-Policy" content="{_GUARD}">\n'
    page.write_text(page.read_text().replace("<title>", f"{meta}<title>", 1))


def _copy_runtime(target: Path) -> bool:
    """Whether the runtime's files were found."""
    source = Path(os.environ[RUNTIME]) if RUNTIME in os.environ else _INSTALLED
    lacking = [each for each in RUNTIME_FILES if not (source / each).is_file()]
    if RUNTIME in os.environ and lacking:
        raise ModelError(f"{RUNTIME}={source}: expected {', '.join(RUNTIME_FILES)}; {lacking[0]} is not there")
    target.mkdir()
    if not lacking:
        for each in RUNTIME_FILES:
            shutil.copyfile(source / each, target / each)
    return not lacking


def _readme(name: str, has_runtime: bool) -> str:
    lacking = "" if has_runtime else _LACKING.format(installed=_INSTALLED, variable=RUNTIME)
    return _README.format(name=name, runtime=", ".join(f"`{each}`" for each in RUNTIME_FILES), lacking=lacking)
