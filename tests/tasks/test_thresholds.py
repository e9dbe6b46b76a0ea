"""From which probability on a label is predicted: chosen on validation, kept in the model file, used wherever asked."""

import json
import zipfile

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

import tlkit
from tlkit import Splits
from tlkit.engines.predictor import load_model
from tlkit.recipe.loading import build_recipe
from tlkit.recipe.yaml_lines import YamlPage
from tlkit.serving.mlflow_loader import _load_pyfunc
from tlkit.tasks.scoring import score
from tlkit.tasks.task import task_of

NAMES = ["common", "noisy", "rare"]
RECIPE = {
    "name": "labels",
    "model": {"net": "mlp", "units": 16},
    "train": {"epochs": 8, "batch_size": 16},
    "track": {"system_metrics": False},
}


def rows(count=600):
    """Labels that follow from the inputs with much noise, one of them so rare that validation has next to none."""
    random = np.random.default_rng(0)
    inputs = random.normal(size=(count, 4)).astype(np.float32)
    noise = random.normal(size=(count, 3))
    scores = inputs[:, :3] + noise * [0.2, 1.5, 0.5]
    return inputs, (scores > [0, 1.6, 3.0]).astype(np.float32)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The result of a run, in its folder, and the splits that it was of."""
    splits = Splits.from_arrays(*rows(), class_names=NAMES)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("labels"))
        said = []
        yield tlkit.run(build_recipe(YamlPage(RECIPE)), splits=splits, say=said.append), splits, said


def outputs_of(result, part):
    return tlkit.load_run(result.run_id).outputs(part.items)


def test_the_best_threshold_for_f1_in_validation_stands_in_the_file_and_too_rare_a_class_keeps_a_half(ran):
    result, splits, _ = ran
    thresholds = tlkit.load_run().facts["thresholds"]
    assert list(thresholds) == NAMES
    assert splits.val.targets.sum(0)[2] < 3
    assert thresholds["rare"] == 0.5
    outputs = outputs_of(result, splits.val)
    for place, name in enumerate(NAMES[:2]):
        true, said = splits.val.targets[:, place], outputs[:, place]
        best = max(f1_score(true, said >= cut) for cut in said)
        assert f1_score(true, said >= thresholds[name]) == pytest.approx(best)
    assert thresholds["noisy"] < 0.45


def test_scores_predictions_and_report_go_by_the_thresholds(ran):
    result, splits, _ = ran
    cuts = np.array(list(tlkit.load_run().facts["thresholds"].values()))
    outputs = outputs_of(result, splits.test)
    said = outputs >= cuts
    assert result.metrics["test/micro_f1"] == pytest.approx(f1_score(splits.test.targets, said, average="micro"))
    folder = result.model.parent
    found = pd.read_csv(folder / "predictions.csv", keep_default_na=False)
    assert [set(filter(None, each.split(", "))) for each in found["predicted"]] == [
        set(np.array(NAMES)[row]) for row in said
    ]
    classes = json.loads((folder / "per_class.json").read_text())
    assert [each["threshold"] for each in classes] == cuts.tolist()
    report = (folder / "report.html").read_text()
    assert '<th scope="col">Threshold</th>' in report
    assert "chosen on the validation part by F1; 0.5 for rare: under 3 examples" in report


def test_new_examples_are_answered_by_the_thresholds_in_python_and_by_a_server(ran):
    result, splits, _ = ran
    predictor = tlkit.load_run()
    cuts = predictor.facts["thresholds"]
    outputs = outputs_of(result, splits.test)
    (place,) = np.flatnonzero((outputs[:, 1] >= cuts["noisy"]) & (outputs[:, 1] < 0.5))[:1]
    assert "noisy" in predictor.predict([splits.test.items[place]])[0].label.split()
    (answer,) = _load_pyfunc(str(result.model)).predict(splits.test.items[place : place + 1])
    assert "noisy" in answer["classes"]


def test_a_model_file_without_thresholds_is_read_with_a_half(ran, tmp_path):
    result, splits, _ = ran
    old = tmp_path / "model.keras"
    with zipfile.ZipFile(result.model) as whole, zipfile.ZipFile(old, "w") as less:
        for name in whole.namelist():
            content = whole.read(name)
            if name == "tlkit.json":
                page = json.loads(content)
                del page["thresholds"]
                content = json.dumps(page).encode()
            less.writestr(name, content)
    outputs = outputs_of(result, splits.test)
    found = load_model(old).predict(list(splits.test.items))
    for row, each in zip(outputs, found, strict=True):
        assert each.label == (" ".join(np.array(NAMES)[row >= 0.5]) or "none")


def test_without_enough_validation_examples_nothing_is_chosen_and_nothing_computed():
    targets = np.zeros((50, 2))
    targets[:2] = 1
    task = task_of("labels")
    assert task.decided(targets, lambda: pytest.fail("computed"), ["a", "b"]) == task
    assert "threshold" not in score("labels", targets, targets, ["a", "b"]).per_class[0]


def test_errors_of_examples_are_in_the_mean_what_the_scores_lack():
    rng = np.random.default_rng(3)
    truth, outputs = rng.integers(0, 2, (50, 3)), rng.uniform(size=(50, 3))
    labels, numbers = task_of("labels"), task_of("number").fitted(rng.normal(size=(50, 3)))
    scores = labels.measure(truth, outputs, "abc")["metrics"]
    for name, errors in labels.errors(truth, outputs).items():
        assert errors.mean() == pytest.approx(1 - scores[name])
    mae = numbers.measure(truth.astype(float), outputs, "abc")["metrics"]["mae"]
    assert numbers.errors(truth, outputs)["mae"].mean() == pytest.approx(mae)
