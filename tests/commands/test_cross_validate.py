"""Cross-validation: one run a fold, within one parent run."""

import json

import numpy as np
import pytest
from command_line import refused, tlkit

from tlkit import Splits
from tlkit.commands.cross_validate import fold_splits
from tlkit.data.assembly.assignment import assign_by_time, assign_folds
from tlkit.errors import DataError
from tlkit.tracking import lookup

SMALL = ["--set", "model={net: cnn, filters: [4]}", "--set", "train.epochs=1"]


def test_folds_run_within_one_parent_and_give_mean_and_spread(project):
    result = tlkit("run", "tiny.yaml", "--folds", "2", *SMALL, "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout.strip().splitlines()[-1])
    scores = [each["metrics"]["test/accuracy"] for each in answer["folds"]]
    assert len(scores) == 2
    assert answer["metrics"]["test/accuracy"]["mean"] == pytest.approx(np.mean(scores))
    assert answer["metrics"]["test/accuracy"]["std"] == pytest.approx(np.std(scores, ddof=1))
    parent = lookup.find(answer["run_id"], project / "mlruns")
    assert parent.metrics["test/accuracy"] == pytest.approx(np.mean(scores))
    assert (parent.artifacts / "folds.csv").read_text().count("\n") == 3
    for each in answer["folds"]:
        assert lookup.find(each["run_id"], project / "mlruns").tags["mlflow.parentRunId"] == answer["run_id"]
    asked = tlkit("predict", answer["run_id"], "pictures")
    assert asked.exit_code == 2
    ids = ", ".join(each["run_id"][:8] for each in answer["folds"])
    assert f"has no 'model.keras'. Name one of the runs within it: {ids}" in asked.output


def test_one_fold_is_none(project):
    result = tlkit("run", "tiny.yaml", "--folds", "1")
    assert result.exit_code == 2
    assert "--folds: expected 2 or more, found 1" in result.output


def arrays(count=60, **options):
    inputs = np.random.default_rng(0).normal(size=(count, 5)).astype(np.float32)
    return Splits.from_arrays(inputs, np.arange(count) % 2, **options)


@pytest.mark.parametrize("settings", [["--folds", "2"], ["--set", "model=auto"]])
def test_runs_within_another_are_not_kept_for_later(project, settings):
    assert "--offline is for a run alone" in refused("run", "tiny.yaml", "--offline", *settings)


def test_each_example_is_tested_once_and_never_learned_from_in_that_fold():
    splits = arrays()
    every = {id_ for part in splits.parts().values() for id_ in part.ids}
    rounds = list(fold_splits(splits, 4, seed=7, val=0.2))
    tested = [id_ for each in rounds for id_ in each.test.ids]
    assert (len(tested), set(tested)) == (60, every)
    for each in rounds:
        parts = [set(part.ids) for part in each.parts().values()]
        assert set().union(*parts) == every
        assert sum(map(len, parts)) == 60


def test_groups_stay_in_one_fold():
    groups = np.arange(60) // 6
    rounds = list(fold_splits(arrays(groups=groups), 3, seed=7, val=0.2))
    for each in rounds:
        found = [{int(name[6:-1]) // 6 for name in part.names} for part in each.parts().values()]
        assert sum(map(len, found)) == 10


def test_every_class_is_in_every_fold():
    classes = ["common"] * 90 + ["rare"] * 5
    folds = assign_folds([f"{number:03}" for number in range(95)], classes, 5, seed=3)
    assert set(folds[90:]) == set(range(5))
    with pytest.raises(DataError, match="expected at least 6 different examples to split into 6 folds, found 5"):
        assign_folds([f"{number:03}" for number in range(95)], classes, 6, seed=3)


@pytest.mark.parametrize("seed", range(5))
def test_the_latest_are_tested_and_equal_times_stay_together(seed):
    times = np.random.default_rng(seed).integers(0, 40, 200)
    parts = assign_by_time(times, val=0.2, test=0.2)
    assert times[parts == "train"].max() < times[parts == "val"].min()
    assert times[parts == "val"].max() < times[parts == "test"].min()
    assert 30 <= (parts == "test").sum() <= 50
