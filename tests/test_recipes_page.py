"""docs/recipes.md: every recipe is there, with what its own opening lines say of it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RECIPES = sorted((ROOT / "recipes").rglob("*.yaml"))
LINE = re.compile(r"^\| \[(.+?)\]\((.+?)\) \| (.+?) \| (.*?) \| (.*?) \| (.*?) \|$", re.MULTILINE)
ROWS = {row[0]: row[1:] for row in LINE.findall((ROOT / "docs" / "recipes.md").read_text())}


def name_of(recipe):
    return recipe.relative_to(ROOT / "recipes").with_suffix("").as_posix()


def test_every_recipe_has_a_line_and_every_line_a_recipe():
    assert sorted(ROWS) == sorted(map(name_of, RECIPES))


@pytest.mark.parametrize("recipe", RECIPES, ids=name_of)
def test_a_line_says_what_the_recipe_says_and_a_score_within_its_promise(recipe):
    link, shows, score, promise, seconds = ROWS[name_of(recipe)]
    first, second = recipe.read_text().splitlines()[:2]
    assert (ROOT / "docs" / link).resolve() == recipe
    assert shows == first.removeprefix("# ").rstrip(".")
    assert float(seconds) > 0
    if promise:
        low, high = promise.split(" to ")
        assert re.search(rf"Expect {re.escape(low)}0* to {re.escape(high)}0*\b", first + " " + second)
        assert float(low) <= float(score.split()[0]) <= float(high)
