"""Wrong labels: found, left out where that pays, and minded less by a robust loss."""

import csv
import shutil

import numpy as np
import pytest
from command_line import RECIPE, refused, tlkit
from drawing import draw_pictures
from mlflow.tracking import MlflowClient

import tlkit as library
from tlkit.data.splits import Examples
from tlkit.recipe.loading import load_recipe
from tlkit.tasks.task import task_of
from tlkit.training.hard_data.label_noise import doubtful_labels
from tlkit.training.planning import load_data

RNG = np.random.default_rng(7)


def examples(labels):
    names = [f"{index}.png" for index in range(len(labels))]
    return {"train": Examples(names, np.asarray(labels), names, names, None)}


def doubts(distance, turned):
    """What is found among 200 rows of two classes that lie so far apart, of which so many have the other's label."""
    classes = np.arange(200) % 2
    features = RNG.normal(size=(200, 8)).astype("f4")
    features[:, 0] += distance * classes
    wrong = np.isin(np.arange(200), RNG.permutation(200)[:turned])
    return wrong, doubtful_labels(features, examples(np.where(wrong, 1 - classes, classes)), task_of("label"), 2, 7)


def test_turned_labels_of_classes_that_are_well_told_are_left_out():
    wrong, found = doubts(8.0, 40)
    assert found.pays
    np.testing.assert_array_equal(found.kept, ~wrong)
    table = found.table(["cat", "dog"])
    assert len(table) == 40
    assert set(table["name"]) == {f"{index}.png" for index in np.flatnonzero(wrong)}
    assert (table["label"] != table["rather"]).all()


@pytest.mark.parametrize(("distance", "turned"), [(8.0, 0), (0.0, 0), (0.5, 40)])
def test_nothing_is_left_out_where_that_does_not_pay(distance, turned):
    _, found = doubts(distance, turned)
    assert not found.pays
    assert found.kept.all()
    assert found.metrics["label_noise/left_out"] == 0
    assert "none" in found.line


def test_no_class_loses_more_than_half_of_its_labels_and_tiny_classes_are_left_alone():
    labels = np.array([0] * 30 + [1] * 4 + [2])
    found = doubtful_labels(RNG.normal(size=(35, 4)), examples(labels), task_of("label"), 3, 7)
    for name, count in enumerate((30, 4, 1)):
        assert np.count_nonzero(found.doubtful & (labels == name)) <= count / 2
    assert not found.pays


def test_a_robust_loss_minds_wrong_labels_less():
    right = RNG.integers(2, size=300)
    inputs = RNG.normal(size=(300, 10)).astype("f4") + 1.5 * right[:, None].astype("f4")
    given = np.where(np.arange(300) % 10 < 3, 1 - right, right)
    splits = library.Splits.from_arrays(inputs, given, near_copies="apart", test=0.3)
    loss = {}
    for way in ("none", "robust"):
        model = library.build("mlp", splits.info, units=[4])
        trained = library.fit(model, splits, [library.Phase(epochs=30, learning_rate=0.02)], label_noise=way)
        outputs = library.evaluate(trained).outputs
        truth = np.array([right[int(np.flatnonzero((inputs == row).all(1))[0])] for row in splits.test.items])
        loss[way] = -np.log(outputs[np.arange(len(truth)), truth]).mean()
    assert loss["robust"] < loss["none"]


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw_pictures(tmp_path / "pictures", count=30)
    for number in range(4):  # labels turned, in both classes
        for name, other in (("blue", "red"), ("red", "blue")):
            (tmp_path / "pictures" / name / f"{name}_{number:03}.png").rename(
                tmp_path / "pictures" / other / f"{name}_{number:03}.png"
            )
    (tmp_path / "tiny.yaml").write_text(RECIPE)
    return tmp_path


@pytest.mark.slow
def test_a_run_records_which_labels_it_left_out_and_quarantine_reads_that(project):
    settings = ["--set", "train.label_noise=leave_out", "--set", "model.head.solver=exact"]
    result = tlkit("run", "tiny.yaml", *settings, "--json")
    said = result.stderr
    assert "left out (left_out.csv): heads without such change the loss on unseen labels by -" in said
    client = MlflowClient(f"sqlite:///{project / 'mlruns' / 'mlflow.db'}")
    (run,) = client.search_runs(["1"])
    table = shutil.copy(client.download_artifacts(run.info.run_id, "left_out.csv"), project)
    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == run.data.metrics["label_noise/left_out"] > 0
    assert {row["part"] for row in rows} <= {"train", "val"}
    assert all(row["rather"] in row["name"].rpartition("/")[2] for row in rows)  # files are called by the truth
    assert run.data.tags["tlkit.label_noise"] in said
    rest = load_data(load_recipe("tiny.yaml", ["data.quarantine=left_out.csv"]))
    assert rest.info.tags["data.quarantined"] == str(len(rows))


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (["train.label_noise=leave_out", "train.unfreeze=1"], "asks a head on frozen features"),
        (["train.label_noise=robust", "model.head.solver=exact"], "exact knows no train.label_noise: robust"),
        (["train.label_noise=robust", "train.imbalance=focal"], "are two losses"),
    ],
)
def test_what_cannot_be_done_about_wrong_labels_is_refused(project, settings, line):
    assert line in refused("check", "tiny.yaml", *(part for each in settings for part in ("--set", each)))
