"""What a run has learned from, recorded with it, and which other examples are among that."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tlkit.data.splits import Examples, Splits
from tlkit.data.tables.safe_csv import restored, write_frame
from tlkit.errors import NotFoundError
from tlkit.kinds.image.image_index import file_facts, near_copies_of
from tlkit.kinds.kind import Kind
from tlkit.tracking import lookup
from tlkit.training.distillation.teacher import LEARNED_FROM as FILE


def write_learned(splits: Splits, folder: Path) -> None:
    """Name and content hash of every example that training or the choice of an epoch has seen."""
    parts = {"train": splits.train, "val": splits.val}
    rows = [(part, *each) for part, some in parts.items() for each in zip(some.names, some.ids, strict=True)]
    packed = {"method": "gzip", "compresslevel": 1, "mtime": 1}
    frame = pd.DataFrame(rows, columns=["part", "example", "id"])
    write_frame(frame, folder / FILE, index=False, compression=packed)


def learned_parts(run: lookup.Run, root: Path, examples: Examples, kind: Kind) -> list[str] | None:
    """The part that each example stood in when the run learned, "" for none; None where the run does not say.

    Pictures are also compared with those that are still where the run found them, to know re-encoded, resized and
    mirrored copies.
    """
    try:
        return _parts_in(_recorded(run, root, FILE), examples, kind)
    except NotFoundError:
        return None


def seen_parts(run: lookup.Run, root: Path, examples: Examples, kind: Kind) -> list[str] | None:
    """The same with what the run was scored on, which is to be learned from as little as it is to be labelled again."""
    try:
        learned, judged = (_recorded(run, root, each) for each in (FILE, "predictions.csv"))
    except NotFoundError:
        return None
    return _parts_in(pd.concat([judged.assign(part="test"), learned])[["part", "example", "id"]], examples, kind)


def _recorded(run: lookup.Run, root: Path, file: str) -> pd.DataFrame:
    frame = pd.read_csv(lookup.fetch(run, file, root), dtype=str, keep_default_na=False)
    return frame.assign(example=frame["example"].map(restored))


def _parts_in(learned: pd.DataFrame, examples: Examples, kind: Kind) -> list[str]:
    known = dict(zip(learned["id"], learned["part"], strict=True))
    parts = [known.get(each, "") for each in examples.ids]
    pictures = all(len(kind.picture_files(each)) == 1 for each in examples.items)
    return _with_copies(parts, examples, learned) if pictures else parts


def _with_copies(parts: list[str], examples: Examples, learned: pd.DataFrame) -> list[str]:
    there = learned[[Path(each).is_file() for each in learned["example"]]]
    files = [*map(str, examples.items), *there["example"]]
    stood = np.array([*parts, *there["part"]], object)
    for one, other in near_copies_of(file_facts(files)):
        stood[one], stood[other] = stood[one] or stood[other], stood[other] or stood[one]
    return stood[: len(parts)].tolist()
