"""The other commands, on a finished run."""

import csv
from pathlib import Path

import numpy as np
import pytest
from command_line import tlkit


@pytest.fixture
def there(finished, monkeypatch):
    monkeypatch.chdir(finished[0])
    monkeypatch.setenv("TLKIT_CACHE", str(finished[0] / "cache"))
    return finished[1]


def test_predict_says_class_and_probability(there):
    result = tlkit("predict", "latest", "pictures/red")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert len(lines) == 12
    assert all(line.split()[1] in ("red", "blue") for line in lines)


def test_predict_writes_a_table(there, tmp_path):
    file = tmp_path / "out.csv"
    assert tlkit("predict", there[0]["run_id"][:8], "pictures", "--csv", file).exit_code == 0
    rows = list(csv.DictReader(file.open()))
    assert len(rows) == 24
    assert float(rows[0]["p_red"]) + float(rows[0]["p_blue"]) == pytest.approx(1, abs=1e-4)
    assert all(f"{np.float32(row['p_red']):.9g}" == row["p_red"] for row in rows)
    assert max(len(row["p_red"]) for row in rows) > len("0.123456")


def test_the_pictures_that_a_table_names_are_predicted(there, tmp_path):
    (tmp_path / "rows.csv").write_text(f"path,note\n{Path('pictures/red/red_000.png').absolute()},first\n")
    (line,) = tlkit("predict", "latest", tmp_path / "rows.csv").output.splitlines()
    assert line.endswith(tlkit("predict", "latest", "pictures/red/red_000.png").output.strip())
    (tmp_path / "other.csv").write_text("file\nx.png\n")
    refused = tlkit("predict", "latest", tmp_path / "other.csv")
    assert (refused.exit_code, refused.output.count("\n")) == (2, 1)
    assert "other.csv: no column 'path'" in refused.output


def test_predict_names_what_it_cannot_read(there, tmp_path):
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8\xff")
    result = tlkit("predict", "latest", "pictures/red", tmp_path / "torn.jpg")
    assert result.exit_code == 2
    assert "torn.jpg" in result.output
    assert "pictures/red" in result.output


def test_evaluate_scores_a_folder(there):
    result = tlkit("evaluate", "latest", "--data", "pictures")
    assert result.exit_code == 0
    assert "accuracy" in result.output


def test_an_unknown_run_is_one_line(there):
    result = tlkit("predict", "zzzz", "pictures")
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 1


@pytest.mark.parametrize("what", ["nets", "backbones", "recipes", "runs"])
def test_lists_have_lines(there, what):
    result = tlkit("list", what)
    assert result.exit_code == 0
    assert result.output.strip()


def test_list_runs_shows_the_runs(there):
    assert there[0]["run_id"][:8] in tlkit("list", "runs").output


def test_the_cache_is_shown_and_cleared(there, monkeypatch, tmp_path):
    assert "efficientnet-lite0" in tlkit("cache").output
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path))
    assert "0.0 MB freed" in tlkit("cache", "--clear").output


def test_clearing_the_cache_forgets_what_was_found_out_about_data(monkeypatch, tmp_path):
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path))
    for name in ("facts", "checks"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "known").write_bytes(bytes(2**20))
    assert "2.0 MB freed" in tlkit("cache", "--clear").output
    assert not list(tmp_path.rglob("known"))


def test_doctor_names_versions_and_places(there):
    output = tlkit("doctor").output
    assert "keras" in output
    assert "mlflow.db" in output


def test_check_finds_a_net_too_deep_without_building_it(there):
    result = tlkit("check", "tiny.yaml", "--set", "model={net: cnn, filters: [4,4,4,4,4,4,4]}")
    assert result.exit_code == 2
    assert "block" in result.output


@pytest.mark.parametrize(
    ("model", "smallest"),
    [
        ("{net: lenet5, filters: [6, 16, 16]}", "block3_conv: its input has size"),
        ("{net: alexnet}", "The smallest input that works is 67 x 67"),
        ("{net: vgg16}", "block5_pool: its input has size 1"),
        ("{net: local, filters: [4, 4, 4, 4]}", "block3_"),
        ("{net: filter-bank, scales: [9]}", "The smallest input that works is 55 x 55"),
        ("{net: multiview, backbone: vgg16}", "vgg16: block5_pool"),
    ],
)
def test_check_knows_the_smallest_input_of_every_net_that_has_one(there, model, smallest):
    result = tlkit("check", "tiny.yaml", "--set", f"model={model}", "--set", "data.image_size=16")
    assert result.exit_code == 2, result.output
    assert smallest in result.output


def test_check_says_what_a_recipe_comes_to(there):
    assert "no problems found" in tlkit("check", "tiny.yaml").output
