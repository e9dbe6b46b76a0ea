"""From files, bases and `--set` values to a checked recipe."""

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tlkit.cli import main
from tlkit.errors import RecipeError
from tlkit.recipe.checking import ACTIVATIONS, INITIALIZERS
from tlkit.recipe.loading import changed_recipe, load_recipe

RECIPES = Path(__file__).parents[2] / "recipes"
SHIPPED = sorted(RECIPES.rglob("*.yaml"))


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes a recipe into an empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)

    def write(text, name="a.yaml"):
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


def problems(path, settings=()):
    with pytest.raises(RecipeError) as caught:
        load_recipe(path, settings)
    return caught.value.problems


def test_there_are_recipes_to_load():
    assert {"cats", "cats_photos", "leaf_net"} <= {each.stem for each in SHIPPED}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_recipe_loads(path):
    recipe = load_recipe(path)
    assert recipe.name == path.stem
    assert recipe.source == path.read_text()
    assert recipe.folder == path.parent


def test_what_a_recipe_says_comes_out_typed(write):
    recipe = load_recipe(write("train: {epochs: 3, learning_rate: 1e-4, optimizer: sgd}\nmodel: {weights: none}\n"))
    assert (recipe.name, recipe.train.epochs, recipe.train.learning_rate) == ("a", 3, 1e-4)
    assert recipe.train.optimizer.name == "sgd"
    assert recipe.model.weights == "none"


def test_a_loaded_recipe_cannot_be_changed(write):
    recipe = load_recipe(write("name: x\n"))
    with pytest.raises(ValueError, match="frozen"):
        recipe.seed = 3


def test_a_recipe_lies_on_its_base_and_its_base_on_that_ones(write):
    write("seed: 1\ntrain: {epochs: 3, batch_size: 8}\n", "low.yaml")
    write("base: low.yaml\ntrain: {epochs: 4}\n", "middle.yaml")
    recipe = load_recipe(write("base: middle.yaml\ntrain: {warmup: 0}\n"))
    assert (recipe.name, recipe.seed) == ("a", 1)
    assert (recipe.train.epochs, recipe.train.batch_size, recipe.train.warmup) == (4, 8, 0)


def test_lists_of_a_base_are_replaced_not_joined(write):
    write("model: {net: cnn, filters: [8, 16, 32]}\n", "low.yaml")
    assert load_recipe(write("base: low.yaml\nmodel: {filters: [4]}\n")).model.filters == [4]


def test_a_base_is_found_from_the_recipe_not_from_where_one_stands(write):
    write("seed: 5\n", "deep/low.yaml")
    assert load_recipe(write("base: low.yaml\n", "deep/a.yaml")).seed == 5


def test_a_mistake_in_the_base_is_shown_where_it_stands(write):
    write("seed: 1\ntrain:\n  epoch: 3\n", "low.yaml")
    assert problems(write("base: low.yaml\n")) == ["low.yaml:3: train.epoch: unknown key. Did you mean 'epochs'?"]


@pytest.mark.parametrize("links", [{"a": "a"}, {"a": "b", "b": "c", "c": "a"}])
def test_bases_in_a_circle_are_refused(write, links):
    for name, base in links.items():
        write(f"base: {base}.yaml\n", f"{name}.yaml")
    (problem,) = problems(Path("a.yaml"))
    assert "a.yaml: base: goes in a circle" in problem


@pytest.mark.parametrize(("text", "said"), [("base: gone.yaml", "no such recipe 'gone.yaml'"), ("base: 3", "found 3")])
def test_a_base_that_is_none_names_the_line(write, text, said):
    (problem,) = problems(write(f"seed: 1\n{text}\n"))
    assert problem.startswith("a.yaml:2: base: ")
    assert said in problem


def test_settings_override_the_file_in_order(write):
    path = write("train: {epochs: 3}\nmodel: {net: cnn}\n")
    recipe = load_recipe(path, ["train.epochs=4", "train.epochs=5", "model.head.dropout=0.3", "model.filters=[4, 8]"])
    assert (recipe.train.epochs, recipe.model.head.dropout, recipe.model.filters) == (5, 0.3, [4, 8])


def test_a_setting_within_what_is_a_bare_word_leaves_that_word(write):
    path = write("data: {path: x}\nmodel: lenet5\ntrain: {optimizer: sgd, phases: [{optimizer: adam}]}\n")
    given = ["train.optimizer.momentum=0.9", "train.phases.0.optimizer.average=0.9", "model.head.dropout=0.3"]
    recipe = load_recipe(path, given)
    first = recipe.train.phases[0].optimizer
    assert (recipe.model.net, recipe.model.head.dropout) == ("lenet5", 0.3)
    assert (recipe.train.optimizer.name, recipe.train.optimizer.momentum) == ("sgd", 0.9)
    assert (first.name, first.average) == ("adam", 0.9)


