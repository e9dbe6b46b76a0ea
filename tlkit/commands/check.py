"""A recipe looked at without training: its paths, its sizes, what it builds, and what it will do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tlkit import catalog
from tlkit.commands.preflight.expected_splits import expected_splits
from tlkit.commands.preflight.given_recipe import recipe_of
from tlkit.data.sources import refuse_pathless, will_be_filled
from tlkit.errors import ModelError, RecipeError
from tlkit.kinds.augment.augmentation_names import read_steps
from tlkit.nets import arithmetic
from tlkit.nets.windows import windows_of
from tlkit.quiet import load_keras
from tlkit.recipe.checking import net_arguments
from tlkit.recipe.collected_errors import ErrorCollector
from tlkit.recipe.schema import Recipe
from tlkit.recipe.space import read_space
from tlkit.training.objective import direction_of
from tlkit.training.phase import refuse_refreezing
from tlkit.training.planning import default_size, hub_preset, is_pretrained, phases_of, setup_of
from tlkit.training.setup import Setup

_EVERY_SIZE = range(75, 1025)  # pixels of a side with which every backbone can be built and run
_ACTIVATIONS = ("relu", "gelu", "tanh", "sigmoid", "elu", "selu", "silu", "linear")


def check(recipe: Recipe | str | Path, *, trust: bool = False) -> list[str]:
    """What a recipe comes to, without training; every problem at once as a `TlkitError`.

    Example:
        >>> check("recipes/cats.yaml")[-1]  # doctest: +SKIP
        'no problems found'
    """
    return list(check_recipe(recipe_of(recipe, trust=trust)))


def check_recipe(recipe: Recipe) -> Iterator[str]:
    """Lines on what the recipe comes to; every problem at once as a `TlkitError`.

    What costs no more than a look comes first; only what stands that is built, and only where it is more than a frozen
    backbone with a plain head.
    """
    found = ErrorCollector()
    for look in (_look_at_steps, _look_at_paths, _look_at_sizes, _look_at_phases, _look_at_space, _look_at_export):
        found(look, recipe)
    found.refuse()
    splits = expected_splits(recipe)
    if splits is not None and not recipe.is_open:
        setup = setup_of(recipe, splits)
        if recipe.tune.space:
            direction_of(recipe.tune.objective, splits.info.task)
        if _is_to_be_built(recipe, setup):
            load_keras()
            from tlkit.commands.preflight.rehearsal import rehearse

            rehearse(recipe, setup)
    yield from _told(recipe, known=splits is not None)


def _told(recipe: Recipe, *, known: bool) -> Iterator[str]:
    size = recipe.data.image_size or default_size(recipe)
    yield f"{recipe.name}: {recipe.description or recipe.model.net}"
    yield f"data      {recipe.data.path or recipe.data.source}{_origin(recipe)}"
    if recipe.is_open:
        yield "model     auto: `tlkit run` tries what suits the data, within tune.budget"
        yield "no problems found"
        return
    yield f"model     {recipe.model.net}{f', input {size}' if _takes_size(recipe) else ''}"
    phases, optimizer = len(recipe.train.phases) or 1, recipe.train.optimizer.name
    if (preset := hub_preset(recipe)) and preset.assumed:
        yield f"note      {preset.assumed}"
    yield f"train     {phases} phase(s), {optimizer}, at most {_epochs(recipe)} epochs"
    if not known:
        yield "note      the data are not here yet, or too many to be read for this: the model's sizes were not checked"
    yield "no problems found"


def _is_to_be_built(recipe: Recipe, setup: Setup) -> bool:
    """Whether anything is asked for of which Keras alone can tell that it works."""
    spec, head = setup.backbone, setup.model.head
    plain = (
        spec.net == spec.catalog_name
        and spec.weights == "imagenet"
        and not spec.preparation
        and not spec.features
        and spec.input_dtype == "uint8"
        and all(side in _EVERY_SIZE for side in spec.input_shape[:2])
        and all(phase.unfreeze in ("none", "all", 0) for phase in setup.phases)
        and head.activation in _ACTIVATIONS
        and head.pooling in ("average", "max")
        and not setup.options.augmentation.steps
        and not _varies_the_net(recipe)
    )
    return not plain


def _look_at_steps(recipe: Recipe) -> None:
    read_steps(recipe.augment.steps)


def _look_at_paths(recipe: Recipe) -> None:
    data = recipe.data
    refuse_pathless(data, recipe.folder)
    if data.path is None or will_be_filled(data):
        return
    if not Path(data.path).exists():
        raise RecipeError(
            [f"data.path: {data.path}: no such folder or file. Put the data there, or name a sample to draw"]
        )
    if data.beside is not None and data.beside.table is not None:
        from tlkit.data.side_columns.joining import table_problem

        problem = table_problem(data.beside.table, data.beside.name, data.beside.columns)
        if problem:
            raise RecipeError([f"data.beside: {problem}"])


def _look_at_sizes(recipe: Recipe) -> None:
    """Sizes by arithmetic alone, of every net whose windows are known."""
    net, given = _windowed(recipe)
    known = catalog.arguments(net, catalog.NETS, kind="net") if net in catalog.NETS else None
    if known is None or not _takes_size(recipe):
        return
    size = recipe.data.image_size or default_size(recipe)
    sides = (size, size) if isinstance(size, int) else tuple(size) * (2 // len(size))
    try:
        arithmetic.check(net, (*sides, recipe.data.channels or 3), windows_of(net, {**known, **given}) or [])
    except ModelError as error:
        raise arithmetic.in_recipe(error, known) from error


def _windowed(recipe: Recipe) -> tuple[str, dict[str, object]]:
    """The net that sees a picture, which may be one of several views, with its arguments as given."""
    net, given = recipe.model.net, net_arguments(recipe.model)
    if net != "multiview":
        return net, given
    backbone = given.get("backbone", "cnn")
    return (backbone, dict(given.get("options") or {})) if isinstance(backbone, str) else (net, {})


def _takes_size(recipe: Recipe) -> bool:
    """Whether the source brings pictures to a size; others have the size that their examples have."""
    known = catalog.arguments(recipe.data.source, catalog.SOURCES, kind="source", folder=recipe.folder)
    return known is None or "image_size" in known


def _look_at_phases(recipe: Recipe) -> None:
    refuse_refreezing(phases_of(recipe.train, pretrained=is_pretrained(recipe)))


def _look_at_space(recipe: Recipe) -> None:
    if recipe.tune.space:
        read_space(recipe)


def _look_at_export(recipe: Recipe) -> None:
    if recipe.export is not None:
        from tlkit.commands.preflight.asked_files import asked_files

        asked_files(recipe.export)


def _varies_the_net(recipe: Recipe) -> bool:
    paths = [each.path for each in read_space(recipe)] if recipe.tune.space else []
    return any(each.startswith("model.") and not each.startswith("model.head.") for each in paths)


def _origin(recipe: Recipe) -> str:
    if not will_be_filled(recipe.data):
        return ""
    return f" (to be fetched: {recipe.data.fetch})" if recipe.data.fetch else f" (to be drawn: {recipe.data.sample})"


def _epochs(recipe: Recipe) -> int:
    return sum(phase.epochs for phase in phases_of(recipe.train, pretrained=True))
