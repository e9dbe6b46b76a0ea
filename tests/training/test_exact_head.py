"""A head of one layer on frozen features that is solved in place of trained."""

import numpy as np
import pytest
from command_line import RECIPE, refused, tlkit
from drawing import draw_pictures
from mlflow.tracking import MlflowClient
from sklearn.linear_model import LogisticRegression, Ridge

import tlkit as library
from tlkit.data.splits import Examples
from tlkit.tasks.task import task_of
from tlkit.training.solving.folds import solving_folds
from tlkit.training.solving.linear_solver import LINKS, PENALTIES, Rows, solve
from tlkit.training.solving.ridge_solver import solve_by_squares

RNG = np.random.default_rng(7)


def rows(targets, width):
    """Inputs of which the first columns say the targets, in noise."""
    inputs = RNG.normal(size=(len(targets), width))
    inputs[:, : targets.shape[1]] += 2 * targets
    return Rows(inputs, targets, np.ones(len(targets)))


def near(inputs):
    """Rows as the solver looks at them."""
    centred = inputs - inputs.mean(0)
    return centred / np.sqrt((centred**2).sum(1).mean())


@pytest.mark.parametrize("width", [5, 200])  # fewer columns than rows, and more
def test_the_solution_is_that_of_scikit_learn(width):
    labels = np.arange(90) % 3
    given = rows(np.eye(3)[labels], width)

    def judge(answers):
        return {"loss": float(-np.log((answers * given.targets).sum(1)).mean())}

    found = solve(given, np.arange(90) // 3 % 5, LINKS["softmax"], judge)
    penalty = PENALTIES[found.chosen]
    other = LogisticRegression(C=1 / (90 * penalty), tol=1e-8, max_iter=5000).fit(near(given.inputs), labels)
    answers = LINKS["softmax"].answer(given.inputs @ found.kernel + found.bias)
    assert np.abs(answers - other.predict_proba(near(given.inputs))).max() < 0.01
    assert found.path[found.chosen]["loss"] == min(each["loss"] for each in found.path)
    assert found.path[found.chosen] == judge(found.held_out)


def test_numbers_are_solved_as_by_ridge_regression():
    given = rows(RNG.normal(size=(60, 2)), 4)
    found = solve(
        given, np.arange(60) % 5, LINKS["linear"], lambda said: {"loss": float(((said - given.targets) ** 2).mean())}
    )
    other = Ridge(alpha=60 * PENALTIES[found.chosen], tol=1e-10).fit(near(given.inputs), given.targets)
    assert np.abs(given.inputs @ found.kernel + found.bias - other.predict(near(given.inputs))).max() < 0.01


def test_a_class_that_a_fold_lacks_is_answered_all_the_same():
    given = rows(np.eye(3)[[0, 0, 0, 0, 1, 1, 1, 1, 2]], 6)
    found = solve(
        given, np.arange(9) % 3, LINKS["softmax"], lambda said: {"loss": float(((said - given.targets) ** 2).sum())}
    )
    assert np.isfinite(found.kernel).all()
    assert (given.inputs @ found.kernel + found.bias)[8].argmax() == 2


@pytest.mark.parametrize("width", [5, 200])
def test_least_squares_are_those_of_scikit_learn(width):
    given = rows(RNG.normal(size=(60, 2)), width)
    given.inputs[:, -1] = 3.0  # says nothing
    found = solve_by_squares(
        given, np.arange(60) % 5, LINKS["linear"], lambda said: {"loss": float(((said - given.targets) ** 2).mean())}
    )
    inputs = (given.inputs - given.inputs.mean(0)) / np.where(given.inputs.std(0) > 0, given.inputs.std(0), 1)
    axes = min(60, width)  # a penalty is one of the mean squared deviation along an axis
    strength = 60 * found.penalties[found.chosen] * (inputs**2).sum() / 60 / axes
    other = Ridge(alpha=strength, tol=1e-10).fit(inputs, given.targets)
    assert np.abs(given.inputs @ found.kernel + found.bias - other.predict(inputs)).max() < 0.01


def test_probabilities_by_least_squares_are_neither_too_sure_nor_too_unsure():
    labels = RNG.permutation(np.arange(300) % 3)
    given = rows(np.eye(3)[labels], 400)

    def judge(answers):
        return {"loss": float(LINKS["softmax"].loss(answers, given.targets).mean())}

    found = solve_by_squares(given, np.arange(300) % 5, LINKS["softmax"], judge)
    best = min(judge(each)["loss"] for each in LINKS["softmax"].tempered(found.held_out))
    assert found.path[found.chosen]["loss"] == pytest.approx(best)
    assert found.path[found.chosen]["loss"] < 0.9 * np.log(3)


def test_a_class_that_is_far_rarer_than_others_takes_no_folds_away():
    names = list(map(str, range(102)))
    examples = Examples(np.zeros((102, 3)), np.r_[np.arange(100) % 2, 2, 2], names, names, None)
    assert len(set(solving_folds(examples, task_of("label"), 7).tolist())) == 5


def test_groups_that_mix_the_classes_are_folded_as_well_as_can_be():
    groups = [f"group {each}" for each in np.arange(100) // 10]
    kinds = RNG.integers(10, size=(10, 3))[np.arange(100) // 10, np.arange(100) % 3]
    names = list(map(str, range(100)))
    folds = solving_folds(Examples(np.zeros((100, 3)), kinds, names, names, None, groups), task_of("label"), 7)
    assert 2 <= len(set(folds.tolist())) <= 5
    assert all(len(set(folds[np.array(groups) == each].tolist())) == 1 for each in groups)


def test_inputs_that_are_all_the_same_tell_the_mean():
    given = Rows(np.ones((10, 3)), np.eye(2)[np.arange(10) % 2], np.ones(10))
    found = solve_by_squares(
        given, np.arange(10) // 2, LINKS["linear"], lambda said: {"loss": float(((said - given.targets) ** 2).mean())}
    )
    assert np.isfinite(found.held_out).all()
    np.testing.assert_allclose(given.inputs @ found.kernel + found.bias, 0.5)


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw_pictures(tmp_path / "pictures")
    (tmp_path / "tiny.yaml").write_text(RECIPE)
    return tmp_path


@pytest.mark.slow
def test_a_run_says_records_and_draws_how_its_head_was_solved(project):
    said = tlkit("run", "tiny.yaml", "--set", "train.few_examples=adapt").output
    assert "examples: the head is solved from train and val together" in said
    assert "penalties in" in said
    assert "kept by its folds: val/loss" in said
    client = MlflowClient(f"sqlite:///{project / 'mlruns' / 'mlflow.db'}")
    (run,) = client.search_runs(["1"])
    tried = [each.value for each in client.get_metric_history(run.info.run_id, "train/penalty")]
    assert tried == sorted(tried, reverse=True)
    losses = [each.value for each in client.get_metric_history(run.info.run_id, "val/loss")]
    assert int(run.data.tags["tlkit.best_epoch"]) == int(np.argmin(losses)) + 1
    assert run.data.metrics["test/accuracy"] >= 0.5
    again = tlkit("run", "tiny.yaml", "--set", "model.head.solver=exact")
    assert again.exit_code == 0
    digests = {each.data.tags["tlkit.digest.outputs"] for each in client.search_runs(["1"])}
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ("model.head.units=[8]", "one dense layer"),
        ("train.unfreeze=1", "frozen"),
        ("train.label_smoothing=0.1", "label_smoothing"),
        ("model={net: cnn, head: {solver: exact}}", "frozen"),
    ],
)
def test_what_cannot_be_solved_is_refused_by_check(project, setting, why):
    line = refused("check", "tiny.yaml", "--set", "model.head.solver=exact", "--set", setting)
    assert "model.head.solver: exact" in line
    assert why in line


@pytest.mark.parametrize("targets", [RNG.normal(size=(40, 2)).astype("f4"), RNG.integers(2, size=(40, 3))])
def test_several_numbers_and_several_labels_are_solved_too(targets):
    pictures = RNG.integers(255, size=(40, 32, 32, 3), dtype="uint8")
    task = "number" if targets.dtype == np.float32 else "labels"
    splits = library.Splits.from_arrays(pictures, targets, task=task, val=0.2, test=0.2)
    model = library.build("efficientnet-lite0", splits.info, head={"solver": "exact"})
    trained = library.fit(model, splits)
    assert set(trained.history[0]) >= {"val/loss", "train/penalty"}
    assert np.isfinite(library.evaluate(trained).outputs).all()