def test_settings_reach_into_lists(write):
    path = write("train: {phases: [{epochs: 1}, {epochs: 2}]}\n")
    assert load_recipe(path, ["train.phases.1.epochs=7"]).train.phases[1].epochs == 7
    assert "not an item of a list of 2" in problems(path, ["train.phases.2.epochs=7"])[0]


def test_a_wrong_setting_is_named_as_one(write):
    path = write("seed: 1\n")
    assert problems(path, ["train.epochs=few"])[0].startswith("--set train.epochs: expected a valid int")
    assert problems(path, ["train.epoch=3"]) == ["--set train.epoch: unknown key. Did you mean 'epochs'?"]


@pytest.mark.parametrize("text", ["train.epochs", "=3", "train.epochs=["])
def test_a_setting_that_cannot_be_read_says_so(write, text):
    (problem,) = problems(write("seed: 1\n"), [text])
    assert problem.startswith(f"--set {text}: ")


def test_a_changed_recipe_is_checked_and_the_first_stays(write):
    recipe = load_recipe(write("model: {net: cnn, filters: [8]}\ntrain: {phases: [{epochs: 2}]}\n"))
    changed = changed_recipe(recipe, {"model.filters": [4, 4], "train.phases.0.epochs": 9})
    assert (changed.model.filters, changed.train.phases[0].epochs) == ([4, 4], 9)
    assert (recipe.model.filters, recipe.train.phases[0].epochs) == ([8], 2)
    with pytest.raises(RecipeError, match=r"train\.epochs: expected greater"):
        changed_recipe(recipe, {"train.epochs": 0})


def test_all_problems_come_at_once_with_line_and_nearest_key(write):
    text = """name: x
model:
  net: efficientnet-lit0
  head:
    dropuot: 0.1
data:
  vall: 0.2
  sample: catz
train:
  epochs: many
  optimiser: sgd
trak: {}
"""
    found = problems(write(text))
    expected = {
        "a.yaml:3: model.net: unknown net 'efficientnet-lit0'. Did you mean 'efficientnet-lite0'",
        "a.yaml:5: model.head.dropuot: unknown key. Did you mean 'dropout'?",
        "a.yaml:7: data.vall: unknown key for source 'image_folder'. Did you mean 'val'?",
        "a.yaml:8: data.sample: unknown sample 'catz'. Did you mean 'cats'?",
        "a.yaml:10: train.epochs: expected a valid integer",
        "a.yaml:11: train.optimiser: unknown key. Did you mean 'optimizer'?",
        "a.yaml:12: trak: unknown key. Did you mean 'track'",
    }
    assert len(found) == len(expected)
    assert [each for each in expected if not any(line.startswith(each) for line in found)] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("train: {epochs: true}", "train.epochs: expected something other than true or false, found True"),
        ("train: {unfreeze: true}", "train.unfreeze: expected something other than true or false"),
        ("name: off", "as which YAML reads yes, no, on and off: put a word in quotes, found False"),
        ("train: {unfreeze: some}", "train.unfreeze: expected 'none' or 'all', found 'some'"),
        ("train: {learning_rate: .nan}", "train.learning_rate: expected greater than 0, found nan"),
        ("train: {optimizer: adm}", "train.optimizer.name: expected 'sgd', 'adagrad', 'rmsprop'"),
        ("train: {phases: [{epochs: 0}]}", "train.phases.0.epochs: expected greater than or equal to 1, found 0"),
        ("data: {val: 1.0}", "data.val: expected less than 1, found 1.0"),
        ("data: {image_size: []}", "data.image_size: expected one positive number of pixels"),
        ("data: {image_size: [8, 8, 8]}", "data.image_size: expected one positive number of pixels"),
        ("data: {image_size: 0}", "data.image_size: expected one positive number of pixels"),
        ("model: [1]", "model: expected a valid dictionary"),
        ("model:", "model: expected a valid dictionary"),
        ("name: 3", "name: expected a valid string, found 3"),
        ("1: 3", "1: expected a word as key; put it in quotes if that is what is meant"),
        ("train: {true: 3}", "train.true: expected a word as key"),
        ("stride: 2", "stride: unknown key."),
        ("train: {stride: 3}", "train.stride: unknown key."),
        ("train: {integer: 3}", "train.integer: unknown key."),
        ("train: {phases: [{strict: 3}]}", "train.phases.0.strict: unknown key."),
        ("boolean: 2", "boolean: unknown key."),
        (f"name: {'long' * 90}", "name: expected a name of at most 200 bytes that a folder can have"),
        ("name: ../../elsewhere", "name: expected a name of at most 200 bytes that a folder can have"),
        (f"data: {{path: {'long' * 90}}}", "data.path: expected a path, with names of at most 255 bytes"),
        (f"model: {{weights: {'long' * 90}}}", "model.weights: expected a path"),
        (f"model: {{net: '{'long' * 90}.py:build'}}", "model.net: "),
        ("model: {head: {activation: 1e-4}}", "model.head.activation: unknown activation '1e-4'. Known: relu"),
        ("model: {net: cnn, activation: rleu}", "model.activation: unknown activation 'rleu'. Did you mean 'relu'"),
        ("model: {net: cnn, initializer: he}", "model.initializer: unknown initializer 'he'."),
        ("train: {epochs: 99999999999999999999}", "train.epochs: expected a whole number below 2147483648, found 9"),
        ("model: {net: cnn, filters: [8, 9999999999]}", "model.filters.1: expected a whole number below 2147483648"),
        ("data: {image_size: 99999999999999999999}", "data.image_size: expected a whole number below 2147483648"),
        ("train: {learning_rate: .inf}", "train.learning_rate: expected a finite number, found inf"),
        ("model: {net: cnn, dropout: 1.5}", "model.dropout: expected less than 1, found 1.5"),
    ],
)
def test_wrong_values_say_what_was_expected_and_what_came(write, text, said):
    found = problems(write(f"\n{text}\n"))
    assert all(line.startswith("a.yaml:2: ") for line in found)
    assert any(said in line for line in found), found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1, 2\nb: 3\n", "a.yaml:2: not valid YAML: expected ',' or ']'"),
        ("name: x\n\ttrain: 3\n", "a.yaml:2: not valid YAML: found character"),
        ("name: x\ntrain:\n  epochs: 3\n  epochs: 4\n", "a.yaml:4: train.epochs: said twice; keep one"),
        ("- a\n- b\n", "a.yaml:1: expected `key: value` lines, found a list"),
        ("hello\n", "a.yaml:1: expected `key: value` lines, found plain text"),
        ("", "a.yaml:1: expected `key: value` lines, found nothing"),
        ("name: !!python/object/apply:os.system ['exit 1']\n", "a.yaml:1: not valid YAML: could not determine"),
        ("data: &a\n  path: *a\n", "a.yaml: not valid YAML: an alias"),
        ("name: a\0b\n", "a.yaml: not valid YAML"),
        (f"name: {'[' * 5000}", "a.yaml: not valid YAML: lists within lists"),
        (f"description: {'long ' * 60000}", "a.yaml: expected a page of at most 262,144 bytes"),
    ],
)
def test_a_file_of_the_wrong_form_is_one_line(write, text, said):
    (problem,) = problems(write(text))
    assert problem.startswith(said)


