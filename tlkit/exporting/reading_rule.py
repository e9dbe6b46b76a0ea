"""How a new example becomes an input of the exported graph, in words and numbers, for those who read without tlkit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlkit.kinds.image.pictures import RESIZES, resize_of
from tlkit.kinds.kind import kind_in
from tlkit.layers.alphabet import ALPHABET
from tlkit.model.metadata import Metadata

_MODES = {1: "L", 3: "RGB"}


def reading_rule(metadata: Metadata, *, any_size: bool = False) -> Mapping[str, Any]:
    """What the metadata say of reading: of pictures the whole rule, of the rest the numbers that they were read by.

    Args:
        any_size: whether the graph brings pictures to size itself.

    Example:
        >>> page = {"kind": "signal", "input_shape": [200, 1], "input_dtype": "float32", "reading": {"sample_rate": 50}}
        >>> reading_rule(page)["sample_rate"]
        50
    """
    shape = list(metadata["input_shape"])
    rule = {"kind": metadata["kind"], "shape": shape, "dtype": metadata["input_dtype"], **metadata.get("reading", {})}
    if metadata["input_dtype"] == "string":
        told = metadata["preparation"]
        return {**rule, "length": told["length"], "words": "split as predict.py does, each by its number"}
    if (metadata.get("preparation") or {}).get("name") == "letters":
        return {**rule, "alphabet": "".join(ALPHABET), "words": "each letter by its place in the alphabet, from 0"}
    if not kind_in(metadata).is_picture:
        return rule
    picture = {**rule, **_of_picture(metadata)}
    return (
        {**picture, "inside": True, "words": f"any size; inside the graph {picture['words']}"} if any_size else picture
    )


def _of_picture(metadata: Metadata) -> Mapping[str, Any]:
    height, width, channels = metadata["input_shape"]
    resize = resize_of(metadata)
    share = RESIZES[resize]
    part = f"the middle {share:g} of the largest part of that shape, " if share else "the whole picture, "
    return {
        "upright": "turned as its EXIF orientation says", "mode": _MODES.get(channels), "resize": resize,
        "share": share, "height": height, "width": width,
        "transparency": "laid on white",
        "words": f"{part}averaged by whole numbers of pixels to less than twice {width} x {height}, then sampled "
        "between four neighbours; values stay from 0 to 255",
    }  # fmt: skip
