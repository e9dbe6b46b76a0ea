"""Every recipe that ships loads, and runs when shortened."""

from pathlib import Path

import numpy as np
import pytest
from waves import write_idx
from workflow_doors import run_json

from tlkit import catalog
from tlkit.recipe.loading import load_recipe

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "recipes").rglob("*.yaml"))
SHORT = {"data.val": 0.25, "train.epochs": 1}


def small_data(recipe, folder):
    """Settings that put a small set of the recipe's kind in the place of its own."""
    source, sample = recipe.data.source, recipe.data.sample
    if source == "idx":
        for part in ("train", "t10k"):
            pictures = np.random.default_rng(0).integers(0, 255, (40, 28, 28))
            write_idx(folder / "idx" / f"{part}-images-idx3-ubyte", pictures)
            write_idx(folder / "idx" / f"{part}-labels-idx1-ubyte", np.arange(40) % 10)
        return {"data.path": "idx", "data.val": 0.3}
    if source == "image_folder":
        return {"data.path": "pictures", "data.image_size": 32, "data.test": 0.25}
    name = sample or {"signals": "heartbeats"}[source]  # sets that are not drawn have a drawn one of their kind
    catalog.resolve(name, catalog.SAMPLES, kind="sample")(folder / name, count=40)
    return {"data.path": name, "data.test": 0.25}


def test_there_are_recipes():
    assert len(RECIPES) >= 12


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_runs_shortened(path, project):
    recipe = load_recipe(path)
    settings = {**SHORT, **small_data(recipe, project)}
    for index in range(len(recipe.train.phases)):
        settings[f"train.phases.{index}.epochs"] = 1
    arguments = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    assert 0 <= run_json(path, *arguments)["metrics"]["test/accuracy"] <= 1


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_opens_by_saying_what_it_shows_and_what_to_expect(path):
    opening = path.read_text().splitlines()[:3]
    assert opening[0].startswith("# ")
    assert any("Expect" in line for line in opening)
