"""docs/dependencies.md: a row for every package that pyproject.toml asks for, and no other."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ROWS = [line.split("|")[1:4] for line in (ROOT / "docs" / "dependencies.md").read_text().splitlines() if "|" in line]
EXTRAS = {found[1]: row[1] for row in ROWS if (found := re.search(r"\*extra\* `(\w+)`", row[0]))}
NAMED = {name for row in ROWS[2:] if "*extra*" not in row[0] for name in re.findall(r"[a-zA-Z][\w-]+", row[0])}


def package(requirement):
    return re.match(r"[\w-]+", requirement)[0]


@pytest.mark.parametrize("requirement", PROJECT["dependencies"])
def test_every_dependency_has_a_row(requirement):
    assert package(requirement) in NAMED


def test_every_extra_has_a_row_and_every_row_an_extra():
    assert set(EXTRAS) == set(PROJECT["optional-dependencies"])


@pytest.mark.parametrize("extra", sorted(set(PROJECT["optional-dependencies"]) - {"gpu", "hub", "weights"}))
def test_a_row_names_the_packages_of_its_extra(extra):
    for requirement in PROJECT["optional-dependencies"][extra]:
        assert package(requirement) in EXTRAS[extra] or package(requirement) == "tlkit"
