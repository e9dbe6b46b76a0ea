"""`tlkit run` through its public doors: the command, the files it leaves, MLflow's store."""

import json
import re

import keras
import numpy as np
import pandas as pd
import pytest
import yaml
from command_line import refused, run_json, run_offline, tlkit
from drawing import draw_pictures
from mlflow import MlflowClient

import tlkit as package
from tlkit.tracking import lookup


@pytest.fixture
def stored(finished):
    folder, results = finished
    client = MlflowClient(f"sqlite:///{folder / 'mlruns' / 'mlflow.db'}")
    return client.get_run(results[0]["run_id"]), client, results[0]


def test_every_recipe_field_is_a_parameter_under_its_dotted_name(stored):
    run, _, _ = stored
    assert run.data.params["model.net"] == "efficientnet-lite0"
    assert run.data.params["model.head.dropout"] == "0.2"
    assert run.data.params["train.epochs"] == "3"


def test_metrics_are_recorded_by_epoch(stored):
    run, client, _ = stored
    history = client.get_metric_history(run.info.run_id, "val/accuracy")
    assert [each.step for each in history] == [1, 2, 3]
    assert run.data.metrics["test/accuracy"] == pytest.approx(stored[2]["metrics"]["test/accuracy"])
    assert run.info.status == "FINISHED"


def test_engine_versions_and_times_are_recorded(stored):
    run, _, _ = stored
    assert run.data.tags["tlkit.engine"] == "openvino"
    assert run.data.tags["version.keras"] == keras.__version__
    assert run.data.metrics["seconds/features"] > 0
    assert run.data.metrics["features/computed"] > 0


def test_model_pictures_recipe_and_predictions_are_artifacts(stored):
    run, client, _ = stored
    names = {each.path for each in client.list_artifacts(run.info.run_id)}
    assert {"model.keras", "classes.json", "confusion.png", "curves.png", "reliability.png", "predictions.csv",
            "recipe.yaml", "recipe_resolved.yaml", "per_class.json"} <= names  # fmt: skip


def test_predictions_hold_every_test_example(finished):
    folder, results = finished
    table = pd.read_csv(folder / "mlruns" / "artifacts" / results[0]["run_id"] / "artifacts" / "predictions.csv")
    assert table["correct"].mean() == pytest.approx(results[0]["metrics"]["test/accuracy"])
    assert set(table["true"]) == {"blue", "red"}


def test_plain_keras_loads_the_model_file(finished):
    model = keras.saving.load_model(finished[1][0]["model"], safe_mode=True)
    assert [layer.name for layer in model.layers[1:]] == ["preprocessing", "backbone", "head"]
    assert model.predict(np.zeros((1, 32, 32, 3), np.uint8), verbose=0).shape == (1, 2)


def test_a_second_run_computes_no_features_and_scores_the_same(finished):
    first, second = finished[1]
    assert "features" in first["images_per_second"]
    assert "features" not in second["images_per_second"]
    assert second["metrics"] == first["metrics"]


@pytest.mark.slow
def test_a_grown_folder_computes_only_what_is_new(project):
    draw_pictures(project / "pictures", count=30)  # of fewer in a class, an old one may have to move
    run_json("tiny.yaml")
    more = draw_pictures(project / "more", count=32)
    for label in ("blue", "red"):
        for each in sorted((more / label).iterdir())[-2:]:
            each.rename(project / "pictures" / label / f"new_{each.name}")
    grown = run_json("tiny.yaml")
    client = MlflowClient(f"sqlite:///{project / 'mlruns' / 'mlflow.db'}")
    assert client.get_run(grown["run_id"]).data.metrics["features/computed"] == 4


@pytest.mark.slow
def test_fine_tuning_trains_the_last_blocks_only(project):
    result = run_offline("tiny.yaml", "--set", "train.phases=[{unfreeze: none, epochs: 1}, {unfreeze: 1, epochs: 1}]")
    from tlkit.pretrained.efficientnet_lite import efficientnet_lite0, load_imagenet

    fresh = efficientnet_lite0((32, 32, 3))
    load_imagenet(fresh)
    trained = keras.saving.load_model(result["model"]).get_layer("backbone")
    moved = {
        layer.name
        for layer in fresh.layers
        if layer.weights
        for before, after in zip(layer.get_weights(), trained.get_layer(layer.name).get_weights(), strict=True)
        if not np.array_equal(before, after)
    }
    assert moved
    assert moved <= {"top0_conv", "top0_bn"}


