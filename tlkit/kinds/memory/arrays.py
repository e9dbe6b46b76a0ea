"""Arrays in memory as splits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tlkit.data.assembly.groups import equal, keys_together
from tlkit.data.assembly.parts import assemble
from tlkit.data.duplicates.likeness import kept_together
from tlkit.data.single_precision import in_float32
from tlkit.data.splits import Examples, Info, Splits
from tlkit.errors import DataError
from tlkit.kinds.kind import kind_of
from tlkit.kinds.text.text import with_vocabulary
from tlkit.tasks.task import task_of


def from_arrays(
    inputs: ArrayLike,
    targets: ArrayLike,
    *,
    val_data: tuple[ArrayLike, ArrayLike] | None = None,
    test_data: tuple[ArrayLike, ArrayLike] | None = None,
    class_names: Sequence[str] | None = None,
    task: str | None = None,
    groups: Iterable[Any] | None = None,
    near_copies: str = "together",
    kind: str | None = None,
    seed: int = 7,
    val: float = 0.15,
    test: float = 0.15,
) -> Splits:
    """Splits of arrays: (n, ...) inputs or (n,) texts, and (n,) labels, (n, k) rows of 0 and 1, or float numbers.

    Rows (n, k) of other numbers than 0 and 1 are several numbers to predict, which `class_names` may name.
    `val_data` and `test_data` are (inputs, targets) pairs that are kept as they are.

    Example:
        >>> pictures = np.random.default_rng(0).integers(0, 255, (10, 8, 8, 3), dtype=np.uint8)
        >>> splits = from_arrays(pictures, [0, 1] * 5)
        >>> splits.info.input_shape
        (8, 8, 3)
    """
    given = {"train": (inputs, targets), "val": val_data, "test": test_data}
    pairs = {part: _pair(part, *pair, kind) for part, pair in given.items() if pair is not None}
    task = task or _task(pairs["train"][1])
    names = task_of(task).array_class_names(class_names, [labels for _, labels in pairs.values()])
    wholes = {part: _examples(part, *pair, names, task) for part, pair in pairs.items()}
    _same_shape(wholes)
    info = _info(wholes["train"], task, names, kind)
    whole = wholes.pop("train")
    whole = replace(whole, keys=_keys(whole, groups, info.kind, near_copies))
    shares: dict[str, Any] = {"val": val, "test": test} | dict.fromkeys(wholes, 0.0)
    strata = task_of(task).strata(whole.targets.tolist())
    found = assemble(whole, info, strata=strata, **shares, seed=seed, where="arrays")
    splits = replace(found, val=wholes.get("val", found.val), test=wholes.get("test", found.test))
    return with_vocabulary(splits) if splits.info.kind == "text" else splits


def _pair(part: str, inputs: ArrayLike, targets: ArrayLike, kind: str | None) -> tuple[np.ndarray, np.ndarray]:
    inputs, targets = _without_bytes(np.asarray(inputs)), np.asarray(targets)
    inputs = in_float32(inputs) if inputs.dtype.kind == "f" else inputs
    if len(inputs) != len(targets) or not len(inputs):
        raise DataError(f"{part}: expected as many targets as inputs and at least one, found {len(inputs)} inputs "
                        f"and {len(targets)} targets")  # fmt: skip
    if inputs.dtype.kind == "f" and not np.isfinite(inputs).all():
        raise DataError(f"{part}: inputs hold NaN or infinite values in {_bad_rows(inputs)} (as float32)")
    if targets.dtype.kind == "f" and not np.isfinite(in_float32(targets)).all():
        raise DataError(f"{part}: targets hold NaN or infinite values in {_bad_rows(in_float32(targets))} (as float32)")
    if inputs.ndim == 3 and (inputs.dtype == np.uint8 or kind == "image"):
        inputs = inputs[..., None]  # grey pictures without a channel axis
    targets = np.char.decode(targets, "utf-8") if targets.dtype.kind == "S" else targets
    return inputs, targets


def _without_bytes(inputs: np.ndarray) -> np.ndarray:
    """Texts as an array (n,) of strings, whatever they came as; other inputs as they are."""
    if inputs.dtype.kind not in "SUO":
        return inputs
    texts = inputs[:, 0] if inputs.ndim == 2 and inputs.shape[1] == 1 else inputs
    texts = np.array([each.decode("utf-8", "replace") if isinstance(each, bytes) else each for each in texts], object)
    strange = [index for index, each in enumerate(texts) if not isinstance(each, str)]
    if strange:
        raise DataError(f"inputs: expected numbers of one shape or texts, found {type(texts[strange[0]]).__name__} "
                        f"in row {strange[0]}")  # fmt: skip
    return texts


def _bad_rows(values: np.ndarray) -> str:
    rows = np.flatnonzero(~np.isfinite(values.reshape(len(values), -1)).all(axis=1))
    return f"{len(rows)} rows: {', '.join(map(str, rows[:10]))}{' ...' if len(rows) > 10 else ''}"


def _task(targets: np.ndarray) -> str:
    if targets.ndim == 2 and targets.shape[1] > 1:
        return "labels" if np.isin(targets, (0, 1)).all() else "number"
    return "number" if targets.dtype.kind == "f" else "label"


def _examples(part: str, inputs: np.ndarray, targets: np.ndarray, class_names: Sequence[str], task: str) -> Examples:
    names = [f"{part}[{index}]" for index in range(len(inputs))]
    ids = [hashlib.blake2b(_bytes(each), digest_size=16).hexdigest() for each in inputs]
    return Examples(inputs, task_of(task).array_targets(targets, class_names), ids, names, None)


def _bytes(example: str | np.ndarray) -> bytes:
    return example.encode() if isinstance(example, str) else np.ascontiguousarray(example).tobytes()


def _same_shape(wholes: dict[str, Examples]) -> None:
    shapes = {part: np.shape(whole.items)[1:] for part, whole in wholes.items()}
    if len(set(shapes.values())) > 1:
        raise DataError(f"inputs: expected one shape in every part, found {shapes}")


def _keys(whole: Examples, groups: Iterable[Any] | None, kind: str, near_copies: str) -> list[str]:
    keys = [f"group:{each}" for each in groups] if groups is not None else list(whole.ids)
    if len(keys) != len(whole):
        raise DataError(f"groups: expected one per example ({len(whole)}), found {len(keys)}")
    together = keys if groups is None else keys_together(keys, equal(whole.ids), [1] * len(keys))
    return kept_together(
        together, np.asarray(whole.items), kind_of(kind).near, range(len(whole)), near_copies=near_copies
    )


def _info(whole: Examples, task: str, class_names: tuple[str, ...], kind: str | None) -> Info:
    inputs = np.asarray(whole.items)
    if inputs.dtype == object:
        return Info(task, (), "string", "text", class_names)
    picture = inputs.ndim == 4 and inputs.dtype == np.uint8
    return Info(task, inputs.shape[1:], str(inputs.dtype), kind or ("image" if picture else "array"), class_names)
