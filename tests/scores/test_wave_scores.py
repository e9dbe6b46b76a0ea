"""The scores of docs/scores.md on real data, with the commands that stand there."""

import os
from pathlib import Path

import numpy as np
import pytest
from command_line import run_json

ROOT = Path(__file__).parents[2]
DATASETS = Path(os.environ.get("TLKIT_DATASETS", ROOT.parent / "shared" / "datasets"))

pytestmark = [pytest.mark.real, pytest.mark.timeout(3 * 30 * 60)]


def score(recipe, dataset, monkeypatch, folder, *settings):
    """The test accuracy of a recipe on a real data set."""
    if not (DATASETS / dataset).is_dir():
        pytest.skip(f"{DATASETS / dataset} is not there; set TLKIT_DATASETS")
    monkeypatch.chdir(folder)
    arguments = [part for each in (f"data.path={DATASETS / dataset}", *settings) for part in ("--set", each)]
    return run_json(ROOT / "recipes" / recipe, *arguments)["metrics"]["test/accuracy"]


def test_heartbeats_of_ecg5000(tmp_path, monkeypatch):
    scores = [
        score("signals/ecg5000.yaml", "ecg5000", monkeypatch, tmp_path, f"seed={seed}", f"model.kernel_seed={seed}")
        for seed in (1, 2, 3)
    ]
    print(f"\necg5000: {np.mean(scores):.4f} = mean of {', '.join(f'{each:.4f}' for each in scores)}")
    assert np.mean(scores) >= 0.947


def test_clothes_with_lenet5(tmp_path, monkeypatch):
    assert score("pictures/fashion_lenet5.yaml", "fashion_mnist", monkeypatch, tmp_path) >= 0.90


def test_clothes_with_a_residual_net(tmp_path, monkeypatch):
    assert score("pictures/fashion_resnet20.yaml", "fashion_mnist", monkeypatch, tmp_path) >= 0.935
