"""`export:` in a recipe: a bundle of each run, kept with it; what cannot be had is said before, and loses no run."""

import shutil
import sys

import pytest
from command_line import RECIPE, refused, tlkit

from tlkit.exporting.bundle import read_bundle
from tlkit.exporting.web_format import RUNTIME, RUNTIME_FILES
from tlkit.tracking import lookup


@pytest.fixture
def project(tmp_path, monkeypatch, drawn_pictures):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(drawn_pictures, "pictures")
    (tmp_path / "tiny.yaml").write_text(RECIPE)
    return tmp_path


@pytest.mark.parametrize(("setting", "line"), [
    ("export=[onxx]", "export.formats: unknown format 'onxx'. Did you mean 'onnx'?"),
    ("export={formats: [onnx], precisions: [int]}", "export.precisions: unknown precision 'int'. Did you mean 'int8'?"),
    ("export={formats: [savedmodel], precisions: [int8]}", "export: savedmodel: has no int8; it has float32, bfloat16"),
])  # fmt: skip
def test_what_no_format_has_is_refused_by_a_check(project, setting, line):
    assert refused("check", "tiny.yaml", "--set", setting).endswith(line)


def test_a_missing_package_is_told_with_its_extra_before_a_run(project, monkeypatch):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    line = refused("run", "tiny.yaml", "--set", "export=onnx")
    assert "needs the package tf2onnx, which is not installed: pip install 'tlkit[export]'" in line
    assert not (project / "mlruns").exists()


def test_a_run_keeps_its_bundle(project):
    done = tlkit("run", "tiny.yaml", "--set", "export=savedmodel")
    assert done.exit_code == 0, done.output
    assert "export    savedmodel  savedmodel, at most" in done.stdout
    run = lookup.find("latest")
    assert list(read_bundle(lookup.fetch(run, "export")).files) == ["savedmodel/float32"]
    assert run.metrics["export/savedmodel/float32/flips"] == 0


@pytest.mark.slow
def test_a_run_whose_export_fails_is_finished_and_the_command_ends_with_2(project, monkeypatch):
    monkeypatch.setenv(RUNTIME, str(project))
    done = tlkit("run", "tiny.yaml", "--set", "export=web")
    assert done.exit_code == 2, done.output
    assert [each for each in done.stdout.splitlines() if each.startswith("export ")] == [
        f"export    web: {RUNTIME}={project}: expected {', '.join(RUNTIME_FILES)}; {RUNTIME_FILES[0]} is not there"
    ]
    assert lookup.find("latest").status == "FINISHED"
