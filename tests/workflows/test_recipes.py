"""Every recipe that ships loads, and runs when shortened."""

from pathlib import Path

import pytest
from workflow_doors import run_json

from tlkit import catalog
from tlkit.recipe.loading import load_recipe

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "recipes").rglob("*.yaml"))
SHORT = {"data.path": "pictures", "data.val": 0.25, "data.test": 0.25, "train.epochs": 1}
LARGEST = 67  # pixels; AlexNet takes no less


def test_there_are_recipes():
    assert len(RECIPES) >= 5


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_runs_shortened(path, project):
    recipe, settings = load_recipe(path), dict(SHORT)
    if not isinstance(recipe.data.image_size, int) or recipe.data.image_size > LARGEST:
        settings["data.image_size"] = 32
    for index in range(len(recipe.train.phases)):
        settings[f"train.phases.{index}.epochs"] = 1
    if "repeats" in (
        catalog.arguments(recipe.model.net, catalog.NETS | catalog.BACKBONES, kind="net", folder=recipe.folder) or ()
    ):
        settings["model.repeats"] = 1  # one block a stage: deep nets take long to compile
    arguments = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    assert 0 <= run_json(path, *arguments)["metrics"]["test/accuracy"] <= 1


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_opens_by_saying_what_it_shows_and_what_to_expect(path):
    opening = path.read_text().splitlines()[:3]
    assert opening[0].startswith("# ")
    assert any("Expect" in line for line in opening)


PICTURES = (
    "lenet5 alexnet vgg16 vgg19 resnet18 resnet34 resnet50 resnet20 resnet56 resnet110 "
    "inception mobilenet nin cnn mlp local filter-bank"
)


def test_every_picture_net_has_a_recipe():
    assert {load_recipe(path).model.net for path in RECIPES} >= set(PICTURES.split())
