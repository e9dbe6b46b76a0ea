"""A folder of IDX files, the format of MNIST and its kin, plain or gzipped; the given test part is kept."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tlkit.data.assembly.parts import assemble
from tlkit.data.files.regular_files import read_bytes
from tlkit.data.splits import Examples, Info, Splits
from tlkit.errors import DataError
from tlkit.tasks.task import require_task

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_UNPACKED = 8 << 30  # bytes
_BLOCK = 1 << 20
_MOST_AXES = 8
_MOST_CLASSES = 100_000
_STEMS = {"train": ("train",), "test": ("t10k", "test"), "val": ("val", "valid")}


def idx(
    path: str | Path,
    *,
    class_names: Sequence[str] | None = None,
    task: str = "label",
    seed: int = 7,
    val: float = 0.15,
    test: float = 0.15,
) -> Splits:
    """Splits of train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-… and so on; validation comes out of training.

    A file that is not whole is refused: which pictures it lacks cannot be known.

    Example:
        >>> idx("data/fashion_mnist", val=0.1).info.input_shape  # doctest: +SKIP
        (28, 28, 1)
    """
    path = Path(path)
    require_task(task, ["label"], where=path, what="IDX files give one label a picture")
    pairs = {part: pair for part in _STEMS if (pair := _pair(path, part)) is not None}
    if "train" not in pairs:
        raise DataError(f"{path}: expected train-images-idx3-ubyte and train-labels-idx1-ubyte (or .gz), found "
                        f"{_found(path)}")  # fmt: skip
    shapes = {part: inputs.shape[1:] for part, (inputs, _) in pairs.items()}
    if len(set(shapes.values())) > 1:
        raise DataError(f"{path}: expected pictures of one size in every part, found {shapes}")
    names = _class_names(path, class_names, np.concatenate([labels for _, labels in pairs.values()]))
    whole, given = _examples(pairs)
    info = Info("label", next(iter(shapes.values())), "uint8", "image", names)
    strata = list(map(str, whole.targets.tolist()))
    return assemble(whole, info, given=given, strata=strata, val=val, test=test, seed=seed, where=path)


def holds_idx(path: Path) -> bool:
    """Whether a path is a folder with pictures in IDX files."""
    return path.is_dir() and any(_file(path, part, "images") for part in _STEMS)


def idx_pictures(path: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Every picture in the IDX files of a folder, with its name."""
    for file in filter(None, (_file(path, part, "images") for part in _STEMS)):
        yield from ((f"{file}[{index}]", pixels) for index, pixels in enumerate(_pictures(file)))


def labelled_idx(path: Path, class_names: Sequence[str], read: Callable[[np.ndarray], np.ndarray]) -> Examples:
    """Every labelled picture in the IDX files of a folder, its label a name; `read` makes a model's input of pixels."""
    pairs = {part: pair for part in _STEMS if (pair := _pair(path, part)) is not None}
    examples, _ = _examples(pairs)
    labels = np.empty(len(examples), object)
    labels[:] = [class_names[each] if 0 <= each < len(class_names) else str(each) for each in examples.targets]
    return replace(examples, targets=labels, read=read)


def read_idx(path: Path) -> np.ndarray:
    """The array in one IDX file, in the type it has there.

    Reference: LeCun, Cortes, Burges, "The MNIST database of handwritten digits", file formats.

    Example:
        >>> read_idx(Path("train-labels-idx1-ubyte.gz")).shape  # doctest: +SKIP
        (60000,)
    """
    data = _bytes(path)
    if not data:
        raise DataError(f"{path}: empty file")
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in _TYPES or not 1 <= data[3] <= _MOST_AXES:
        raise DataError(f"{path}: not an IDX file: expected it to begin with 00 00, a type and a number of axes, "
                        f"found {data[:4].hex(' ')}")  # fmt: skip
    start = 4 + 4 * data[3]
    if len(data) < start:
        raise DataError(f"{path}: cut short: its header is not whole")
    shape = np.frombuffer(data, ">u4", count=data[3], offset=4).astype(int).tolist()
    kind = np.dtype(_TYPES[data[2]])
    size, promised = len(data) - start, kind.itemsize * int(np.prod(shape, dtype=object))
    if size != promised:
        wrong = "cut short" if size < promised else "too long"
        raise DataError(f"{path}: {wrong}: its header promises {' x '.join(map(str, shape))} values "
                        f"({promised} bytes), {size} bytes are there")  # fmt: skip
    try:
        return np.frombuffer(data, kind, offset=start).reshape(shape)
    except ValueError as error:  # none at all, of sizes that no array can have
        raise DataError(f"{path}: expected values, found none: {' x '.join(map(str, shape))}") from error


