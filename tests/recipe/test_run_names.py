"""What runs are called: the recipe's name, and what `--set` changed."""

import pickle

import pytest

import tlkit
from tlkit.recipe.loading import changed_recipe


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ([], "cats"),
        (["model.head.dropout=0.3", "train.epochs=5"], "cats dropout=0.3 epochs=5"),
        (["train.epochs=5", "train.epochs=6"], "cats epochs=6"),
        (["train.batch_norm=frozen", "model.head.batch_norm=true"],
         "cats train.batch_norm=frozen model.head.batch_norm=true"),
        (["data.path=../shared/a/very/long/path/of/pictures"], "cats path=../shared/a/very/long/p…"),
        (["track.experiment=others", "train.epochs=5"], "cats epochs=5"),
        (["track.name=my own", "train.epochs=5"], "my own"),
        (["name=dogs"], "dogs"),
    ],
)  # fmt: skip
def test_a_run_is_called_by_what_was_changed(settings, name):
    assert tlkit.load_recipe("cats", settings).run_name == name


def test_the_name_stays_with_a_recipe_that_is_changed_or_sent_to_a_process():
    recipe = tlkit.load_recipe("cats", ["train.epochs=5"])
    assert changed_recipe(recipe, {"seed": 3}).run_name == recipe.run_name == "cats epochs=5"
    assert pickle.loads(pickle.dumps(recipe)).run_name == recipe.run_name


def test_many_settings_are_not_all_named():
    settings = [f"tune.{name}={number}" for number, name in enumerate(("trials", "seeds", "keep", "growth_mb"), 2)]
    settings += [f"train.{name}=3" for name in ("epochs", "batch_size", "checkpoint_minutes")]
    name = tlkit.load_recipe("cats", settings).run_name
    assert name == "cats trials=2 seeds=3 keep=4 growth_mb=5 epochs=3 batch_size=3"
