"""What a kind of data is asked for by the rest of the house; nothing else asks which kind it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tlkit import catalog
from tlkit.data.duplicates.likeness import near_vectors
from tlkit.data.splits import Examples
from tlkit.errors import DataError
from tlkit.kinds.previews import draw_by_shape
from tlkit.kinds.starting_points import StartingPoint
from tlkit.model.metadata import Metadata

Inputs = Iterator[tuple[str, Callable[[], np.ndarray]]]  # each example's name, and what reads it
Scored = tuple[Examples, dict[str, str]]  # targets are labels as they stand in the data; what was set aside


def as_array(example: Any, metadata: Metadata) -> np.ndarray:
    """An example that is an array already, in the type and shape that a model with this metadata takes.

    Example:
        >>> as_array([1, 2], {"input_shape": [2], "input_dtype": "float32"}).tolist()
        [1.0, 2.0]
    """
    shape = tuple(metadata["input_shape"])
    try:
        values = np.asarray(example, metadata["input_dtype"])
    except (ValueError, TypeError, OverflowError) as error:
        raise DataError(f"expected numbers of shape {shape}") from error
    if values.shape != shape:
        raise DataError(f"expected an input of shape {shape}, found {values.shape}")
    return values


@dataclass(frozen=True)
class Kind:
    """Everything that depends on what is looked at, beside the sources that read it.

    What is left out is as for arrays of any meaning: examples come from Python alone, and no augmentation suits them.
    """

    name: str
    inputs_at: Callable[[Path, Metadata], Inputs] | None = None  # every new example in a file or folder
    labelled_at: Callable[[Path, Metadata], Scored] | None = None  # every labelled one, to score a model on
    several_labels: bool = False  # whether one of those may have several labels
    input_of: Callable[[Any, Metadata], np.ndarray] = as_array  # an example from Python as a model takes it
    is_string: bool = False  # whether an example from Python is a string; where it is none, a string is a path
    decoded: Callable[[str | bytes, Metadata], np.ndarray] | None = None  # a file that a request holds, also in base64
    encoded: Callable[[np.ndarray], str | None] = lambda values: None  # an input as that text
    preparations: Mapping[str, catalog.Entry] = field(default_factory=dict)  # `(input_shape, *, …) -> keras.Model`
    augmentations: Collection[str] | None = ()  # steps that make sense; None: any may
    views: Mapping[str, catalog.Entry] = field(default_factory=dict)  # `(prepared inputs) -> the same, seen otherwise`
    is_picture: bool = False  # whether an input is one picture (height, width, channels)
    picture_files: Callable[[Any], tuple[str, ...]] = lambda item: ()  # those that an item of a source is read from
    near: Callable[[np.ndarray], np.ndarray] = near_vectors  # pairs (n, 2) of near-copies among inputs in memory
    draw: Callable[[np.ndarray], Image.Image | None] = draw_by_shape  # an input; None for what has no look
    grey: float | None = None  # what stands for nothing in inputs that are not measured
    guesses: Mapping[int, str] = field(default_factory=dict)  # what `init` takes data for: rank -> "module:function"
    starting_points: Sequence[
        StartingPoint
    ] = ()  # nets from scratch that suit it, the most promising for its time first
    covered_whole: str = ""  # what occlusion covers as one, in words; else it covers windows


def kind_of(name: str) -> Kind:
    """The kind of data of this name, by the catalog's table alone.

    Example:
        >>> kind_of("dna").augmentations
        ('reverse_complement',)
    """
    kind: Kind = catalog.resolve(name, catalog.KINDS, kind="kind of data")
    return kind


def kind_in(metadata: Metadata) -> Kind:
    """The kind that a model file names; where that is in no table, it takes arrays."""
    return kind_of(metadata["kind"] if metadata["kind"] in catalog.KINDS else "array")