def test_a_file_that_is_not_there_or_not_text_is_one_line(tmp_path):
    (missing,) = problems(tmp_path / "gone.yaml")
    assert missing.startswith(f"{tmp_path / 'gone.yaml'}: cannot be read (No such file or directory). `tlkit list rec")
    (tmp_path / "b.yaml").write_bytes(b"name: \xff\xfe")
    assert "expected UTF-8 text" in problems(tmp_path / "b.yaml")[0]


def test_aliases_that_come_to_billions_are_counted_and_refused(write):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 10)]
    (problem,) = problems(write("\n".join(lines)))
    assert problem == "a.yaml: not valid YAML: expected at most 50,000 values, its aliases (*name) written out"
    (problem,) = problems(write("seed: 1\n"), [f"description=[&a [1], {', '.join(['*a'] * 30000)}]"])
    assert problem.endswith("the value is expected at most 50,000 values, its aliases (*name) written out")


def test_aliases_that_say_a_thing_twice_stay_welcome(write):
    page = "train: {phases: [&a {unfreeze: none, epochs: 2}, {<<: *a, epochs: 3}]}\n"
    assert [each.epochs for each in load_recipe(write(page)).train.phases] == [2, 3]


def test_what_is_no_plain_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.yaml")
    assert problems(tmp_path / "a.yaml") == [f"{tmp_path}/a.yaml: expected a recipe, found no plain file"]


def test_thousands_of_problems_are_cut_with_their_number(write):
    path = write("\n".join(f"a_key_that_is_unknown_{number}: 1" for number in range(500)))
    done = CliRunner().invoke(main, ["check", str(path)])
    assert done.exit_code == 2
    assert len(done.output) < 3100
    assert re.search(r"\nand 4\d\d more\n$", done.output)


def test_the_words_of_keras_are_those_of_the_installed_one():
    from keras.src import activations, initializers

    assert set(activations.ALL_OBJECTS_DICT) == set(ACTIVATIONS)
    assert set(INITIALIZERS) <= set(initializers.ALL_OBJECTS_DICT)
