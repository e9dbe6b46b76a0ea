"""Parts of another package, installed as pip installs it, from `check` to an export."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import pytest
from mlflow.tracking import MlflowClient

PACKAGE = Path(__file__).parent / "toy_package"
RECIPE = """
data: {source: grids, path: grids, task: grade, val: 0.25, test: 0.25}
model: {net: dotty, filters: 6, head: {dropout: 0}}
train: {epochs: 30, batch_size: 8, learning_rate: 0.02}
track: {system_metrics: false}
"""


def wheel(folder):
    """The toy package as a wheel: its files, and what says where its parts are."""
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    about = f"tlkit_toy-{project['version']}.dist-info"
    parts = "\n".join(
        f"[{group}]\n" + "\n".join(f"{name} = {target}" for name, target in lines.items())
        for group, lines in project["entry-points"].items()
    )
    path = folder / f"tlkit_toy-{project['version']}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted((PACKAGE / "toy").glob("*.py")):
            archive.write(file, f"toy/{file.name}")
        archive.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: tlkit-toy\nVersion: {project['version']}\n"
        )
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/entry_points.txt", parts)
        archive.writestr(f"{about}/RECORD", "")
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A project with grids of two looks, and the folder where the toy package is installed."""
    folder = tmp_path_factory.mktemp("toy")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", folder / "site"]
    subprocess.run([*pip, wheel(folder)], check=True, timeout=120)
    rng = np.random.default_rng(0)
    for look in ("across", "down"):
        (folder / "grids" / look).mkdir(parents=True)
        for number in range(30):
            cells = rng.random((8, 8)) < 0.15
            line = rng.integers(1, 7)
            cells[(line, slice(None)) if look == "across" else (slice(None), line)] = True
            text = "\n".join("".join("#" if each else "." for each in row) for row in cells)
            (folder / "grids" / look / f"{number}.grid").write_text(text)
    (folder / "toy.yaml").write_text(RECIPE)
    return folder


@pytest.fixture(scope="module")
def tlkit(home):
    def call(*words):
        environment = {**os.environ, "PYTHONPATH": str(home / "site")}
        command = [sys.executable, "-P", "-c", "from tlkit.cli import entry; entry()", *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, cwd=home, env=environment, timeout=240)

    return call


@pytest.fixture(scope="module")
def ran(tlkit):
    done = tlkit("run", "toy.yaml", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("nets", "dotty one convolution, strided (tlkit-toy 0.1)"),
        ("nets", "broken cannot be used: toy.missing: module 'toy.missing' is not installed"),
        ("backbones", "seeded random filters, always the same (tlkit-toy 0.1)"),
        ("sources", "grids class folders of letter grids (tlkit-toy 0.1)"),
        ("kinds", "(tlkit-toy 0.1)"),
        ("tasks", "grade classes in an order (tlkit-toy 0.1)"),
        ("exporters", "listed weights as lists in JSON, beside the model's config (tlkit-toy 0.1)"),
    ],
)  # fmt: skip
def test_a_part_is_listed_with_where_it_comes_from(tlkit, what, line):
    assert line in " ".join(tlkit("list", what).stdout.split())


@pytest.mark.slow
def test_check_knows_the_parts_and_their_arguments(tlkit):
    assert "no problems found" in tlkit("check", "toy.yaml").stdout
    wrong = tlkit("check", "toy.yaml", "--set", "model.filtres=8")
    assert wrong.returncode == 2
    assert "model.filtres: unknown key for net 'dotty'. Did you mean 'filters'?" in wrong.stderr


