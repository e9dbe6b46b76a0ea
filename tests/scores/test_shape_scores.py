"""What the recipes reach on real data; each test prints its score (run with -m real -s)."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command_line import run_json

from tlkit.commands.run import run
from tlkit.data.splits import Examples, Splits
from tlkit.kinds.dna.dna import dna
from tlkit.recipe.loading import load_recipe

pytestmark = [pytest.mark.real, pytest.mark.timeout(2400)]
RECIPES = Path(__file__).parents[2] / "recipes"
FOLDS = 5


@pytest.fixture
def real_data(tmp_path, monkeypatch):
    home = Path(os.environ.get("TLKIT_DATASETS", Path(__file__).parents[3] / "shared" / "datasets"))
    if not home.is_dir():
        pytest.skip(f"no real data at {home}: set TLKIT_DATASETS")
    monkeypatch.chdir(tmp_path)
    return home.resolve()


def joined(splits):
    parts = list(splits.parts().values())
    return Examples(
        np.concatenate([each.items for each in parts]), np.concatenate([each.targets for each in parts]),
        [id_ for each in parts for id_ in each.ids], [name for each in parts for name in each.names], parts[0].read,
    )  # fmt: skip


def fold_of(splits, number):
    """One of five folds for testing, by the hash of the content, and a tenth of the rest for validation."""
    whole = joined(splits)
    places = np.array([int(each, 16) % (FOLDS * 10) for each in whole.ids])
    test, val = places % FOLDS == number, places // FOLDS == 0
    chosen = (np.flatnonzero(each) for each in (~test & ~val, ~test & val, test))
    return Splits(*(whole.take(each) for each in chosen), replace(splits.info))


def test_splice_sites_in_five_folds(real_data):
    recipe = load_recipe(RECIPES / "dna" / "splice.yaml")
    whole = dna(real_data / "splice" / "splice.dat", duplicates="drop")
    scores = [run(recipe, splits=fold_of(whole, number)).metrics["test/accuracy"] for number in range(FOLDS)]
    print(f"\nsplice: {np.mean(scores):.4f} = mean of {', '.join(f'{each:.4f}' for each in scores)}")
    assert np.mean(scores) >= 0.96


def test_modelnet10_without_copies_and_leaks(real_data):
    accuracy = run_json(RECIPES / "voxels" / "modelnet10.yaml", "--set", f"data.path={real_data / 'modelnet10'}")[
        "metrics"
    ]["test/accuracy"]
    print(f"\nmodelnet10: {accuracy:.4f}")
    assert accuracy >= 0.88


def test_coil20_one_half_of_the_turn_against_the_other(real_data):
    accuracy = run_json(RECIPES / "views" / "coil20.yaml", "--set", f"data.path={real_data / 'coil20'}")["metrics"][
        "test/accuracy"
    ]
    print(f"\ncoil20: {accuracy:.4f}")
    assert accuracy >= 0.97
