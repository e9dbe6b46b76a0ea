"""From a recipe's data section to splits: drawn or fetched where the folder is empty, then read by its source."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tlkit import catalog
from tlkit.data.assembly.quarantine import quarantine_file, without_quarantined
from tlkit.data.download.fetching import ARCHIVES, fetch
from tlkit.data.download.sampling import MARK, draw_sample
from tlkit.data.splits import Examples, Info, Splits
from tlkit.errors import DataError, RecipeError
from tlkit.progress import progress
from tlkit.quiet import drop_generated
from tlkit.recipe.checking import source_arguments
from tlkit.recipe.schema import Data

_SKIPPED = {"README.md", ".gitignore", ".gitkeep"}


def load_splits(
    data: Data, *, seed: int, image_size: tuple[int, int], resize: str = "squeeze", folder: Path = Path()
) -> Splits:
    """The splits a recipe asks for; `image_size` and `resize` are used where the recipe names none.

    Example:
        >>> load_splits(Data(path="data/cats", sample="cats"), seed=7, image_size=(96, 96))  # doctest: +SKIP
    """
    fill(data)
    source = catalog.resolve(data.source, catalog.SOURCES, kind="source", folder=folder)
    taken = inspect.signature(source).parameters
    cropped = {"resize": resize} if resize != "squeeze" else {}
    offered = {"seed": seed, "image_size": image_size, "max_bad": data.max_bad, **cropped, **source_arguments(data)}
    if data.beside is not None and data.beside.table is None:
        offered["beside"] = list(data.beside.columns)
    arguments = {name: value for name, value in offered.items() if name in taken or _open_ended(taken)}
    refuse_pathless(data, folder)
    path = [Path(data.path)] if data.path else []
    with progress("Looking at the data", None) as bar:
        if "on_file" in taken:
            arguments["on_file"] = functools.partial(bar)
        splits = _checked(source(*path, **arguments), data.source)
    drop_generated()  # of a source of one's own, for what it maps over a data set of TensorFlow
    file = quarantine_file(data.path, data.quarantine)
    splits = without_quarantined(splits, file, below=data.path, named=data.quarantine is not None)
    return _tagged(_with_beside(splits, data), data)


def _checked(found: object, source: str) -> Splits:
    """What a source gave, if that is splits whose parts have one target, id and name for each example."""
    if not isinstance(found, Splits) or not isinstance(found.info, Info):
        said = "expected to return Splits, such as tlkit.Splits.from_arrays(inputs, targets)"
        raise DataError(f"data.source: {source}: {said}; received {type(found).__name__}")
    if found.info.kind not in catalog.KINDS:
        known = f"expected a kind of data among {', '.join(catalog.KINDS)}"
        raise DataError(f"data.source: {source}: {known}; received {found.info.kind!r}")
    for name, part in found.parts().items():
        if not isinstance(part, Examples):
            raise DataError(f"data.source: {source}: {name}: expected Examples, received {type(part).__name__}")
        counts = [len(each) for each in (part.items, part.targets, part.ids, part.names, part.keys)]
        if len(set(counts)) > 1:
            said = f"received {', '.join(map(str, counts))} items, targets, ids, names, keys"
            raise DataError(f"data.source: {source}: {name}: expected as many of each; {said}")
    return found


def refuse_pathless(data: Data, folder: Path) -> None:
    """A source that reads a folder or file must be told which."""
    source = catalog.resolve(data.source, catalog.SOURCES, kind="source", folder=folder)
    first = next(iter(inspect.signature(source).parameters.values()), None)
    if data.path or first is None or first.default is not first.empty:
        return
    if first.kind in (first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD):
        raise RecipeError([f"data.path: missing; source '{data.source}' reads a folder or file. Say which"])


def fill(data: Data) -> None:
    """Draw the sample or fetch the archive where the data's folder has nothing in it yet."""
    if data.path is None or not (data.sample or data.fetch):
        return
    path = Path(data.path)
    if has_content(path):
        return
    if data.fetch:
        fetch(data.fetch, path)
    else:
        draw_sample(str(data.sample), path)


def will_be_filled(data: Data) -> bool:
    """Whether a missing folder is no mistake, because it is drawn or fetched by the run."""
    return data.path is not None and bool(data.sample or data.fetch) and not has_content(Path(data.path))


def has_content(path: Path) -> bool:
    """Whether a folder holds anything besides its README."""
    if path.exists() and not path.is_dir():
        raise DataError(f"{path}: expected a folder, found a file")
    return path.is_dir() and any(each.name not in _SKIPPED for each in path.iterdir())


def _open_ended(taken: Mapping[str, inspect.Parameter]) -> bool:
    return any(each.kind is inspect.Parameter.VAR_KEYWORD for each in taken.values())


def _with_beside(splits: Splits, data: Data) -> Splits:
    """The splits with the columns that the recipe wants beside them, unless the source has put them there."""
    if data.beside is None or splits.info.beside:
        return splits
    from tlkit.data.side_columns.joining import joined_columns

    return joined_columns(splits, **data.beside.model_dump(), max_bad=data.max_bad)


def _tagged(splits: Splits, data: Data) -> Splits:
    drawn = data.path is not None and (Path(data.path) / MARK).is_file()
    kind = {"data.origin": "drawn"} if drawn else {"data.origin": data.fetch} if data.fetch in ARCHIVES else {}
    return replace(splits, info=replace(splits.info, tags={**splits.info.tags, **kind}))
