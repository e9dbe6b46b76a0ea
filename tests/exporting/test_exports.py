"""A recorded picture model leaves: a folder with files of other formats that answer alike, and what they need."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
from command_line import refused, tlkit
from PIL import Image

from tlkit.errors import ModelError
from tlkit.exporting.bundle import read_bundle
from tlkit.exporting.exporter import format_of
from tlkit.tracking import lookup

FORMATS = ("onnx", "openvino", "litert", "savedmodel")
SCRIPT = """
import sys, runpy
sys.modules["tlkit"] = sys.modules["keras"] = None
runpy.run_path("predict.py", run_name="__main__")
"""


@pytest.fixture(scope="module")
def exported(finished, tmp_path_factory):
    """The project of a finished run, the folder it is exported into, and the lines that were printed."""
    home, out = finished[0], tmp_path_factory.mktemp("exported") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        done = tlkit("export", "latest", "--format", ",".join(FORMATS), "--out", out)
    assert done.exit_code == 0, done.output
    return home, out, done.stdout.splitlines()


def test_a_line_a_file_says_how_it_answers(exported):
    assert [each.split("  ")[1].split(",")[0] for each in exported[2]] == [*FORMATS]
    assert all("0 of 6 answers are others" in each for each in exported[2])


def test_a_bundle_says_what_it_takes_and_answers(exported):
    bundle = read_bundle(exported[1])
    assert bundle.metadata["class_names"] == ["blue", "red"]
    assert [(each.name, each.shape, each.dtype) for each in bundle.inputs] == [("inputs", [None, 32, 32, 3], "uint8")]
    read = {name: bundle.reading[name] for name in ("mode", "resize", "height", "width", "dtype")}
    assert read == {"mode": "RGB", "resize": "squeeze", "height": 32, "width": 32, "dtype": "uint8"}
    assert list(bundle.files) == [f"{each}/float32" for each in FORMATS]


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_answers_the_golden_inputs_alike(exported, name):
    bundle, golden = read_bundle(exported[1]), np.load(exported[1] / "golden.npz")
    found = format_of(name).opened(bundle.files[f"{name}/float32"].path, 1).outputs([golden["inputs"]])
    assert [each.shape for each in found] == [golden[each].shape for each in bundle.outputs]
    assert np.abs(found[0] - golden["outputs"]).max() < 1e-4


@pytest.mark.parametrize("name", FORMATS)
def test_the_certificate_is_of_the_whole_test_split(exported, name):
    page = json.loads((exported[1] / "certificate.json").read_text())[f"{name}/float32"]
    assert (page["examples"], page["of"], page["fault"]) == (6, "the test split", "")
    assert page["after"] == page["before"]
    assert page["largest_difference_to_float32"] < 1e-4
    assert min(page["milliseconds"], page["per_second"], page["peak_bytes"]) > 0


def test_predict_py_answers_files_as_the_model_does_without_tlkit(exported):
    _, out, _ = exported
    pictures = sorted(str(each) for each in (out / "golden").iterdir())
    call = [sys.executable, "-c", SCRIPT, *pictures]
    done = subprocess.run(call, capture_output=True, text=True, cwd=out, timeout=60)
    assert done.returncode == 0, done.stderr
    golden = np.load(out / "golden.npz")["outputs"]
    said = [re.search(r" (\d\.\d+)", each)[1] for each in done.stdout.splitlines()]
    assert np.abs(np.array(said, float) - golden.max(axis=1)).max() < 0.01


@pytest.mark.slow
def test_a_benchmark_is_a_table_a_page_and_a_part_of_the_report(exported, monkeypatch, tmp_path):
    monkeypatch.chdir(exported[0])
    done = tlkit("benchmark", "latest", "--format", "onnx", "--html", tmp_path / "files.html", "--log")
    assert done.exit_code == 0, done.output
    assert [each.split()[0] for each in done.stdout.splitlines() if each.startswith("onnx/")]
    page, report = (tmp_path / "files.html").read_text(), lookup.fetch(lookup.find("latest"), "report.html").read_text()
    for name in ("onnx/float32", "onnx/float16", "onnx/int8"):
        assert f'<th scope="row">{name}</th>' in page
        assert report.count(f'<th scope="row">{name}</th>') == 1
    assert Image.open(tmp_path / "files.png").width > 500
    assert lookup.find("latest").metrics["export/onnx/int8/milliseconds"] > 0


@pytest.mark.slow
def test_a_graph_that_resizes_answers_pictures_of_any_size_alike(exported, monkeypatch, tmp_path):
    monkeypatch.chdir(exported[0])
    done = tlkit("export", "latest", "--format", "onnx,openvino,savedmodel", "--precision", "float32", "--resize",
                 "inside", "--out", tmp_path / "any")  # fmt: skip
    assert done.exit_code == 0, done.output
    bundle = read_bundle(tmp_path / "any")
    assert (bundle.inputs[0].shape, bundle.reading["inside"]) == ([None, None, None, 3], True)
    pictures = sorted((tmp_path / "any" / "golden").iterdir())
    pixels = [np.asarray(Image.open(each).convert("RGB"))[None] for each in pictures]
    assert {each.shape[1:3] for each in pixels} != {(32, 32)}
    golden = np.load(tmp_path / "any" / "golden.npz")["outputs"]
    for name, page in json.loads((tmp_path / "any" / "certificate.json").read_text()).items():
        session = format_of(name.split("/")[0]).opened(bundle.files[name].path, 1)
        found = np.concatenate([session.outputs([each])[0] for each in pixels])
        assert np.abs(found - golden).max() < 0.01
        assert (page["whole_flips"], page["whole_largest_difference"] < 0.01) == (0, True)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *pictures], capture_output=True, text=True, cwd=tmp_path / "any"
    )
    said = [re.search(r" (\d\.\d+)", each)[1] for each in done.stdout.splitlines()]
    assert np.abs(np.array(said, float) - golden.max(axis=1)).max() < 0.01


def test_a_file_that_was_changed_is_refused(exported, tmp_path):
    page = json.loads((exported[1] / "model.json").read_text())
    page["files"] = {"onnx/float32": page["files"]["onnx/float32"]}
    (tmp_path / "model.json").write_text(json.dumps(page))
    (tmp_path / "model.onnx").write_bytes(b"other")
    with pytest.raises(ModelError, match="was changed since it was exported"):
        read_bundle(tmp_path)
    page["files"]["onnx/float32"]["path"] = "../model.onnx"
    (tmp_path / "model.json").write_text(json.dumps(page))
    with pytest.raises(ModelError, match="outside its folder"):
        read_bundle(tmp_path)


@pytest.mark.parametrize(("words", "line"), [
    (["--format", "onxx"], "Did you mean 'onnx'?"),
    (["--format", "savedmodel", "--precision", "int8"], "savedmodel: has no int8"),
    (["--format", "litert", "--resize", "inside"], "litert: cannot resize inside; onnx, openvino, savedmodel can"),
    (["--out", "tiny.yaml"], "expected a new or an empty folder"),
    (["--out", "pictures"], "pictures: expected a new or an empty folder. Name another with --out"),
])  # fmt: skip
def test_what_cannot_be_exported_is_one_line(exported, monkeypatch, words, line):
    monkeypatch.chdir(exported[0])
    assert line in refused("export", "latest", "--out", "other", *words)
