"""Classes of very different size: what is learned as if they were equally likely, and what is not."""

import numpy as np
import pytest
from command_line import RECIPE, refused
from drawing import draw_pictures
from small_training import rows

import tlkit
from tlkit.data.splits import Examples
from tlkit.engines.feature_cache import FeatureRows
from tlkit.errors import RecipeError
from tlkit.model.heads import Head, build_head
from tlkit.recipe.loading import load_recipe
from tlkit.report.terminal import opening_lines
from tlkit.tasks.task import task_of
from tlkit.training.batches import Batches
from tlkit.training.hard_data.imbalance import IMBALANCES
from tlkit.training.planning import load_data, options_of, setup_of
from tlkit.training.solving.exact_head import problem_of, solve_head

RNG = np.random.default_rng(7)


@pytest.fixture(scope="module")
def uneven():
    """Rows of noise, one in ten of the rare class: nothing but the shares of the classes can be learned."""
    labels = (np.arange(300) % 10 == 0).astype(int)
    inputs = 0.05 * RNG.normal(size=(300, 4)).astype("f4")
    return tlkit.Splits.from_arrays(inputs, labels, class_names=["common", "rare"], near_copies="apart")


@pytest.mark.parametrize(
    ("way", "low", "high"),
    [
        ("none", 0.02, 0.2),
        ("focal", 0.05, 0.35),
        ("weights", 0.4, 0.6),
        ("sampling", 0.4, 0.6),
        ("logit_adjusted", 0.4, 0.6),
    ],
)
def test_answers_hold_the_shares_of_the_classes_or_take_them_as_equal(uneven, way, low, high):
    model = tlkit.build("mlp", uneven.info, units=[2])
    phase = tlkit.Phase(epochs=30, learning_rate=0.01)
    trained = tlkit.fit(model, uneven, [phase], imbalance=way, early_stopping=None)
    assert low < tlkit.evaluate(trained).outputs[:, 1].mean() < high


@pytest.mark.parametrize(("way", "balances"), [("none", False), ("focal", False), ("logit_adjusted", True)])
def test_classes_that_are_taken_as_equally_likely_are_calibrated_as_equally_likely(way, balances):
    found = IMBALANCES[way].use(task_of("label"), np.array([0, 0, 0, 1]), 2)
    assert (found is not None) == balances
    if balances:
        np.testing.assert_allclose(found, [2 / 3, 2 / 3, 2 / 3, 2])


def test_an_epoch_of_sampling_has_as_many_of_each_class_and_is_drawn_by_the_seed():
    inputs, targets = rows(30, 0)
    classes = (np.arange(30) % 10 == 0).astype(int)
    drawn = [Batches(inputs, targets, batch_size=8, seed=7, shuffle=True, classes=classes) for _ in range(2)]
    assert len(drawn[0].order) == 30
    assert classes[drawn[0].order].sum() == 15
    assert len({*drawn[0].order[classes[drawn[0].order] == 0]}) == 15  # none of the common ones twice
    np.testing.assert_array_equal(drawn[0].order, drawn[1].order)
    before = drawn[0].order
    drawn[0].on_epoch_end()
    assert not np.array_equal(drawn[0].order, before)


def solved(way):
    """The last layer of a head of one layer, solved on rows of three classes, 40, 12 and 6; and what its folds say."""
    labels = np.repeat([0, 1, 2], [40, 12, 6])
    values = (np.random.default_rng(1).normal(size=(58, 5)) + labels[:, None]).astype("f4")
    names = [str(index) for index in range(58)]
    head = build_head((5,), Head(output="softmax", num_outputs=3))
    rows = FeatureRows((values,), np.stack([np.zeros(58, int), np.arange(58)], axis=1))
    part = Examples(values, labels, names, names, None)
    problem = problem_of(
        head, {"train": rows}, {"train": part}, task_of("label"),
        num_outputs=3, imbalance=IMBALANCES[way], kept=np.ones(58, bool),
    )  # fmt: skip
    _, held_out = solve_head(head, problem, solver="exact", seed=7, on_penalty=lambda metrics, step: None)
    return *head.get_layer("output").get_weights(), held_out.outputs


def test_the_prior_of_a_solved_head_is_taken_out_of_its_bias():
    prior = np.array([40, 12, 6]) / 58
    (kernel, bias, answers), (same, less, balanced) = solved("none"), solved("logit_adjusted")
    np.testing.assert_array_equal(kernel, same)
    np.testing.assert_allclose(bias - np.log(prior), less, rtol=1e-5)
    np.testing.assert_allclose(balanced, answers / prior / (answers / prior).sum(1, keepdims=True))


def test_a_solved_head_weighs_where_a_trained_one_samples():
    weighed, sampled, plain = (solved(way)[0] for way in ("weights", "sampling", "none"))
    np.testing.assert_array_equal(weighed, sampled)
    assert not np.allclose(weighed, plain)


def test_what_cannot_be_balanced_is_refused_in_a_line(tmp_path, monkeypatch):
    numbers = tlkit.Splits.from_arrays(RNG.normal(size=(40, 4)).astype("f4"), RNG.normal(size=40), val=0.2, test=0.2)
    with pytest.raises(RecipeError, match=r"train\.imbalance: sampling needs one class an example"):
        tlkit.fit(tlkit.build("mlp", numbers.info), numbers, imbalance="sampling")
    monkeypatch.chdir(tmp_path)
    draw_pictures(tmp_path / "pictures", count=4)
    (tmp_path / "tiny.yaml").write_text(RECIPE)
    assert "train.imbalance" in refused("check", "tiny.yaml", "--set", "train.imbalance=balanced")
    focal = ("--set", "train.imbalance=focal", "--set", "model.head.solver=exact")
    assert "exact knows no train.imbalance: focal" in refused("check", "tiny.yaml", *focal)


def test_a_recipe_says_it_by_either_name(tmp_path):
    for settings, way in (
        ([], "none"),
        (["data.class_weights=true"], "weights"),
        (["data.class_weights=true", "train.imbalance=sampling"], "sampling"),
    ):
        (tmp_path / "tiny.yaml").write_text(RECIPE)
        assert options_of(load_recipe(tmp_path / "tiny.yaml", settings)).imbalance == way


def test_a_run_says_what_it_takes_for_granted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw_pictures(tmp_path / "pictures", classes=("blue",), count=60)
    draw_pictures(tmp_path / "pictures", classes=("red",), count=4, seed=1)
    (tmp_path / "tiny.yaml").write_text(RECIPE)
    said = {}
    for way in ("none", "logit_adjusted", "focal"):
        recipe = load_recipe(tmp_path / "tiny.yaml", [f"train.imbalance={way}"])
        said[way] = opening_lines(setup_of(recipe, load_data(recipe)))
    assert "'red' 2: rare classes are seldom answered (train.imbalance)" in said["none"]
    assert "train.imbalance: logit_adjusted takes all classes as equally likely in use" in said["logit_adjusted"]
    assert "train.imbalance" not in said["focal"]
