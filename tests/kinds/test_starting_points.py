"""The nets that `tlkit auto` tries for each kind of data."""

import pytest

from tlkit import catalog
from tlkit.kinds.augment.augmentation_names import read_steps
from tlkit.kinds.kind import kind_of
from tlkit.recipe.loading import build_recipe
from tlkit.recipe.yaml_lines import YamlPage

POINTS = [(kind, each) for kind in catalog.KINDS for each in kind_of(kind).starting_points]


def test_most_kinds_have_some():
    assert {kind for kind, _ in POINTS} >= {"image", "signal", "sound", "table", "dna", "text", "voxels"}


@pytest.mark.parametrize(("kind", "point"), POINTS, ids=lambda each: getattr(each, "name", each))
def test_each_is_a_recipe_that_validation_does_not_choose_in(kind, point):
    recipe = build_recipe(YamlPage({"name": "tried", **point.changes({})}))
    read_steps(recipe.augment.steps, kind=kind)
    assert recipe.model.net in catalog.NETS
    assert recipe.model.head.solver == "ridge" or (recipe.train.early_stopping is None and recipe.train.keep == "last")
