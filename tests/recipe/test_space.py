"""Search spaces: what they may say, and what is refused before any trial."""

import pytest

from tlkit.errors import RecipeError
from tlkit.recipe.schema import Recipe
from tlkit.recipe.space import changes_of, read_space


def space_of(space, **sections):
    return read_space(Recipe(name="x", model={"net": "cnn"}, tune={"space": space}, **sections))


def refused(space):
    with pytest.raises(RecipeError) as caught:
        space_of(space)
    return str(caught.value)


def test_numbers_that_yaml_takes_for_text_are_numbers():
    assert space_of({"train.learning_rate": {"log": ["1e-4", 0.1]}})[0].values == (1e-4, 0.1)


def test_a_condition_names_a_field_of_the_space():
    domains = space_of({
        "model.pooling.size": {"choice": [2, 3], "when": {"model.pooling.kind": "max"}},
        "model.pooling.kind": {"choice": ["max", "none"]},
    })  # fmt: skip
    assert [each.path for each in domains] == ["model.pooling.kind", "model.pooling.size"]
    assert changes_of(domains, {"model.pooling.kind": "none", "model.pooling.size": 2}) == {
        "model.pooling.kind": "none"
    }


@pytest.mark.parametrize("name", ["architecture", "head", "optimizer"])
def test_ready_spaces_fit_the_plain_net(name):
    assert len(space_of(name)) >= 4


def test_a_ready_space_without_a_field_for_the_net_is_refused():
    with pytest.raises(RecipeError, match="takes none of its fields"):
        read_space(Recipe(name="x", tune={"space": "architecture"}))


@pytest.mark.parametrize(("space", "said"), [
    ({}, "is empty"),
    ("everything", "no ready space 'everything'"),
    ({"model.head.dropuot": {"float": [0, 0.5]}}, "Did you mean 'model.head.dropout'"),
    ({"seed": {"int": [1, 9]}}, "no field that a search can vary"),
    ({"model.head.dropout": {"float": [0, 1.5]}}, "float 1.5: model.head.dropout: expected less than 1"),
    ({"model.head.dropout": {"flaot": [0, 0.5]}}, "expected {choice: [...]}"),
    ({"model.head.dropout": {"float": [0.5, 0]}}, "with low below high"),
    ({"train.learning_rate": {"log": [0, 0.1]}}, "expected numbers above 0"),
    ({"train.epochs": {"int": [1, 2.5]}}, "expected whole numbers"),
    ({"train.optimizer.name": {"choice": ["adam", "adma"]}}, "choice 'adma'"),
    ({"model.kernel": {"choice": [3, 5], "when": {"model.stride": 2}}}, "is no field of this space"),
    ({"model.pooling.size": {"choice": [2, 3], "when": {"model.pooling.kind": []}}}, "or a list of values, found"),
])  # fmt: skip
def test_what_cannot_be_searched_is_said(space, said):
    assert said in refused(space)


def test_all_problems_come_at_once():
    text = refused({"model.a": {"int": [1, 2]}, "model.head.dropout": {"float": [0, 2]}})
    assert len(text.splitlines()) == 2
