"""Answers by what mistakes cost: chosen, scored, kept in the model file, and used wherever a model answers."""

import numpy as np
import pytest
from command_line import RECIPE, refused, run_offline, tlkit
from drawing import draw_pictures

import tlkit as library
from tlkit.errors import RecipeError
from tlkit.tasks.costs import cost_matrix, costs_of_labels
from tlkit.tasks.scoring import score, table
from tlkit.tasks.task import task_of

NAMES = ["cat", "dog"]
OUTPUTS = np.array([[0.7, 0.3], [0.9, 0.1], [0.2, 0.8]])


def test_the_class_that_costs_least_is_answered_and_scored():
    task = task_of("label").costing({"dog": 5}, NAMES)  # from 1/6 on it is a dog
    scores = score(task, np.array([0, 1, 1]), OUTPUTS, NAMES)
    assert scores.confusion.tolist() == [[0, 1], [1, 1]]
    assert scores.metrics["accuracy"] == pytest.approx(1 / 3)
    assert scores.metrics["mean_cost"] == 2.0  # a cat taken for a dog, a dog for a cat
    assert scores.metrics["mean_cost_of_likeliest"] == pytest.approx(5 / 3)
    assert "predict.costs" in scores.notes[-1]
    rows = table("abc", "123", None, OUTPUTS, NAMES, task)
    assert rows["predicted"].tolist() == ["dog", "cat", "dog"]
    assert rows["probability"].tolist() == [0.3, 0.9, 0.8]
    said = task.answer(OUTPUTS[0], NAMES)
    assert (said.text, said.probability) == ("dog", 0.3)
    assert task.main_output(OUTPUTS[0]) == 1


def test_labels_are_predicted_from_where_a_miss_and_a_false_alarm_cost_alike():
    task = task_of("labels").costing({"miss": 4, "dog": {"false_alarm": 12}}, NAMES)
    assert task.thresholds == (0.2, 0.75)
    scores = score(task, np.array([[1, 0], [1, 1], [0, 1]]), OUTPUTS, NAMES)
    assert scores.metrics["mean_cost"] == pytest.approx((0 + 4 + 1) / 3)  # a dog missed, a cat that is none
    assert scores.metrics["mean_cost_of_likeliest"] == pytest.approx(4 / 3)
    assert task.decided(np.zeros((3, 2)), lambda: OUTPUTS, NAMES) is task


@pytest.mark.parametrize(
    ("name", "costs"), [("label", {"dog": {"cat": 3}}), ("labels", {"miss": 2}), ("label", {"cat": 0, "dog": 0})]
)
def test_costs_stand_in_the_model_file(name, costs):
    task = task_of(name).costing(costs, NAMES)
    assert task_of(name).from_page({"class_names": NAMES, **task.page(NAMES)}) == task


@pytest.mark.parametrize(
    ("costs", "line"),
    [
        ({"cow": 5}, r"predict\.costs: no class 'cow'"),
        ({"dog": {"cow": 5}}, r"predict\.costs\.dog: no class 'cow'"),
    ],
)
def test_costs_of_classes_that_are_not_there_are_refused(costs, line):
    with pytest.raises(RecipeError, match=line):
        cost_matrix(costs, NAMES)


def test_other_mistakes_with_labels_and_costs_of_numbers_are_refused():
    with pytest.raises(RecipeError, match="expected miss or false_alarm for several labels, found 'dog'"):
        costs_of_labels({"dog": 5}, NAMES)
    with pytest.raises(RecipeError, match="this data is numbers"):
        task_of("number").costing({"miss": 5}, ["height"])


@pytest.mark.slow
def test_a_run_predicts_and_evaluates_by_its_costs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw_pictures(tmp_path / "pictures")
    (tmp_path / "tiny.yaml").write_text(RECIPE)
    assert "no class 'green'" in refused("check", "tiny.yaml", "--set", "predict.costs={green: 5}")
    assert "predict.costs" in refused("check", "tiny.yaml", "--set", "predict.costs={red: -1}")
    found = run_offline("tiny.yaml", "--set", "predict.costs={red: 1000000}")
    assert found["metrics"]["test/mean_cost"] < 1
    assert tlkit("sync").exit_code == 0
    said = tlkit("predict", "latest", tmp_path / "pictures/blue", "--top", 2).output.splitlines()
    assert all(line.split()[1] == "red" for line in said)
    scores = tlkit("evaluate", "latest", "--data", tmp_path / "pictures").output
    assert "mean_cost " in scores


def test_python_takes_costs_too():
    labels = np.arange(40) % 2
    inputs = np.random.default_rng(0).normal(size=(40, 4)).astype("f4")
    splits = library.Splits.from_arrays(inputs, labels, class_names=NAMES, near_copies="apart")
    model = library.build("mlp", splits.info, units=[2])
    trained = library.fit(model, splits, [library.Phase(epochs=1)], costs={"dog": {"cat": 10**6}})
    assert {each.label for each in trained.predict(list(inputs[:5]))} == {"dog"}
