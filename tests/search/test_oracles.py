"""keras-tuner's oracles over recipe spaces: feasible points alone, all of them, and the same again from a journal."""

import pytest

from tlkit.compat.tuner_oracles import make_oracle
from tlkit.recipe.schema import Recipe
from tlkit.recipe.space import read_space
from tlkit.search.feasibility import make_refusal
from tlkit.search.search_journal import SearchJournal
from tlkit.search.trial import COMPLETED, FAILED, Trial
from tlkit.search.trial_queue import Search

pytestmark = pytest.mark.contract

TUNERS = ("random", "bayesian", "grid", "hyperband")
SPACE = {
    "model.kernel": {"choice": [3, 5, 7, 9, 11]},
    "model.pooling.kind": {"choice": ["none", "max"]},
    "model.pooling.size": {"choice": [2, 3], "when": {"model.pooling.kind": "max"}},
}


def make_search(tuner, folder, *, space=SPACE, count=40, shape=(8, 8, 3), memory=1 << 40):
    recipe = Recipe(name="x", model={"net": "cnn", "filters": [4], "padding": "valid"}, tune={"space": space})
    domains = read_space(recipe)
    oracle = make_oracle(
        tuner, domains, make_refusal(recipe, shape, memory), objective="val/accuracy", direction="max", seed=7, epochs=9
    )
    folder.mkdir(exist_ok=True)
    return Search(oracle, domains, SearchJournal(folder), objective="val/accuracy", direction="max", count=count)


def go_on(search, most=100):
    """Run trials whose score follows from their values."""
    for _ in range(most):
        trial = search.create("w")
        if not isinstance(trial, Trial):
            return
        score = trial.changes.get("model.kernel", 0) / 20 + 0.01 * (trial.until or 1)
        for epoch in range(trial.num_epochs + 1, (trial.until or 3) + 1):
            search.epoch(trial, epoch, {"val/accuracy": score})
        search.end(trial, COMPLETED, score=score)


@pytest.mark.parametrize("tuner", TUNERS)
def test_every_point_that_can_be_built_and_no_other_is_tried(tuner, tmp_path):
    search = make_search(tuner, tmp_path)
    go_on(search)
    tried = {tuple(sorted(each.changes.items())) for each in search.trials}
    kernels = {dict(each)["model.kernel"] for each in tried}
    assert kernels == {3, 5, 7}
    assert len(tried) == 3 + 3 + 2  # plain, pooled by 2 and by 3: kernels leave 6, 4 and 2 pixels
    assert search.oracle.passed_over > 0
    assert {each.status for each in search.trials} == {COMPLETED}


@pytest.mark.parametrize("tuner", TUNERS)
def test_a_search_is_told_from_its_journal(tuner, tmp_path):
    space = {**SPACE, "train.learning_rate": {"log": [1e-4, 1e-1]}}
    whole = make_search(tuner, tmp_path / "whole", space=space, count=16)
    go_on(whole)
    cut = make_search(tuner, tmp_path / "cut", space=space, count=16)
    go_on(cut, most=7)
    again = make_search(tuner, tmp_path / "cut", space=space, count=16)
    again.replay()
    assert len(again.trials) == 7
    go_on(again)
    if tuner == "bayesian":  # its random state is not part of what keras-tuner keeps
        assert [each.changes for each in again.trials[:12]] == [each.changes for each in whole.trials[:12]]
    else:
        assert [each.changes for each in again.trials] == [each.changes for each in whole.trials]


def test_a_trial_cut_off_is_given_out_first_with_its_epochs(tmp_path):
    search = make_search("random", tmp_path)
    trial = search.create("w")
    search.epoch(trial, 1, {"val/accuracy": 0.5})
    again = make_search("random", tmp_path)
    again.replay()
    back = again.create("another")
    assert (back.number, back.changes, back.num_epochs) == (0, trial.changes, 1)


def test_a_torn_last_line_is_left_out(tmp_path):
    search = make_search("random", tmp_path)
    go_on(search, most=2)
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(b'{"trial": 2, "val')
    again = make_search("random", tmp_path)
    again.replay()
    assert len(again.trials) == 2


def test_hyperband_promotes_the_best_of_each_round(tmp_path):
    search = make_search("hyperband", tmp_path, space={"train.learning_rate": {"log": [1e-4, 1e-1]}}, count=13)
    for _ in range(13):
        trial = search.create("w")
        search.end(trial, COMPLETED, score=trial.changes["train.learning_rate"])
    first = sorted(search.trials[:9], key=lambda each: -each.score)
    assert {each.since for each in search.trials[9:12]} == {each.number for each in first[:3]}
    assert search.trials[12].changes == first[0].changes


def test_too_much_memory_is_passed_over(tmp_path):
    small, large = make_search("grid", tmp_path / "a"), make_search("grid", tmp_path / "b", memory=1)
    assert isinstance(small.create("w"), Trial)
    assert large.create("w") is None
    assert "would need about" in large.oracle.refuse({"model.kernel": 3})


def test_three_failures_in_a_row_stop_nothing_and_two_alike_stop_all(tmp_path):
    search = make_search("random", tmp_path)
    for number in range(3):
        search.end(search.create("w"), FAILED, message=f"fault {number}")
    assert isinstance(search.create("w"), Trial)
    other = make_search("random", tmp_path / "alike")
    for _ in range(2):
        other.end(other.create("w"), FAILED, message="the same")
    assert other.create("w") is None
    assert "every trial fails alike" in other.fault


def test_each_of_two_workers_gets_its_own_trial(tmp_path):
    search = make_search("random", tmp_path)
    assert search.create("a").number == 0
    assert search.create("b").number == 1
    assert search.create("a").number == 0
