"""What every source gives: examples for training, validation and test, and what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from tlkit import catalog

Items = Sequence[Any] | np.ndarray
Read = Callable[[Any], np.ndarray] | None  # None: the items are the inputs themselves

_pool = ThreadPoolExecutor(thread_name_prefix="tlkit-read")


class InputSequence(Protocol):
    """Inputs by index, which may be made only when they are asked for; a list of arrays is one."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> np.ndarray: ...


@dataclass(frozen=True, repr=False)
class Examples:
    """Labelled examples that are read only when asked for.

    `items` is what `read` turns into one input array; `ids` are hashes of the examples' bytes; `names` are for people.
    Examples with equal `keys` belong together and never stand in two parts; by default that is so for equal ids.
    `beside` are the table columns that the model takes as a second input: a row of numbers each, NaN where unknown.
    """

    items: Items
    targets: np.ndarray
    ids: Sequence[str]
    names: Sequence[str]
    read: Read
    keys: Sequence[str] = ()
    beside: np.ndarray | None = None

    def __post_init__(self) -> None:
        if not len(self.keys):
            object.__setattr__(self, "keys", self.ids)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"Examples({len(self)})"

    def load(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """The inputs at these indices as one batch, read in parallel."""
        if self.read is None:
            return np.asarray(self.items)[np.asarray(indices, int)]
        return np.stack(list(_pool.map(self._read_at, indices)))

    def fed(self, indices: Sequence[int] | np.ndarray) -> Any:
        """What a whole model takes at these indices: the inputs, or pairs of them and the columns beside them."""
        return paired(self.load(indices), self.beside, indices)

    def take(self, indices: Sequence[int] | np.ndarray) -> Examples:
        """The examples at these indices."""
        return replace(
            self,
            items=_picked(self.items, indices),
            targets=self.targets[np.asarray(indices, int)],
            ids=[self.ids[i] for i in indices],
            names=[self.names[i] for i in indices],
            keys=[self.keys[i] for i in indices],
            beside=None if self.beside is None else self.beside[np.asarray(indices, int)],
        )

    def _read_at(self, index: int) -> np.ndarray:
        assert self.read is not None
        return self.read(self.items[index])


def paired(inputs: Any, beside: np.ndarray | None, indices: Sequence[int] | np.ndarray) -> Any:
    """Inputs alone, or a pair of them and their columns."""
    return inputs if beside is None else (inputs, beside[np.asarray(indices, int)])


def joined(parts: Sequence[Examples]) -> Examples:
    """Several parts of one data set as one."""
    return replace(
        parts[0],
        items=_concatenated([part.items for part in parts]),
        targets=np.concatenate([part.targets for part in parts]),
        ids=[id_ for part in parts for id_ in part.ids],
        names=[name for part in parts for name in part.names],
        keys=[key for part in parts for key in part.keys],
        beside=None if parts[0].beside is None else np.concatenate([part.beside for part in parts]),
    )


def _concatenated(items: Sequence[Items]) -> Items:
    if all(isinstance(each, np.ndarray) for each in items):
        return np.concatenate(items)
    return [item for each in items for item in each]


def _picked(items: Items, indices: Sequence[int] | np.ndarray) -> Items:
    return items[np.asarray(indices, int)] if isinstance(items, np.ndarray) else [items[i] for i in indices]


@dataclass(frozen=True)
class Info:
    """What is known of the data: task, shape and type of one input, class names, and what to tell the record.

    `class_names` are the classes, or the names of several numbers.
    `kind` says how an example is read and shown (see `catalog.KINDS`); `preparation` names the first part of the model,
    where it is more than scaling, with its arguments; `reading` is what the kind's reader needs to read new files;
    `beside` describes the table columns beside the input, where there are any (see `data.side_columns`); `learned` is
    what the task has found in training and validation, as the model file is to say it (see `tasks.task`).
    """

    task: str
    input_shape: tuple[int, ...]
    input_dtype: str = "uint8"
    kind: str = "image"
    class_names: tuple[str, ...] = ()
    set_aside: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    preparation: Mapping[str, Any] = field(default_factory=dict)
    reading: Mapping[str, Any] = field(default_factory=dict)
    beside: Mapping[str, Any] = field(default_factory=dict)
    learned: Mapping[str, Any] = field(default_factory=dict)

    @property
    def num_outputs(self) -> int:
        return max(1, len(self.class_names))


@dataclass(frozen=True)
class Splits:
    """Train, validation and test examples; the one thing that nets, heads and evaluation see of any data.

    Example:
        >>> splits = Splits.from_arrays(pictures, labels, class_names=["cat", "dog"])  # doctest: +SKIP
    """

    train: Examples
    val: Examples
    test: Examples
    info: Info

    @classmethod
    def from_arrays(cls, inputs: Any, targets: Any, **options: Any) -> Splits:
        """Splits of NumPy arrays; see `tlkit.kinds.memory.arrays.from_arrays`."""
        return _made("from_arrays", inputs, targets, **options)

    @classmethod
    def from_frame(cls, frame: Any, **options: Any) -> Splits:
        """Splits of a DataFrame of paths and labels; see `tlkit.kinds.image.picture_tables.picture_table`."""
        return _made("from_frame", frame, **options)

    @classmethod
    def from_folder(cls, path: Any, **options: Any) -> Splits:
        """Splits of a folder of pictures; see `tlkit.kinds.image.image_folder.image_folder`."""
        return _made("from_folder", path, **options)

    @classmethod
    def from_dataset(cls, dataset: Any, **options: Any) -> Splits:
        """Splits of a `tf.data.Dataset`; see `tlkit.kinds.memory.datasets.from_dataset`."""
        return _made("from_dataset", dataset, **options)

    def parts(self) -> dict[str, Examples]:
        """The three parts by name."""
        return {"train": self.train, "val": self.val, "test": self.test}

    def counts(self) -> dict[str, int]:
        """How many examples each part has."""
        return {name: len(part) for name, part in self.parts().items()}

    def without(self, bad: Mapping[str, str]) -> Splits:
        """The same splits less the examples of these names, which are noted as set aside."""
        kept = {
            name: part.take([i for i, each in enumerate(part.names) if each not in bad])
            for name, part in self.parts().items()
        }
        return replace(self, **kept, info=replace(self.info, set_aside={**self.info.set_aside, **bad}))

    def show(self, part: str = "train", count: int = 12) -> Any:
        """Some examples of a part as a picture, each with what it is; see `tlkit.kinds.splits_views.show`."""
        return catalog.resolve("show", catalog.VIEWS, kind="view")(self, part, count)

    def _repr_html_(self) -> str:
        return str(catalog.resolve("html", catalog.VIEWS, kind="view")(self))


def _made(constructor: str, *given: Any, **options: Any) -> Splits:
    """Splits by a function that stands above this module, as sources do; the catalog knows where."""
    make = catalog.resolve(constructor, catalog.CONSTRUCTORS, kind="constructor")
    return make(*given, **options)
