"""The recipes that come with tlkit, in a folder that holds none."""

import os
from pathlib import Path

import pytest
from command_line import refused, tlkit

import tlkit as library
from tlkit.recipe.packaged import packaged_recipes

SHIPPED = sorted((Path(__file__).parents[2] / "recipes").rglob("*.yaml"))


@pytest.fixture(autouse=True)
def empty(tmp_path, monkeypatch):
    """The current folder, with nothing in it; and nobody has trusted anything."""
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("TLKIT_TRUSTED", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    yield tmp_path / "here"
    os.environ.pop("TLKIT_TRUSTED", None)


def files_in(folder):
    return sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file())


def test_every_shipped_recipe_has_a_name():
    assert len(SHIPPED) > 40
    assert sorted(packaged_recipes().values()) == SHIPPED


@pytest.mark.parametrize(
    ("name", "net"), [("cats", "efficientnet-lite0"), ("lenet5", "lenet5"), ("dna/splice", "cnn1d")]
)
def test_a_recipe_is_meant_by_its_name(name, net):
    recipe = library.load_recipe(name, ["seed=3"])
    assert (recipe.model.net, recipe.seed) == (net, 3)


def test_a_file_here_goes_before_a_recipe_of_tlkits_and_a_folder_does_not(empty):
    (empty / "cats").mkdir()
    assert library.load_recipe("cats").description.startswith("Cat or dog")
    (empty / "cats").rmdir()
    (empty / "cats").write_text("description: mine\n")
    assert library.load_recipe("cats").description == "mine"


def test_a_recipe_of_tlkits_needs_no_trust():
    assert library.load_recipe("leaf_net").own_files.keys() == {"leaf_net.py:build"}


def test_the_data_of_a_recipe_of_tlkits_lie_where_one_is():
    done = tlkit("check", "cats")
    assert (done.exit_code, done.output.splitlines()[1]) == (0, "data      data/cats (to be drawn: cats)")


@pytest.mark.parametrize("given", ["recipes/cats.yaml", "cats.yaml", "recipes/cats"])
def test_a_recipe_that_is_not_here_is_said_to_come_with_tlkit(given):
    said = refused("run", given)
    assert said.startswith(f"{given}: cannot be read (No such file or directory).")
    assert ("`tlkit new cats`" in said) == given.endswith("yaml")


@pytest.mark.parametrize(
    ("given", "hint"), [("recipes/catz.yaml", "Did you mean 'cats'"), ("q.yaml", "`tlkit list rec")]
)
def test_a_name_that_nobody_has_says_which_there_are(given, hint):
    assert hint in refused("check", given)


@pytest.mark.parametrize("name", sorted(packaged_recipes()))
def test_a_copy_of_a_recipe_is_that_recipe(name, empty):
    done = tlkit("new", name, "--out", "mine/copy.yaml")
    assert done.exit_code == 0, done.output
    assert {f"written   mine/{each}" for each in files_in(empty / "mine")} < set(done.output.splitlines())
    assert library.load_recipe("mine/copy.yaml").resolved() == library.load_recipe(name).resolved()


def test_a_copy_brings_its_base_and_its_modules_and_overwrites_nothing(empty):
    assert tlkit("new", "leaf_net").exit_code == 0
    assert files_in(empty) == ["cats.yaml", "leaf_net.py", "leaf_net.yaml"]
    assert tlkit("new", "leaf_net").output == "next      tlkit run leaf_net.yaml\n"
    (empty / "cats.yaml").write_text("name: mine\n")
    assert refused("new", "leaf_net", "--out", "other.yaml").startswith("cats.yaml: there already, with other content")
    assert files_in(empty) == ["cats.yaml", "leaf_net.py", "leaf_net.yaml"]
    assert (empty / "cats.yaml").read_text() == "name: mine\n"


def test_a_copy_does_not_take_the_place_of_its_own_base(empty):
    assert refused("new", "leaf_net", "--out", "cats.yaml").startswith("cats.yaml: there already")
    assert files_in(empty) == []


def test_the_list_has_recipes_here_and_those_of_tlkit(empty):
    (empty / "recipes").mkdir()
    (empty / "recipes" / "mine.yaml").write_text("description: of my own\n")
    lines = dict(line.split(maxsplit=1) for line in tlkit("list", "recipes").output.splitlines())
    assert lines["recipes/mine.yaml"] == "of my own"
    assert set(lines) - {"recipes/mine.yaml"} == set(packaged_recipes())
    assert lines["cats"] == "Cat or dog, on a frozen EfficientNet-Lite0"


def test_the_list_names_files_where_the_recipes_are(monkeypatch):
    monkeypatch.chdir(SHIPPED[0].parents[1])
    listed = [line.split()[0] for line in tlkit("list", "recipes").output.splitlines()]
    assert listed == [str(each.relative_to(Path.cwd())) for each in SHIPPED]
