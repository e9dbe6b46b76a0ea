"""Scores that docs/scores.md promises for nets on pictures, each within its training budget."""

import os
import sys
from pathlib import Path

import pytest
from command_line import run_json

import tlkit

ROOT = Path(__file__).parents[2]
FASHION = Path(os.environ.get("TLKIT_DATASETS", ROOT.parent / "shared" / "datasets")) / "fashion_mnist"
TRAIN = 12_000  # of the 60,000 training pictures; the 10,000 test pictures are used whole
SETTINGS = ["train.epochs=4", "train.batch_size=64", "train.early_stopping=null"]

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def fashion():
    sys.path.insert(0, str(ROOT / "bench"))
    from fashion import load

    (pictures, labels), test = load(FASHION)
    return tlkit.Splits.from_arrays(pictures[:TRAIN], labels[:TRAIN], test_data=test, val=0.1)


@pytest.mark.timeout(1800)
def test_a_deep_net_needs_its_shortcuts(fashion, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = {}
    for name in ("resnet56", "resnet56_plain"):
        recipe = tlkit.load_recipe(ROOT / "recipes" / "pictures" / f"{name}.yaml", SETTINGS)
        found[name] = tlkit.run(recipe, splits=fashion, say=print).metrics["test/accuracy"]
    print(found)
    assert found["resnet56"] > 0.7
    assert found["resnet56"] >= found["resnet56_plain"] + 0.03


@pytest.mark.timeout(300)
def test_the_toy_net_tells_x_from_o(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    metrics = run_json(ROOT / "recipes" / "pictures" / "x_and_o.yaml")["metrics"]
    print(metrics)
    assert metrics["test/accuracy"] >= 0.99
