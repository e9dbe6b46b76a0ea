"""`tlkit summary`: the table of nets, backbones and recipes as people see it."""

import csv

import pytest
from command_line import tlkit


def lines(*arguments):
    result = tlkit("summary", *arguments)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def row(output, name):
    (found,) = [line for line in output if line.startswith(f"{name} ")]
    return found.split()


def test_a_bare_net_stands_for_its_paper_s_net():
    output = lines("lenet5", "--input", "32x32x3")
    assert row(output, "block1_conv")[1:6] == ["5x5", "tanh", "28x28x6", "4,704", "456"]
    assert row(output, "output")[1:5] == ["softmax", "10", "10", "850"]
    assert row(output, "total")[1:3] == ["8,494", "62,006"]


def test_classes_and_arguments_can_be_changed():
    output = lines("cnn", "--classes", "3", "--set", "model.filters=[4]")
    assert row(output, "block1_conv")[2] == "32x32x4"
    assert row(output, "output")[2] == "3"


@pytest.mark.parametrize("name", ["lenet5", "mobilenet", "inception", "efficientnet-lite0", "multiview"])
def test_the_table_is_at_most_120_columns_wide(name):
    assert max(map(len, lines(name))) <= 120


def test_columns_stand_under_their_titles():
    output = lines("alexnet")
    title = next(line for line in output if line.startswith("layer"))
    end = title.index("parameters") + len("parameters")
    assert next(line for line in output if line.startswith("dense1"))[:end].endswith("37,752,832")


def test_the_csv_has_every_number_exactly(tmp_path):
    file = tmp_path / "sizes.csv"
    lines("alexnet", "--set", "model.groups=2", "--csv", file)
    rows = list(csv.DictReader(file.open()))
    assert sum(int(each["trainable"]) for each in rows) == 60_965_224
    assert sum(int(each["multiply_adds"]) for each in rows) == 724_406_816
    assert rows[0]["output"] == "55x55x96"


def test_a_recipe_shows_what_it_freezes(project):
    output = lines("tiny.yaml")
    assert "trained: the head" in output[0]
    assert row(output, "total")[2] == "2,562"  # two classes on 1280 features
    assert any("3,413,024 frozen" in line or "frozen or statistics" in line for line in output)


def test_the_name_of_a_net_goes_before_that_of_a_recipe_that_comes_with_tlkit(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert lines("lenet5")[0] == "lenet5: input 32x32x3, 10 classes, under the head of its paper"
    assert lines("pictures/lenet5")[0].endswith("10 outputs, trained: everything")


def test_a_recipe_whose_data_would_be_drawn_leaves_no_trace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drawn.yaml").write_text("data: {path: data/cats, sample: cats, image_size: 32}\nmodel: {net: cnn}\n")
    assert "2 outputs" in lines("drawn.yaml")[0]
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lenet5", "--input", "10x10x3"], "block2_conv: its input has size 3, too small for a window of 5. "
                                           "The smallest input that works is 16 x 16"),
        (["lenet5", "--input", "32x32"], "takes input of shape (height, width, channels)"),
        (["lenet5", "--input", "big"], "--input big: expected positive whole numbers"),
        (["lenet5", "--input", "0x32x3"], "--input 0x32x3: expected positive whole numbers"),
        (["lenet5", "--classes", "0"], "--classes: expected a whole number of at least 1"),
        (["lenett"], "unknown net 'lenett'. Did you mean 'lenet5'"),
        (["leaf_net.py:build"], "leaf_net.py: no such file"),
        (["lenet5", "--set", "model.filtres=3"], "Did you mean 'filters'"),
        (["lenet5", "--set", "model.head.units=[7]"], "model.head: 'lenet5' is shown under the head of its paper"),
        (["lenet5", "--csv", "nowhere/sizes.csv"], "nowhere/sizes.csv: cannot be written"),
        (["MobileNetV2", "--input", "16x16x3"], "at least 32x32"),
        (["efficientnet-lite0", "--input", "24x1"], "takes pictures (height, width, channels). Received: (24, 1)"),
        (["mobilenet", "--set", "model.width=0"], "width: expected a number above 0. Received: 0"),
        (["inception", "--set", "model.width=-1"], "width: expected a number above 0. Received: -1"),
        (["inception1d", "--set", "model.filters=[8, 8]"], "filters: expected a whole number of at least 1"),
        (["inception", "--set", "model.modules=3"], "modules: expected a list of lists of 6 numbers"),
        (["rocket", "--set", "model.lengths=[]"], "lengths: expected at least one number"),
        (["absent.yaml"], "absent.yaml"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = tlkit("summary", *arguments)
    assert result.exit_code == 2, result.output
    mistake = result.output.strip().splitlines()[-1]
    assert words in mistake


OWN = """
from keras import Input, Model, layers
def build(input_shape, *, filters=4):
    x = inputs = Input(input_shape)
    x = layers.Conv2D(filters, 5, name="first_conv")(x)
    x = layers.MaxPooling2D(2, name="first_pool")(x)
    return Model(inputs, layers.Conv2D(filters, 3, name="second_conv")(x))
"""


def test_a_net_of_ones_own_names_the_layer_at_fault_and_the_smallest_input(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "own.yaml").write_text("model: {net: 'own.py:build', weights: none}\n")
    assert tlkit("summary", "own.yaml", "--input", "10x10x1", "--classes", 2).exit_code == 0
    result = tlkit("summary", "own.yaml", "--input", "9x9x1", "--classes", 2)
    assert result.exit_code == 2
    assert "second_conv" in result.output
    assert "smallest input that works is 10 x 10" in result.output
