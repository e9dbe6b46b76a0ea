"""The examples of a folder that a recorded model finds most like one that is given."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tlkit.commands.features.embed import embedded, read_embedded
from tlkit.commands.shell.listing import Answer
from tlkit.engines.predictor import load_run
from tlkit.errors import DataError
from tlkit.model.known import unit_length


def similar_to(run: str, example: Path, among: Path, *, count: int = 10) -> Answer:
    """A line for each of the most similar examples: the cosine of the angle between the features, and its name.

    `among` is a folder, or a table that `tlkit embed` wrote for the same run.

    Example:
        >>> list(similar_to("latest", Path("cat.jpg"), Path("photographs")))  # doctest: +SKIP
        ['0.913  photographs/cats/cat.7.jpg', ...]
    """
    predictor = load_run(run)
    asked = embedded(predictor, [example])
    if len(asked.names) != 1:
        raise DataError(f"{example}: expected one example, found {len(asked.names)}")
    others = read_embedded(among) if among.suffix == ".parquet" else embedded(predictor, [among])
    if others.features.shape[1] != asked.features.shape[1]:
        sizes = f"{others.features.shape[1]} features each, and those of {predictor.name} are {asked.features.shape[1]}"
        raise DataError(f"{among}: {sizes}. Write it with `tlkit embed` for the same run")
    near = (unit_length(others.features) @ unit_length(asked.features)[0]).astype(float)
    itself = np.array([Path(name).resolve() == example.resolve() for name in others.names])
    order = np.argsort(np.where(itself, np.inf, -near), kind="stable")[: min(count, int((~itself).sum()))]
    yield from (f"{near[index]:.3f}  {others.names[index]}" for index in order)
    found = [{"example": others.names[index], "similarity": near[index]} for index in order]
    return {"similar": found, "broken": others.broken}
