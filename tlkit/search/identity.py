"""Which search a recipe asks for, and whether it is the one that was begun."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from tlkit.data.splits import Splits
from tlkit.recipe.overriding import flat
from tlkit.recipe.schema import Recipe
from tlkit.recipe.space import Domain
from tlkit.redaction import redacted_values
from tlkit.search.search_journal import SearchError, SearchJournal, differences, fingerprint

_OPEN = (
    "tune.trials", "tune.seeds", "tune.keep", "tune.growth_mb", "tune.budget", "tune.space", "track", "description",
    "name", "train.few_examples", "train.checkpoint_minutes",
)  # fmt: skip
_LATER: Mapping[str, tuple[object, ...]] = {
    "model.head.solver": ("auto", "gradient"),
    "train.imbalance": ("none",),
    "train.label_noise": ("none",),
    "predict.costs": ({},),
}  # fields that older searches lack, at values that are as before


def identity_of(recipe: Recipe, domains: list[Domain], splits: Splits) -> dict[str, object]:
    """All that a trial's result depends on, by dotted path."""
    fields = {
        path: value
        for path, value in flat(recipe.model_dump(mode="json"))
        if not any(path == each or path.startswith(f"{each}.") for each in _OPEN) and value not in _LATER.get(path, ())
    }
    space = {f"tune.space.{each.path}": each.as_json() for each in domains}
    parts = {f"data ({name})": _digest(part) for name, part in splits.parts().items()}
    return {**redacted_values(fields), **space, **parts}


def check_same(journal: SearchJournal, identity: dict[str, object], *, new: bool) -> dict[str, Any]:
    """What is known of the search so far; a `SearchError` with the differences if it was another."""
    if new:
        journal.clear()
    about = journal.about()
    if about and fingerprint(about["facts"]) != fingerprint(identity):
        shown = "\n  ".join(differences(about["facts"], identity))
        raise SearchError(
            f"{journal.folder}: holds another search. Differences:\n  {shown}\n"
            "Take the changes back, or begin afresh with --new"
        )
    return about


def _digest(part: Any) -> str:
    digest = hashlib.blake2b(digest_size=6)
    order = np.argsort(np.asarray(part.ids, dtype=str), kind="stable")
    digest.update("".join(part.ids[index] for index in order).encode())
    digest.update(np.ascontiguousarray(np.asarray(part.targets)[order]).tobytes())
    return f"{len(part)} examples, {digest.hexdigest()}"
