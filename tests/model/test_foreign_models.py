"""Model files that are not as tlkit writes them: one line, exit code 2."""

import json
import zipfile
from pathlib import Path

import pytest
from command_line import tlkit

PAGE = {"task": "label", "class_names": ["blue", "red"], "input_shape": [32, 32, 3], "input_dtype": "uint8"}
PICTURE = "pictures/red/red_000.png"


@pytest.fixture
def altered(finished, monkeypatch):
    """Puts other content into a member of the newest run's model file, or takes it out; as it was again afterwards."""
    monkeypatch.chdir(finished[0])
    file = Path(finished[1][-1]["model"])
    kept = file.rename(file.with_suffix(".kept"))

    def alter(name, content):
        with zipfile.ZipFile(kept) as whole, zipfile.ZipFile(file, "w") as changed:
            for each in whole.namelist():
                data = whole.read(each) if each != name else content
                if data is not None:
                    changed.writestr(each, data)

    yield alter
    kept.replace(file)


def refused(*arguments):
    result = tlkit(*arguments)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return result.output.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (None, "a Keras file without tlkit's page"),
        (b"[1, 2]", "expected a page of fields, found a list"),
        (b"7", "expected a page of fields, found a int"),
        (b'{"kind": "image"}', "task, class_names, input_shape, input_dtype: missing, or not as tlkit writes it"),
        (json.dumps({**PAGE, "kind": "os:system"}).encode(), "learned from arrays"),
        (
            json.dumps({**PAGE, "kind": "image", "beside": 5, "reading": []}).encode(),
            "reading, beside: missing, or not as",
        ),
        (b"{nonsense", "not a model that can be loaded"),
        (b"\xff\xfe", "not a model that can be loaded"),
    ],
    ids=["none", "list", "number", "short", "no such kind", "other types", "no JSON", "no text"],
)
def test_a_page_that_is_missing_or_wrong_is_one_line(altered, page, said):
    altered("tlkit.json", page)
    for command in ("predict", "explain"):
        assert said in refused(command, "latest", PICTURE)


def test_a_page_of_before_readings_stood_in_it_is_read(altered):
    altered("tlkit.json", json.dumps({**PAGE, "kind": "image"}).encode())
    assert tlkit("predict", "latest", PICTURE).exit_code == 0


@pytest.mark.parametrize("name", ["Lambda", "TorchModuleWrapper", "NoSuchLayer"])
def test_a_layer_that_cannot_be_built_is_one_line(altered, finished, name):
    with zipfile.ZipFile(Path(finished[1][-1]["model"]).with_suffix(".kept")) as whole:
        config = json.loads(whole.read("config.json"))
    config["config"]["layers"][-1] |= {"class_name": name, "module": "keras.layers"}
    altered("config.json", json.dumps(config).encode())
    assert "not a model that can be loaded" in refused("predict", "latest", PICTURE)


def test_a_weights_file_of_another_kind_is_one_line(altered):
    altered("model.weights.h5", b"no HDF5")
    assert "not a model that can be loaded" in refused("predict", "latest", PICTURE)
