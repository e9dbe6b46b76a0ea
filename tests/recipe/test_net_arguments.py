"""What a recipe gives its net, checked against the net's own arguments before anything heavy is loaded."""

import pytest

from tlkit import catalog
from tlkit.errors import RecipeError
from tlkit.recipe.checking import net_arguments, source_arguments
from tlkit.recipe.loading import load_recipe

OWN_NET = "def build(input_shape, *, filters=(4, 8), dilation=2, smooth=False):\n    return filters, dilation\n"


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes a recipe into the current folder, with a net beside it."""
    monkeypatch.chdir(tmp_path)

    def write(text):
        (tmp_path / "leaf.py").write_text(OWN_NET)
        path = tmp_path / "a.yaml"
        path.write_text(text)
        return path

    return write


def problem(path):
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    (line,) = caught.value.problems
    return line.removeprefix(f"{path}:1: ")


def test_a_net_gets_its_fields_and_pooling_under_its_own_names(write):
    fields = "{net: cnn, filters: [4], kernel: 5, pooling: {kind: max, size: 3, stride: 1}, head: {dropout: 0}}"
    model = load_recipe(write(f"model: {fields}\n")).model
    assert net_arguments(model) == {"filters": [4], "kernel": 5, "pooling": "max", "pool_size": 3, "pool_stride": 1}


def test_a_source_gets_its_own_fields_only(write):
    data = load_recipe(write("data: {path: x, val: 0.2, class_weights: true, max_bad: 0.1}\n")).data
    assert source_arguments(data) == {"val": 0.2}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("net: cnn, filers: [8]", "model.filers: unknown key for net 'cnn'. Did you mean 'filters'?"),
        ("net: efficientnet-lite1, filters: 8", "model.filters: unknown key for net 'efficientnet-lite1'. It"),
        ("net: MobileNetV2, filters: 8", "model.filters: unknown key for net 'MobileNetV2'. It takes none."),
        ("backbone: MobileNetV2", "model.backbone: unknown key for net 'efficientnet-lite0'. A backbone is"),
        ("net: multiview, backbone: 3", "model.backbone: expected"),
        ("net: multiview, backbone: cn", "model.backbone: unknown backbone 'cn'. Did you mean"),
        ("net: multiview, options: 3", "model.options: expected the arguments of 'cnn' as key: value, found 3"),
        ("net: multiview, options: {filers: 3}", "model.options.filers: unknown key for backbone 'cnn'. Did you mean"),
        ("net: multiview, options: {null: 3}", "model.options.None: unknown key for backbone 'cnn'. Known: filters"),
        ("net: mlp, pooling: {size: 2}", "model.pooling.size: unknown key for net 'mlp'."),
        ("net: 'leaf.py:build', dilatoin: 3", "model.dilatoin: unknown key for net 'leaf.py:build'. Did you mean"),
        ("net: 'leaf.py:build', dilation: far", "model.dilation: expected a number such as 2, found 'far'"),
        ("net: 'leaf.py:build', smooth: 3", "model.smooth: expected true or false such as false, found 3"),
    ],
)  # fmt: skip
def test_an_argument_that_the_net_does_not_take_is_refused(write, fields, said):
    assert problem(write(f"model: {{{fields}}}\n")).startswith(said)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("source: signals, length: -3", "data.length: expected a whole number of at least 1, found -3"),
        ("source: signals, length: 0", "data.length: expected a whole number of at least 1, found 0"),
        ("source: dna, length: long", "data.length: expected a whole number of at least 1, found 'long'"),
        ("source: dna, length: 2.5", "data.length: expected a whole number of at least 1, found 2.5"),
        ("source: sounds, seconds: 0", "data.seconds: expected a number above 0, found 0"),
        ("source: sounds, sample_rate: -8000", "data.sample_rate: expected a whole number of at least 1"),
        ("source: sounds, mel_bins: 0", "data.mel_bins: expected a whole number of at least 1"),
        ("source: text, vocabulary: -1", "data.vocabulary: expected a whole number of at least 1"),
        ("source: text, width: 0", "data.width: expected a whole number of at least 1"),
        ("source: voxels, size: -4", "data.size: expected a whole number of at least 1"),
        ("source: views, count: 0", "data.count: expected a whole number of at least 1"),
        ("source: views, apart: -1", "data.apart: expected a whole number of at least 1"),
    ],
)  # fmt: skip
def test_a_size_that_is_none_is_refused_before_data_are_read(write, fields, said):
    assert problem(write(f"data: {{{fields}}}\n")).startswith(said)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("source: idx, class_names: 1", "data.class_names: expected a list of words, found 1"),
        ("source: views, pattern: [1, 2]", "data.pattern: expected a word, found [1, 2]"),
        ("source: image_folder, group: {a: b}", "data.group: expected a word, found {'a': 'b'}"),
        ("source: image_folder, group_folder: top", "data.group_folder: expected a whole number, found 'top'"),
        ("source: table, columns: [[a]]", "data.columns: expected a word or a list of words, found [['a']]"),
        ("source: image_folder, on_file: 3", "data.on_file: unknown key for source 'image_folder'. Known: seed,"),
    ],
)  # fmt: skip
def test_an_argument_of_another_type_than_the_source_says_is_refused(write, fields, said):
    assert problem(write(f"data: {{{fields}}}\n")).startswith(said)


def test_a_source_of_ones_own_gives_such_names_its_own_meaning(write):
    path = write("data: {source: 'mine.py:read', length: -3}\n")
    (path.parent / "mine.py").write_text("def read(*, length=None): ...\n")
    assert source_arguments(load_recipe(path).data) == {"length": -3}


def test_a_module_beside_the_recipe_gives_the_net(write):
    recipe = load_recipe(write("model: {net: 'leaf.py:build', filters: [3], dilation: 5}\n"))
    build = catalog.resolve(recipe.model.net, catalog.NETS, kind="net", folder=recipe.folder)
    assert build((8, 8, 3), **net_arguments(recipe.model)) == ([3], 5)


@pytest.mark.parametrize(
    ("net", "said"),
    [
        ("lief.py:build", "no such file; a 'lief.py:function' is looked for beside the recipe"),
        ("leaf.py:biuld", "no function 'biuld'. Did you mean 'build'?"),
        (
            "keras.applications:VGG16",
            "Put a net of your own into a Python file beside the recipe and say file.py:function",
        ),
        ("cn", "unknown net 'cn'. Did you mean 'cnn'"),
    ],
)
def test_a_net_that_is_not_there_names_the_line_and_what_was_looked_for(write, net, said):
    line = problem(write(f"model: {{net: '{net}'}}\n"))
    assert line.startswith("model.net: ")
    assert said in line


def test_a_module_with_a_mistake_in_it_names_its_line(write, tmp_path):
    path = write("model: {net: 'broken.py:build'}\n")
    (tmp_path / "broken.py").write_text("def build(x):\n    return (\n")
    assert f"{tmp_path / 'broken.py'}:2: " in problem(path)
