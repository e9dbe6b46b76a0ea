"""What a recipe asks of training, as the plain arguments that training takes; behind it nobody reads a recipe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from tlkit import catalog
from tlkit.data.sources import load_splits
from tlkit.data.splits import Info, Splits
from tlkit.engines.frozen_part import choose_engine
from tlkit.errors import RecipeError
from tlkit.model.building import ModelSpec, backbone_spec, known_backbone
from tlkit.model.heads import HeadSettings
from tlkit.pretrained.hub_presets import HubPreset, preset_of
from tlkit.recipe.checking import net_arguments
from tlkit.recipe.collected_errors import ErrorCollector
from tlkit.recipe.loading import changed_recipe
from tlkit.recipe.schema import Data, Head, Model, Phase, Recipe, Train
from tlkit.training.distillation.teacher import TeacherSettings
from tlkit.training.phase import PhasePlan, Stopping
from tlkit.training.setup import AugmentSettings, Options, Setup, make_setup, refuse_empty

_SCRATCH_SIZE = 128


def setup_of(recipe: Recipe, splits: Splits) -> Setup:
    """A recipe and its data with all choices made that need no Keras; what cannot be is refused, all of it at once."""
    found = ErrorCollector()
    found(refuse_empty, {"test": splits.test})
    model = found(model_of, recipe, splits.info)
    phases = phases_of(recipe.train, pretrained=is_pretrained(recipe))
    return make_setup(splits, model, phases, options_of(recipe), found)


def load_data(recipe: Recipe, data: Data | None = None) -> Splits:
    """The examples that a recipe names, or other `data` in their place, split by its seed and brought to size."""
    preset = hub_preset(recipe)
    resize, size = preset.resize if preset else "squeeze", default_size(recipe)
    return load_splits(data or recipe.data, seed=recipe.seed, image_size=size, resize=resize, folder=recipe.folder)


def model_of(recipe: Recipe, info: Info) -> ModelSpec:
    """The model that a recipe asks for on data of this shape."""
    refuse_open(recipe)
    model = recipe.model
    spec = backbone_spec(model.net, model.weights, info, net_arguments(model), recipe.folder)
    spec = replace(spec, features=tuple(model.features or ()))
    return ModelSpec(spec, head_settings(model.head))


def refuse_open(recipe: Recipe) -> None:
    """A recipe that leaves its model open has none to be trained, searched or shown."""
    if recipe.is_open:
        raise RecipeError(
            ["model: auto: no net is chosen yet. `tlkit run` chooses one and writes a recipe that names it"]
        )


def head_settings(head: Head) -> HeadSettings:
    """A recipe's head as the model takes it."""
    return HeadSettings(**{**head.model_dump(), "units": tuple(head.units)})


def phases_of(train: Train, *, pretrained: bool) -> list[PhasePlan]:
    """Each phase with what it leaves out taken from `train`; at least one."""
    plans: list[PhasePlan] = []
    for phase in train.phases or [Phase()]:
        repeated = phase.again and plans
        plans.append(_repeated(plans[-1]) if repeated else _planned(train, phase, "none" if pretrained else "all"))
    return plans


def options_of(recipe: Recipe) -> Options:
    """What holds for all phases."""
    train, augment = recipe.train, recipe.augment
    return Options(
        recipe.seed,
        AugmentSettings(tuple(augment.steps), augment.views, recipe.folder),
        recipe.imbalance,
        train.label_noise,
        train.label_smoothing,
        train.few_examples == "adapt",
        train.engine,
        train.precision,
        recipe.data.max_bad,
        recipe.predict.costs,
        recipe.predict.calibrate == "auto",
        _teacher_of(train),
        train.members,
        tuple(recipe.predict.views),
    )


def _teacher_of(train: Train) -> TeacherSettings | None:
    given = train.teacher
    if given is None:
        return None
    return TeacherSettings(given.run, given.weight, Path(given.unlabelled) if given.unlabelled else None)


def default_size(recipe: Recipe) -> tuple[int, int]:
    """The pixels a recipe's backbone was made for, where the recipe says nothing else."""
    if preset := hub_preset(recipe):
        return preset.size
    net = Model().net if recipe.is_open else recipe.model.net
    name = known_backbone(net, net_arguments(recipe.model))
    line = catalog.entry(name, catalog.BACKBONES) if name else None
    side = line.size if line is not None and line.size else _SCRATCH_SIZE
    return (side, side)


def hub_preset(recipe: Recipe) -> HubPreset | None:
    """What is known of the KerasHub preset that a recipe names; None for other nets."""
    net = recipe.model.net
    return preset_of(net, recipe.folder) if net.startswith(catalog.HUB_PREFIX) else None


def is_pretrained(recipe: Recipe) -> bool:
    """Whether the recipe's net brings weights with it."""
    net = recipe.model.net
    backbone = net.startswith(catalog.HUB_PREFIX) or known_backbone(net, net_arguments(recipe.model)) is not None
    return (recipe.model.weights or ("imagenet" if backbone else "none")) != "none"


def will_use_openvino(recipe: Recipe) -> bool:
    """Whether OpenVINO will run this recipe's backbone, as far as that can be told before its data is known."""
    train = recipe.train
    return is_pretrained(recipe) and choose_engine(train.engine, train.precision, pretrained=True)[0] == "openvino"


def as_written(recipe: Recipe) -> Recipe:
    """The recipe with its fields kept to however few the examples are, as those who vary these fields mean it."""
    return changed_recipe(recipe, {"train.few_examples": "as_written"})


def _repeated(plan: PhasePlan) -> PhasePlan:
    return replace(plan, again=True, keep="last", skip_above=None, early_stopping=None)


def _planned(train: Train, phase: Phase, unfreeze: str) -> PhasePlan:
    given = {name: getattr(phase, name) for name in Phase.model_fields}
    merged: dict[str, Any] = {
        name: getattr(train, name, None) if value is None else value for name, value in given.items()
    }
    optimizer, stop = merged.pop("optimizer"), train.early_stopping
    return PhasePlan(
        **{**merged, "unfreeze": unfreeze if merged["unfreeze"] is None else merged["unfreeze"]},
        optimizer=optimizer.model_dump(exclude_none=True),
        early_stopping=Stopping(**stop.model_dump()) if stop is not None else None,
    )