@pytest.mark.slow
def test_fine_tuning_that_spoils_the_model_is_undone(project):
    head = run_offline("tiny.yaml", "--set", "seed=8")
    spoilt = "train.phases=[{unfreeze: none}, {unfreeze: 1, epochs: 1, learning_rate: 10000, optimizer: {name: sgd}}]"
    said = tlkit("run", "tiny.yaml", "--json", "--offline", "--set", "seed=8", "--set", spoilt).output
    assert "train 2   1 epochs in" in said
    assert "none better than before" in said
    result = json.loads(said.splitlines()[-1])
    assert result["metrics"]["val/loss"] == head["metrics"]["val/loss"]
    assert result["metrics"]["test/accuracy"] == head["metrics"]["test/accuracy"]
    before, after = (keras.saving.load_model(each["model"]).get_weights() for each in (head, result))
    assert all(np.array_equal(mine, other) for mine, other in zip(before, after, strict=True))


@pytest.mark.slow
def test_too_few_validation_examples_let_a_head_train_on_and_keep_the_last(project):
    settings = ["train.few_examples=adapt", "model.head.solver=gradient"]
    said = tlkit("run", "tiny.yaml", "--json", *(word for each in settings for word in ("--set", each)))
    note = re.search(
        r"note .* (\d+) epochs in batches of (\d+), the last kept, in place of epochs 3, batch_size 8", said.output
    )
    epochs, batch = map(int, note.groups())
    count = int(re.search(r"(\d+) train", said.output)[1])
    assert epochs * -(-count // batch) >= 500
    client = MlflowClient(f"sqlite:///{project / 'mlruns' / 'mlflow.db'}")
    run = client.get_run(json.loads(said.stdout.splitlines()[-1])["run_id"])
    assert [each.step for each in client.get_metric_history(run.info.run_id, "val/loss")] == [*range(1, epochs + 1)]
    assert run.data.tags["tlkit.best_epoch"] == str(epochs)
    assert run.data.tags["tlkit.few_examples"] in said.output


@pytest.mark.parametrize("setting", ["train.early_stopping=null", "model={net: cnn, filters: [4]}"])
def test_a_head_of_a_length_of_its_own_and_a_net_from_scratch_are_trained_as_written(project, setting):
    said = tlkit("run", "tiny.yaml", "--set", "train.few_examples=adapt", "--set", setting, "--offline").output
    assert "cannot tell when to stop" not in said
    assert "head is solved" not in said
    assert "3 epochs in" in said


@pytest.mark.slow
def test_augmented_views_are_cached_like_any_other_feature(project):
    settings = ["--set", "augment.steps=[{flip: horizontal}]", "--set", "augment.views=2"]
    first = run_offline("tiny.yaml", *settings)
    again = run_offline("tiny.yaml", *settings)
    assert first["metrics"] == again["metrics"]


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize("step", ["{mixup: 0.2}", "{cutmix: 0.5}"])
@pytest.mark.parametrize("views", [0, 4])
def test_mixing_examples_of_a_frozen_backbone_is_refused_before_any_feature(project, command, step, views):
    settings = ["--set", f"augment.steps=[{{flip: horizontal}}, {step}]", "--set", f"augment.views={views}"]
    refused = tlkit(command, "tiny.yaml", *settings)
    assert refused.exit_code == 2
    assert "has no effect on the kept features of a frozen backbone. Leave it out, or train all" in refused.output
    assert "features  " not in refused.output


def test_a_model_whose_answers_are_no_numbers_is_refused_in_a_line(project):
    one_step = "{epochs: 1, batch_size: 512, learning_rate: 1e38, warmup: 0, early_stopping: null, optimizer: sgd}"
    changes = ["model={net: cnn, filters: [2]}", f"train={one_step}"]
    said = refused("run", "tiny.yaml", "--offline", *(part for change in changes for part in ("--set", change)))
    assert re.fullmatch(r"outputs: \d+ of \d+ values are NaN or infinite\. Lower train\.learning_rate .*", said)


@pytest.mark.slow
def test_a_net_from_scratch_gives_the_same_result_twice(project):
    settings = ["--set", "model={net: cnn, filters: [4, 8]}", "--set", "augment=[{flip: horizontal}, {mixup: 0.2}]"]
    first, second = (run_offline("tiny.yaml", *settings) for _ in range(2))
    assert first["metrics"] == second["metrics"]


@pytest.mark.slow
def test_keras_is_an_engine_too(project):
    result = run_offline("tiny.yaml", "--set", "train.engine=keras", "--set", "train.epochs=1")
    assert (result["engine"], result["precision"]) == ("keras", "float32")


def test_broken_pictures_are_named_set_aside_and_recorded(project):
    (project / "pictures" / "red" / "torn.jpg").write_bytes(b"")
    said = tlkit("run", "tiny.yaml", "--json", "--set", "data.max_bad=0.1", "--set", "train.epochs=1").output
    assert "torn.jpg: empty file" in said
    result = json.loads(said.splitlines()[-1])
    assert result["set_aside"] == 1
    folder = project / "mlruns" / "artifacts" / result["run_id"] / "artifacts"
    assert "torn.jpg" in next(iter(json.loads((folder / "set_aside.json").read_text())))


def _recipe(**sections):
    return package.load_recipe("tiny.yaml", [f"{key}={value}" for key, value in sections.items()])


def test_arrays_with_several_labels(project):
    rng = np.random.default_rng(0)
    inputs = rng.integers(0, 255, (60, 16, 16, 3), dtype=np.uint8)
    targets = np.stack([inputs[..., 0].mean((1, 2)) > 127, inputs[..., 1].mean((1, 2)) > 127], 1).astype(np.float32)
    splits = package.Splits.from_arrays(inputs, targets, class_names=["reddish", "greenish"])
    result = package.run(_recipe(model="{net: cnn, filters: [4]}"), splits=splits)
    assert 0 <= result.metrics["test/subset_accuracy"] <= 1
    assert package.load_run("latest").predict(inputs[:2])[0].outputs.shape == (2,)


def test_a_number_is_predicted_in_its_own_units(project):
    rng = np.random.default_rng(0)
    inputs = np.repeat(rng.integers(0, 255, (80, 1, 1, 1), dtype=np.uint8), 8, 1).repeat(8, 2).repeat(3, 3)
    targets = 1000 + inputs[:, 0, 0, 0].astype(np.float32)
    splits = package.Splits.from_arrays(inputs, targets)
    settings = {"model": "{net: cnn, filters: [8]}", "train.epochs": 20, "train.learning_rate": 0.01}
    result = package.run(_recipe(**settings), splits=splits)
    assert result.metrics["test/mae"] < 70  # the spread of the targets is 74
    value = float(package.load_run(result.run_id).predict(inputs[:1])[0].label)
    assert 900 < value < 1400


@pytest.mark.slow
def test_a_path_or_a_folder_stands_for_its_recipe(project):
    assert package.check("tiny.yaml")[-1] == "no problems found"
    told = package.check(project / "pictures")
    assert told[0].startswith("pictures: ")
    assert told[-1] == "no problems found"
    with pytest.raises(package.TlkitError, match=r"nowhere.yaml: cannot be read"):
        package.run("nowhere.yaml")
    with pytest.raises(package.TlkitError, match=r"tune.space: is empty"):
        package.tune("tiny.yaml")
    assert 0 <= package.run("tiny.yaml").metrics["test/accuracy"] <= 1


def test_the_resolved_recipe_says_nothing_of_what_was_left_open(finished):
    folder, results = finished
    artifacts = lookup.find(results[0]["run_id"], folder / "mlruns").artifacts
    values = yaml.safe_load((artifacts / "recipe_resolved.yaml").read_text())
    assert values["train"]["batch_size"] == 8
    assert values["train"]["keep"] == "best"
    assert "null" not in (artifacts / "recipe_resolved.yaml").read_text()
    recipe = package.Recipe(name="a", train={"early_stopping": None})
    assert recipe.resolved()["train"]["early_stopping"] is None, "a null that is no default is said"
