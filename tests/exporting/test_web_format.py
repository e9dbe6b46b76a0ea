"""The folder of `--format web`: all that a browser needs, and nothing from elsewhere."""

import json
import re

import keras
import numpy as np
import pytest

from tlkit.errors import ModelError
from tlkit.exporting.exporter import Calibration, format_of
from tlkit.exporting.web_format import RUNTIME, RUNTIME_FILES, Web

PAGE = {
    "task": "label", "kind": "image", "class_names": ["dark", "light"], "input_shape": [4, 4, 3],
    "input_dtype": "uint8", "preparation": {}, "reading": {"resize": "crop"}, "recipe": "shades",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "web" / "static").mkdir(parents=True)
    return tmp_path / "web"


def test_the_page_finds_all_its_parts_in_its_folder(folder, tmp_path, monkeypatch):
    for each in RUNTIME_FILES:
        (tmp_path / each).write_text("runtime")
    monkeypatch.setenv(RUNTIME, str(tmp_path))
    Web().complete(folder, PAGE, ["outputs", "unknown"], 0.4)
    page = (folder / "index.html").read_text()
    assert "default-src 'self'" in page
    assert "//" not in page
    scripts = "".join(each.read_text() for each in (folder / "static").glob("*.js"))
    named = re.findall(r'(?:src|href)="(static/[^"]+)"', page)
    named += [f"static/{each}" for each in re.findall(r'from "\./([^"]+)"', scripts)]
    assert len(named) >= 5
    assert [each for each in named if not (folder / each).is_file()] == []
    assert {each.name for each in (folder / "static" / "runtime").iterdir()} == set(RUNTIME_FILES)
    told = json.loads((folder / "static" / "model.json").read_text())
    assert (told["share"], told["unknown_threshold"], told["outputs"]) == (1.0, 0.4, ["outputs", "unknown"])


def test_the_folder_is_there_in_lower_precisions_too(tmp_path):
    inputs = keras.Input((4, 4, 3))
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(inputs)))
    format, pictures = format_of("web"), np.ones((2, 4, 4, 3), np.float32)
    made = format.write(model, tmp_path / "web.float16", "float16", Calibration([]))
    assert (made.path, made.path.is_dir()) == (tmp_path / "web.float16", True)
    assert np.allclose(format.opened(made.path).outputs([pictures])[0], model(pictures), atol=0.02)


def test_without_the_runtime_the_readme_says_where_it_comes_from(folder, tmp_path, monkeypatch):
    monkeypatch.delenv(RUNTIME, raising=False)
    monkeypatch.chdir(tmp_path)
    Web().complete(folder, PAGE, ["outputs"], None)
    assert "npm install onnxruntime-web" in (folder / "README.md").read_text()
    monkeypatch.setenv(RUNTIME, str(tmp_path))
    with pytest.raises(ModelError, match="is not there"):
        Web().complete(folder, PAGE, ["outputs"], None)
