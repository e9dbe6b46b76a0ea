"""The JSON schema of recipes, as an editor's YAML language server uses it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlparse

import jsonschema
import pytest
import yaml
from command_line import tlkit

import tlkit as library
from tlkit.errors import RecipeError
from tlkit.recipe import json_schema
from tlkit.recipe.packaged import packaged_recipes

THREE_MISTAKES = """
data: {path: pictures, val: 1.5}
model:
  net: lenet5
  head: {dropuot: 0.3}
train: {optimizer: sdg}
"""


@pytest.fixture(scope="module")
def schema():
    return json.loads(tlkit("schema").output)


@pytest.fixture(scope="module")
def marked(schema):
    """Where an editor would mark a page, with what it says."""
    validator = jsonschema.Draft202012Validator(schema)

    def marks(text):
        found = validator.iter_errors(yaml.safe_load(text))
        return {".".join(map(str, each.path)): each.message for each in found}

    return marks


def test_what_is_printed_is_a_schema_and_the_one_that_ships(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    shipped = Path(json_schema.__file__).with_name("recipe.schema.json").read_text(encoding="utf-8")
    assert json.loads(shipped) == schema, "renew it: tlkit schema > tlkit/recipe/recipe.schema.json"


@pytest.mark.parametrize("name", sorted(packaged_recipes()))
def test_no_recipe_that_ships_is_marked(name, marked):
    assert marked(packaged_recipes()[name].read_text()) == {}


def test_three_mistakes_are_marked_where_they_stand(marked, tmp_path, monkeypatch):
    found = marked(THREE_MISTAKES)
    assert sorted(found) == ["data.val", "model.head", "train.optimizer"]
    assert "'dropuot' was unexpected" in found["model.head"]
    monkeypatch.chdir(tmp_path)
    Path("bad.yaml").write_text(THREE_MISTAKES)
    with pytest.raises(RecipeError) as caught:
        library.load_recipe("bad.yaml")
    assert len(caught.value.problems) == 3, "tlkit refuses the same"


SHORT = "train: finetune", "model: lenet5", "model: auto\ntune: {budget: 10m}", "model: own.py:net", "model: hub:x"
FORMS = (
    *SHORT, "augment: [{flip: horizontal}, {own.py:step: {a: 1}}]", "export: onnx", "export: [onnx, litert]",
    "data: {beside: [age, sex], source: own.py:load, what: 3}", "train: {teacher: 3f2a91c7}",
    "base: cats.yaml\nmodel: {anything: 3}", "model: {net: cnn, kernels: null, filters: 8}", "tune: {budget: 90}",
    "model: {net: rocket, kernels: 500, relative: true}", "train: {optimizer: {name: sgd, momentum: 0.9}}",
)  # fmt: skip
WRONG = {
    "modle: cnn": "", "train: tune": "train", "model: lenet6": "model", "augment: [{rotatoin: 0.1}]": "augment.0",
    "export: onxx": "export", "export: [onnx, onxx]": "export", "model: {net: lenet5, groups: 2}": "model.groups",
    "data: {source: idx, label: x}": "data.label", "seed: -1": "seed", "tune: {budget: soon}": "tune.budget",
    "model: {net: rocket, relative: 3}": "model.relative", "data: {sample: catz}": "data.sample",
    "train: {optimizer: {name: adma}}": "train.optimizer.name", "train: {phases: [{epoch: 3}]}": "train.phases.0",
}  # fmt: skip


@pytest.mark.parametrize("page", FORMS)
def test_the_short_forms_are_not_marked(page, marked):
    assert marked(page) == {}


@pytest.mark.parametrize(("page", "place"), WRONG.items())
def test_a_mistake_is_marked(page, place, marked):
    assert list(marked(page)) == [place]


def test_fields_and_names_have_descriptions(schema):
    assert schema["$defs"]["Train"]["properties"]["warmup"]["description"].startswith("share of the steps")
    assert {"const": "lenet5", "description": library.catalog.NETS["lenet5"].summary} in schema["$defs"]["Net"]["anyOf"]


@pytest.mark.parametrize("command", [["new", "leaf_net"], ["init", "pictures", "--out", "leaf_net.yaml"]])
def test_a_recipe_that_is_written_names_the_schema_in_its_first_line(command, picture_folder, schema, monkeypatch):
    monkeypatch.chdir(picture_folder.parent)
    assert tlkit(*command).exit_code == 0
    first = Path("leaf_net.yaml").read_text().splitlines()[0]
    address = re.fullmatch(r"# yaml-language-server: \$schema=(file:///\S+)", first)[1]
    assert json.loads(Path(unquote(urlparse(address).path)).read_text()) == schema


def test_what_init_prints_names_it_too(picture_folder):
    assert tlkit("init", picture_folder).output.startswith("# yaml-language-server: $schema=file:///")


def test_where_a_package_brings_a_net_the_first_line_names_a_schema_that_has_it(tmp_path, monkeypatch):
    """The package is one that lies on Python's path, as an installed one would."""
    about = tmp_path / "site" / "fern-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: fern\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[tlkit.nets]\nfern = fern:fern\n")
    (tmp_path / "site" / "fern.py").write_text('def fern(input_shape, *, fronds=3):\n    """A fern."""\n')
    code = (
        "import sys; sys.path.insert(0, 'site'); from tlkit.commands.shell.editor_schema import schema_line\n"
        "print(schema_line()); assert not {'numpy', 'keras', 'tensorflow'} & set(sys.modules)"
    )
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path / "a cache"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.strip().endswith("/a%20cache/recipe.schema.json"), done.stderr
    written = json.loads((tmp_path / "a cache" / "recipe.schema.json").read_text())
    allowed = [rule["then"] for rule in written["$defs"]["Model"]["allOf"] if "fern" in str(rule["if"])]
    assert allowed[0]["properties"]["fronds"]["default"] == 3
