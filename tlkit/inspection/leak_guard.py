"""What is looked at before every run: leaks between parts, exact ones at once, near ones where a check found them."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import replace
from pathlib import Path

from tlkit.data.assembly.leaks import exact_leaks, refuse_leaks
from tlkit.data.splits import Splits
from tlkit.paths import cache_root

_log = logging.getLogger(__name__)


def guarded(splits: Splits, *, allow_leaks: bool) -> Splits:
    """The splits, tagged with the number of leaks where those are allowed; a `DataError` where they are not."""
    exact = exact_leaks(splits)
    refuse_leaks(exact, allowed=allow_leaks)
    near = known_near_leaks(splits)
    refuse_leaks(near, allowed=allow_leaks, near=True)
    if not (exact or near):
        return splits
    tags = {**splits.info.tags, "data.leaks": str(len({name for name, _ in exact + near}))}
    return replace(splits, info=replace(splits.info, tags=tags))


def known_near_leaks(splits: Splits) -> list[tuple[str, str]]:
    """What `keep_near_leaks` kept of the very same parts; nothing where they were not checked."""
    try:
        pairs = json.loads(_file(splits).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [(str(name), str(copy)) for name, copy in pairs]


def keep_near_leaks(splits: Splits, pairs: list[tuple[str, str]]) -> None:
    """Keep what a full check found, for the runs to come."""
    file = _file(splits)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(pairs), encoding="utf-8")
    except OSError as error:
        _log.warning("%s: cannot be written (%s); runs will not know of near-copies", file.parent, error.strerror)


def _file(splits: Splits) -> Path:
    digest = hashlib.blake2b(digest_size=16)
    for part, examples in splits.parts().items():
        digest.update("\n".join([part, *sorted(examples.ids), ""]).encode())
    return cache_root() / "checks" / f"{digest.hexdigest()}.json"