@pytest.mark.slow
def test_init_recognises_data_of_the_kind(tlkit, home):
    done = tlkit("init", "grids", "--out", "guessed.yaml")
    assert done.returncode == 0
    fails = "grids: the guess of kind 'grid' of tlkit-toy 0.1 is passed by, for it fails ("
    said = [each.removeprefix(fails) for each in done.stderr.splitlines() if each.startswith(fails)]
    assert [each.partition(":")[0] for each in said] == ["AttributeError"] * 2
    assert "source: grids         # guessed: grids of letters" in (home / "guessed.yaml").read_text()


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("model.net=broken", "module 'toy.missing' is not installed"),
        ("data.task=grades", "expected one of label, labels, number, grade"),
    ],
)
def test_a_broken_or_unknown_part_is_a_line(tlkit, setting, said):
    done = tlkit("check", "toy.yaml", "--set", setting)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_learns_and_is_scored_by_the_task(ran):
    assert ran["metrics"]["test/accuracy"] > 0.8
    assert "test/classes_off" in ran["metrics"]


@pytest.mark.slow
def test_the_epoch_is_kept_that_is_best_by_a_metric_of_the_task(ran, tlkit, home):
    settings = ["train.early_stopping.monitor=val/classes_off", "train.early_stopping.patience=30"]
    done = tlkit("run", "toy.yaml", "--json", *(word for each in settings for word in ("--set", each)))
    assert done.returncode == 0, done.stderr
    run_id = json.loads(done.stdout.splitlines()[-1])["run_id"]
    client = MlflowClient(f"sqlite:///{home / 'mlruns' / 'mlflow.db'}")
    seen = [each.value for each in client.get_metric_history(run_id, "val/classes_off")]
    kept = int(client.get_run(run_id).data.tags["tlkit.best_epoch"])
    assert seen[kept - 1] == min(seen) < max(seen)


def test_the_report_shows_the_kind_as_it_draws_itself(ran, home):
    page = Path(home / ran["report"]).read_text()
    assert "classes off" in page.lower().replace("_", " ")
    assert page.count("data:image/") > 3
    assert "if nothing in grids (tlkit-toy 0.1), dotty (tlkit-toy 0.1) is drawn unseeded" in page


@pytest.mark.slow
def test_the_model_tells_new_files(ran, tlkit, home):
    lines = tlkit("predict", "latest", "grids/across").stdout.splitlines()
    assert len(lines) == 30
    assert sum(" across " in each for each in lines) > 20


def test_the_model_is_explained(ran, tlkit, home):
    done = tlkit("explain", "latest", "grids/down/0.grid", "--out", "why", "--patch", "2")
    assert done.returncode == 0, done.stderr
    assert list((home / "why").rglob("*.png"))


@pytest.mark.slow
def test_the_model_is_exported(ran, tlkit, home):
    done = tlkit("export", "latest", "--format", "listed", "--format", "savedmodel", "--out", "files")
    assert done.returncode == 0, done.stderr
    assert (home / "files" / "listed.json").is_file()
    assert (home / "files" / "savedmodel" / "saved_model.pb").is_file()
    again = tlkit("export", "latest", "--out", "files")
    assert (again.returncode, "expected a new or an empty folder" in again.stderr) == (2, True)


@pytest.mark.slow
def test_a_backbone_is_frozen_and_its_features_kept(tlkit, drawn_pictures):
    changes = ["--set", "model={net: seeded}", "--set", f"data={{source: image_folder, path: {drawn_pictures}}}"]
    _, second = (tlkit("run", "toy.yaml", *changes, "--set", "name=seeded", "--json") for _ in range(2))
    assert second.returncode == 0, second.stderr
    assert "from the cache" in second.stdout + second.stderr


def test_what_merely_lies_in_the_working_folder_is_no_plugin(home, tlkit):
    (home / "evil-1.dist-info").mkdir(exist_ok=True)
    (home / "evil-1.dist-info" / "METADATA").write_text("Name: evil\nVersion: 1\n")
    (home / "evil-1.dist-info" / "entry_points.txt").write_text("[tlkit.nets]\nevil = evil:net\n")
    code = "import sys; sys.path.insert(0, ''); from tlkit.cli import entry; entry()"
    done = subprocess.run(
        [sys.executable, "-c", code, "list", "nets"], capture_output=True, text=True, cwd=home, timeout=60
    )
    assert "lenet5" in done.stdout
    assert "evil" not in done.stdout
