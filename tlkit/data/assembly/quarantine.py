"""Examples that are to be left out: a table beside the data, honoured by every run, with nothing deleted."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from tlkit.data.splits import Splits
from tlkit.data.tables.safe_csv import restored, write_table
from tlkit.errors import DataError, writing

_COLUMNS = ["name", "id", "reason"]


def quarantine_file(path: str | None, given: str | None) -> Path | None:
    """The table of a data set: the one that is named, else `<path>.quarantine.csv` beside the data."""
    if given is not None:
        return Path(given)
    return Path(f"{path.rstrip('/')}.quarantine.csv") if path else None


def write_quarantine(file: Path, rows: Iterable[tuple[str, str, str]], *, below: str | None) -> int:
    """Add (name, id, reason) rows to the table; those that stand there stay. How many are new."""
    known = _read(file) if file.is_file() else {}
    new = {(_short(name, below), id_): reason for name, id_, reason in rows}
    together = {**new, **known}
    mend = "; name another with --set data.quarantine=FILE"
    with (
        writing(file, mend=mend),
        file.open("w", newline="", encoding="utf-8", errors="surrogateescape") as handle,
    ):
        write_table(handle, [_COLUMNS, *([name, id_, reason] for (name, id_), reason in together.items())])
    return len(together) - len(known)


def without_quarantined(splits: Splits, file: Path | None, *, below: str | None, named: bool) -> Splits:
    """The splits less what the table names; an example whose content has changed since is kept."""
    if file is None or not file.is_file():
        if named:
            raise DataError(
                f"{file}: no such file; data.quarantine names a table that `tlkit check --quarantine` writes"
            )
        return splits
    known = {(_short(name, below), id_) for name, id_ in _read(file)}
    kept = {
        part: np.array(
            [(_short(name, below), id_) not in known for name, id_ in zip(each.names, each.ids, strict=True)], bool
        )
        for part, each in splits.parts().items()
    }
    count = sum(int((~mask).sum()) for mask in kept.values())
    if not count:
        return splits
    parts = {part: each.take(np.flatnonzero(kept[part])) for part, each in splits.parts().items()}
    tags = {**splits.info.tags, "data.quarantined": str(count), "data.quarantine": str(file)}
    return replace(splits, **parts, info=replace(splits.info, tags=tags))


def _read(file: Path) -> dict[tuple[str, str], str]:
    try:
        with file.open(newline="", encoding="utf-8", errors="surrogateescape") as handle:
            rows = list(csv.DictReader(handle))
    except (OSError, csv.Error) as error:
        raise DataError(f"{file}: not a readable table ({error})") from error
    if rows and not set(_COLUMNS[:2]) <= set(rows[0]):
        raise DataError(f"{file}: expected the columns {', '.join(_COLUMNS)}, found {', '.join(map(str, rows[0]))}")
    return {(restored(row["name"]), row["id"]): row.get("reason") or "" for row in rows}


def _short(name: str, below: str | None) -> str:
    """A file's name below the data's folder, so that the table moves with the data."""
    if below is None or (not os.path.isabs(name) and not name.startswith(below.rstrip("/") + "/")):
        return name
    short = os.path.relpath(name, below)
    return name if short.startswith("..") else short
