"""Which picture files are to stay together when they are split."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tlkit.data.assembly.class_folders import LabelledFile
from tlkit.data.assembly.groups import keys_together
from tlkit.kinds.image.image_index import near_copies_of


def shares_to_assign(files: list[LabelledFile], *, val: float, test: float) -> dict[str, float]:
    """The parts that are taken out of train, with their shares; 0 for those that the layout gives."""
    given = {each.part for each in files}
    return {"val": 0.0 if "val" in given else val, "test": 0.0 if "test" in given else test}


def files_to_compare(files: list[LabelledFile], assigned: dict[str, float], near_copies: str) -> np.ndarray:
    """Which pictures are to be looked at for copies: those that are yet to be assigned."""
    looks = near_copies == "together" and any(assigned.values())
    return np.array([looks and each.part in (None, "train") for each in files])


def given_parts(files: list[LabelledFile], assigned: dict[str, float]) -> dict[str, str]:
    """A tag that names the parts which the layout gives."""
    given = [part for part, share in assigned.items() if not share]
    return {"data.given": ", ".join(given)} if given and any(each.part for each in files) else {}


def ids_of(seen: np.ndarray) -> list[str]:
    """The content hashes of files."""
    return [each.decode() for each in seen["id"].tolist()]


def kept_together(files: list[LabelledFile], seen: np.ndarray, compared: np.ndarray) -> list[LabelledFile]:
    """The files with groups that hold copies and near-copies as well, and alone a file's own content."""
    keys = [each.group or id_ for each, id_ in zip(files, ids_of(seen), strict=True)]
    indices = np.flatnonzero(compared)
    links = indices[near_copies_of(seen[indices])]
    together = keys_together(keys, links, seen["width"].astype(int) * seen["height"])
    return [replace(each, group=key) for each, key in zip(files, together, strict=True)]
