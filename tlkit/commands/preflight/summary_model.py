"""Which model a summary is of: a named net under its paper's head, or what a recipe builds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from tlkit import catalog
from tlkit.commands.preflight.expected_splits import drawn_splits, picture_info
from tlkit.data.assembly.class_folders import list_files
from tlkit.data.side_columns.layout import width_of
from tlkit.data.sources import will_be_filled
from tlkit.data.splits import Info
from tlkit.errors import ModelError
from tlkit.model.building import assemble, build_backbone, build_paper_net
from tlkit.model.freezing import freeze
from tlkit.model.heads import Head, build_head
from tlkit.recipe.checking import net_arguments, source_arguments
from tlkit.recipe.loading import build_recipe, load_recipe
from tlkit.recipe.overriding import override, parse_setting
from tlkit.recipe.schema import Recipe
from tlkit.recipe.yaml_lines import YamlPage
from tlkit.tasks.task import task_of
from tlkit.training.planning import head_settings, load_data, model_of, phases_of


def named_net(
    name: str, shape: tuple[int, ...] | None, classes: int | None, settings: Sequence[str]
) -> tuple[str, keras.Model]:
    """A net or backbone with the head of its paper, under a title that says so."""
    if name not in catalog.NETS and catalog.entry(name, catalog.BACKBONES) is None:
        catalog.arguments(
            name, {**catalog.NETS, **catalog.BACKBONES}, kind="net", folder=Path()
        )  # says which was meant
        raise ModelError(f"{name}: a function of one's own has no paper's head. Name the recipe that uses it")
    recipe = build_recipe(YamlPage(_with_settings({"name": name, "model": {"net": name}}, settings)))
    if "head" in recipe.model.model_fields_set:
        raise ModelError(f"model.head: '{name}' is shown under the head of its paper. Name a recipe that has another")
    model = build_paper_net(name, shape, classes, net_arguments(recipe.model))
    size = "x".join(map(str, model.input_shape[1:]))
    outputs = model.output_shape[-1]
    return f"{name}: input {size}, {outputs:,} classes, under the head of its paper", model


def recipe_model(
    path: str, shape: tuple[int, ...] | None, classes: int | None, settings: Sequence[str]
) -> tuple[str, keras.Model]:
    """The model that a recipe trains, with what its last phase leaves frozen; weights are not loaded."""
    recipe = load_recipe(path, settings)
    info = _info(recipe, shape, classes)
    spec = model_of(recipe, info).backbone
    preprocessing, backbone = build_backbone(replace(spec, weights="none"))
    *_, phase = phases_of(recipe.train, pretrained=spec.pretrained)
    freeze(backbone, phase.unfreeze)
    beside = ((0.0, 1.0),) * width_of(info.beside["columns"]) if info.beside else ()
    output = task_of(info.task).output(np.zeros(1))
    head = Head(num_outputs=info.num_outputs, **output, **vars(head_settings(recipe.model.head)), beside=beside)
    size, outputs = "x".join(map(str, info.input_shape)), f"{info.num_outputs:,} outputs"
    title = f"{recipe.name}: {recipe.model.net}, input {size}, {outputs}, trained: {_trained(phase.unfreeze)}"
    return title, assemble(preprocessing, backbone, build_head(backbone.output_shape[1:], head))


def _with_settings(values: dict[str, object], settings: Sequence[str]) -> dict[str, object]:
    for text in settings:
        values = override(values, *parse_setting(text))
    return values


def _trained(unfreeze: str | int) -> str:
    return {"all": "everything", "none": "the head", 0: "the head"}.get(unfreeze, f"the head and {unfreeze} blocks")


def _info(recipe: Recipe, shape: tuple[int, ...] | None, classes: int | None) -> Info:
    """Shape and classes from what was said, else from the data, of which a little is drawn where there is none."""
    if shape is None or classes is None:
        found = _looked_up(recipe, classes)
        shape, classes = shape or found.input_shape, classes or found.num_outputs
        return replace(found, input_shape=shape, class_names=tuple(map(str, range(classes))))
    picture = len(shape) == 3 and recipe.data.source == "image_folder"
    names = tuple(map(str, range(classes)))
    return Info(recipe.data.task or "label", shape, "uint8" if picture else "float32", class_names=names)


def _looked_up(recipe: Recipe, classes: int | None) -> Info:
    data = recipe.data
    if data.source == "image_folder" and data.beside is None and (classes is not None or not will_be_filled(data)):
        pattern = source_arguments(data).get("label")
        count = classes or len({each.label for each in list_files(Path(str(data.path)), label=pattern)})
        return picture_info(recipe, tuple(map(str, range(count))))
    if not will_be_filled(data):
        return load_data(recipe).info
    if data.sample is None:
        raise ModelError(f"{data.path}: nothing there yet, so the classes are not known. Say --classes N")
    return drawn_splits(recipe).info
