"""Every recipe that ships loads, and runs when shortened."""

from pathlib import Path

import pytest
from workflow_doors import run_json

from tlkit.recipe.loading import load_recipe

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "recipes").rglob("*.yaml"))
SHORT = {"data.path": "pictures", "data.image_size": 32, "data.val": 0.25, "data.test": 0.25, "train.epochs": 1}


def test_there_are_recipes():
    assert len(RECIPES) >= 5


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_runs_shortened(path, project):
    settings = dict(SHORT)
    for index in range(len(load_recipe(path).train.phases)):
        settings[f"train.phases.{index}.epochs"] = 1
    arguments = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    assert 0 <= run_json(path, *arguments)["metrics"]["test/accuracy"] <= 1


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_opens_by_saying_what_it_shows_and_what_to_expect(path):
    opening = path.read_text().splitlines()[:3]
    assert opening[0].startswith("# ")
    assert any("Expect" in line for line in opening)
