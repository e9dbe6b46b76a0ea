"""Guesses of data that are several views of objects."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tlkit.data.assembly.class_folders import SUFFIXES
from tlkit.kinds.detection.guess import Guess


def guess_views(path: Path, files: Sequence[Path]) -> Guess | None:
    """Pictures in one folder whose names say of what they are a view: every object has the same views."""
    pictures = [each for each in files if each.suffix.lower() in SUFFIXES]
    matches = [match for each in pictures if (match := re.fullmatch(r"(.+?)([_-]+)(\d+)(\.\w+)", each.name))]
    forms = Counter(f"{{object}}{match.group(2)}{{view}}{match.group(4)}" for match in matches)
    form, count = forms.most_common(1)[0] if forms else ("", 0)
    views: dict[str, set[str]] = {}
    for match in matches:
        views.setdefault(match.group(1), set()).add(match.group(3))
    turned = "__" in form or all(each[-1].isdigit() for each in views)
    alike = len(set(map(frozenset, views.values()))) == 1
    if len(views) < 2 or count < 0.9 * len(pictures) or not (turned and alike):
        return None
    data = {"source": "views", "pattern": form, "count": 4, "split_by": "turn", "test": 0.5}
    why = {
        "source": "guessed: objects seen from several sides",
        "pattern": f"guessed: {len(views)} objects by file name, each a class",
        "count": "guessed: views that make one example",
        "split_by": "guessed: trained on one half of each turn, tested on the other, since neighbouring views leak",
    }
    seen = f"{len(pictures)} pictures, {len(views)} objects with {len(next(iter(views.values())))} views each"
    training = {"epochs": 20, "batch_size": 16, "learning_rate": 0.003}
    return Guess(data, why, {"net": "multiview", "backbone": "efficientnet-lite0"}, training, seen=seen)
