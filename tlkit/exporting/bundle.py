"""A folder in which a model leaves: its files, and `model.json`, which says what goes in and what comes out.

Nothing here needs Keras or TensorFlow.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from tlkit.errors import ModelError, writing
from tlkit.model.metadata import Metadata, faults

PAGE = "model.json"
_MOST_PAGE = 64 << 20  # bytes


@dataclass(frozen=True)
class ModelInput:
    """An input of the exported graph; a side that is None may have any length, the first is the batch."""

    name: str
    shape: Sequence[int | None]
    dtype: str


@dataclass(frozen=True)
class BundleFile:
    """A file of the bundle (or a folder), by its path within."""

    path: Path
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Bundle:
    """What stands in a bundle; every file of `files` is what it was when it was written.

    Args:
        files: by format and precision, as `onnx/float32`.
        outputs: what each output of the graph is: `outputs` first, then maybe `unknown`.
        unknown: the score above which an input is like nothing that was learned from.
    """

    folder: Path
    version: str
    metadata: Metadata
    inputs: Sequence[ModelInput]
    outputs: Sequence[str]
    files: Mapping[str, BundleFile]
    reading: Mapping[str, Any]
    temperature: float | None = None
    unknown: float | None = None

    def prepared(self, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Raw inputs of examples as the graph takes them: texts become the numbers of their words."""
        return prepared(inputs, self.metadata)


def prepared(inputs: Sequence[np.ndarray], metadata: Metadata) -> list[np.ndarray]:
    """Raw inputs as an exported graph takes them: texts become the numbers of their words, the rest stays.

    Example:
        >>> page = {"input_dtype": "string", "preparation": {"vocabulary": ["the", "cat"], "length": 4}}
        >>> prepared([np.array(["The cat sat"])], page)[0].tolist()
        [[2, 3, 1, 0]]
    """
    if metadata["input_dtype"] != "string":
        return [np.asarray(each) for each in inputs]
    from tlkit.kinds.text.text import split_words

    said = metadata["preparation"]
    places = {word: place for place, word in enumerate(said["vocabulary"], 2)}
    rows = np.zeros((len(inputs[0]), said["length"]), np.int32)
    for row, text in zip(rows, inputs[0], strict=True):
        found = [places.get(word, 1) for word in split_words(str(text))][: len(row)]
        row[: len(found)] = found
    return [rows, *(np.asarray(each) for each in inputs[1:])]


def read_bundle(folder: str | Path) -> Bundle:
    """The bundle in a folder; a `ModelError` where a file is missing or not what it was.

    Example:
        >>> read_bundle("exported").files["onnx/float32"].path  # doctest: +SKIP
        PosixPath('exported/model.onnx')
    """
    folder = Path(folder)
    page = _page(folder / PAGE)
    try:
        files = {str(key): _checked(folder, str(key), value) for key, value in page["files"].items()}
        inputs = [ModelInput(str(each["name"]), [*each["shape"]], str(each["dtype"])) for each in page["inputs"]]
        outputs, metadata = [str(each) for each in page["outputs"]], dict(page["metadata"])
        unknown = float(page["unknown"]["threshold"]) if page.get("unknown") else None
        temperature = None if page.get("temperature") is None else float(page["temperature"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{folder / PAGE}: not as `tlkit export` writes it ({error})") from error
    if wrong := faults(metadata):
        raise ModelError(f"{folder / PAGE}: metadata: {', '.join(wrong)}: missing, or not as tlkit writes it")
    return Bundle(
        folder, str(page.get("tlkit", "")), cast(Metadata, metadata), inputs, outputs, files,
        dict(page.get("reading") or {}), temperature, unknown,
    )  # fmt: skip


def write_bundle(bundle: Bundle) -> Path:
    """Write `model.json`."""
    path = bundle.folder / PAGE
    page = {
        "tlkit": bundle.version, "metadata": bundle.metadata, "inputs": [asdict(each) for each in bundle.inputs],
        "outputs": [*bundle.outputs], "reading": dict(bundle.reading), "temperature": bundle.temperature,
        "unknown": None if bundle.unknown is None else {"threshold": bundle.unknown},
        "files": {
            key: {"path": each.path.relative_to(bundle.folder).as_posix(), "sha256": each.sha256, "bytes": each.bytes}
            for key, each in bundle.files.items()
        },
    }  # fmt: skip
    with writing(path, ModelError):
        path.write_text(json.dumps(page, indent=1, ensure_ascii=False), encoding="utf-8")
    return path


def file_of(path: Path) -> BundleFile:
    """A file or folder as it is now; OpenVINO's weights, which lie beside its page, belong to it."""
    parts = parts_of(path)
    return BundleFile(path, _hash(path, parts), sum(each.stat().st_size for each in parts))


def parts_of(path: Path) -> list[Path]:
    """Every file that belongs to one of a bundle."""
    if path.is_dir():
        return sorted(each for each in path.rglob("*") if each.is_file())
    weights = path.with_suffix(".bin")
    return [path, weights] if path.suffix == ".xml" and weights.is_file() else [path]


def _hash(path: Path, parts: Sequence[Path]) -> str:
    """The hash of a file; of several, of their names and hashes."""
    if len(parts) == 1 and parts[0] == path:
        return _sha256(path)
    lines = [f"{each.relative_to(path.parent).as_posix()} {_sha256(each)}\n" for each in parts]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _page(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > _MOST_PAGE:
            raise ValueError("it is too large")
        page = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no such file; a bundle is a folder that `tlkit export` wrote") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path}: cannot be read ({error})") from error
    if not isinstance(page, dict):
        raise ModelError(f"{path}: expected a page of fields, found a {type(page).__name__}")
    return page


def _checked(folder: Path, key: str, said: Mapping[str, Any]) -> BundleFile:
    """A file that lies in the folder and is what the page says."""
    path = folder / str(said["path"])
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ModelError(f"{folder / PAGE}: {key}: names a file outside its folder ({said['path']})")
    if not path.exists():
        raise ModelError(f"{path}: no such file, though {PAGE} names it. Export the model again")
    if any(not each.resolve().is_relative_to(folder.resolve()) for each in parts_of(path)):
        raise ModelError(f"{path}: holds a link to what lies outside the folder")
    found = file_of(path)
    if found.sha256 != said["sha256"]:
        raise ModelError(f"{path}: was changed since it was exported (its hash is another). Export the model again")
    return found