def _bytes(path: Path) -> bytes:
    try:
        data = read_bytes(path)
        if data[:2] != b"\x1f\x8b":
            return data
        unpacked = bytearray()
        with gzip.open(io.BytesIO(data)) as file:
            while block := file.read(_BLOCK):  # room is made for no more than is there
                unpacked += block
                if len(unpacked) > _MOST_UNPACKED:
                    raise DataError(f"{path}: unpacks to more than {_MOST_UNPACKED >> 30} GB")
        return bytes(unpacked)
    except EOFError as error:
        raise DataError(f"{path}: cut short: the compressed data end too early") from error
    except (OSError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error


def _pair(path: Path, part: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Pictures (n, height, width, 1) and labels of one part, or None where it is not there."""
    images, labels = _file(path, part, "images"), _file(path, part, "labels")
    if images is None or labels is None:
        if images is not labels:
            raise DataError(f"{path}: {part}: expected files of images and of labels, found only {images or labels}")
        return None
    inputs, targets = _pictures(images), read_idx(labels)
    if targets.ndim != 1 or len(targets) != len(inputs) or not len(targets):
        raise DataError(f"{labels}: expected a label for each of {len(inputs)} pictures, found shape {targets.shape}")
    broken = targets[~(np.isfinite(targets) & (targets == np.rint(targets)))]
    if len(broken):
        raise DataError(f"{labels}: expected labels in whole numbers, found {broken[0]}")
    return inputs, targets.astype(np.int64)


def _pictures(file: Path) -> np.ndarray:
    """The pictures (n, height, width, channels) in one file."""
    inputs = read_idx(file)
    if inputs.ndim not in (3, 4) or inputs.dtype != np.uint8 or 0 in inputs.shape[1:]:
        raise DataError(f"{file}: expected pictures in bytes (n, height, width), found {inputs.dtype} {inputs.shape}")
    return inputs[..., None] if inputs.ndim == 3 else inputs


def _file(path: Path, part: str, what: str) -> Path | None:
    """The file of a part: train-images-idx3-ubyte, train-images.idx3-ubyte, either with .gz behind."""
    if not path.is_dir():
        raise DataError(f"{path}: expected a folder of IDX files, found {'a file' if path.exists() else 'nothing'}")
    starts = tuple(f"{stem}-{what}" for stem in _STEMS[part])
    found = [each for each in sorted(path.iterdir()) if each.name.lower().startswith(starts)]
    return found[0] if found else None


def _found(path: Path) -> str:
    return ", ".join(each.name for each in sorted(path.iterdir())[:5]) or "an empty folder"


def _class_names(path: Path, names: Sequence[str] | None, labels: np.ndarray) -> tuple[str, ...]:
    count = int(labels.max()) + 1
    if labels.min() < 0 or count > _MOST_CLASSES:
        found = labels.min() if labels.min() < 0 else labels.max()
        raise DataError(f"{path}: expected labels from 0 on, found {found}; at most {_MOST_CLASSES:,} are told apart")
    if count > len(names or range(count)):
        raise DataError(f"{path}: labels go from {labels.min()} to {labels.max()}, but data.class_names has "
                        f"{len(names or [])} names")  # fmt: skip
    if labels.min() == labels.max():
        raise DataError(f"{path}: expected at least two classes, found one ({labels.min()})")
    known = tuple(map(str, names or range(count)))
    if len(set(known)) < len(known):
        raise DataError(f"{path}: data.class_names: expected different names, found {', '.join(known)}")
    return known


def _examples(pairs: dict[str, tuple[np.ndarray, np.ndarray]]) -> tuple[Examples, list[str]]:
    """All parts one after the other, and the part of each example."""
    inputs = np.concatenate([inputs for inputs, _ in pairs.values()])
    ids = [hashlib.blake2b(each.tobytes(), digest_size=16).hexdigest() for each in inputs]
    names = [f"{part}[{index}]" for part, (_, labels) in pairs.items() for index in range(len(labels))]
    given = [part for part, (_, labels) in pairs.items() for _ in labels]
    return Examples(inputs, np.concatenate([labels for _, labels in pairs.values()]), ids, names, None), given
