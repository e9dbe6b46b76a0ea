"""Several models of one recipe as one, and a model that looks at an input in several ways: the mean of their sums."""

import json
import sqlite3
from pathlib import Path

import keras
import numpy as np
import pytest
from command_line import RECIPE, refused, run_json, tlkit
from drawing import draw_pictures

from tlkit import Phase, Splits, build, evaluate, fit, load_model

PHASES = [Phase(epochs=2, batch_size=16, learning_rate=0.01)]
SCRATCH = ("--set", "model={net: cnn, filters: [4, 8], weights: none}", "--set", "train.epochs=2")


@pytest.fixture(scope="module")
def splits():
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    pictures = rng.integers(0, 200, size=(90, 12, 12, 3)).astype(np.uint8)
    pictures[np.arange(90), ..., labels] += 40
    return Splits.from_arrays(pictures, labels)


@pytest.fixture(scope="module")
def net(splits):
    return build("cnn", splits.info, filters=[4, 8], head={"units": [6], "dropout": 0.2})


def sums(trained, pictures):
    """What stands before the softmax, but for a number that is the same for all classes."""
    found = np.log(trained.model.predict(pictures, verbose=0).astype(np.float64))
    return found - found.mean(axis=1, keepdims=True)


def test_the_joint_model_says_what_its_members_say_on_average(splits, net):
    alone = [fit(net, splits, PHASES, seed=seed, calibrate="none") for seed in (7, 8, 9)]
    joint = fit(net, splits, PHASES, seed=7, calibrate="none", members=3)
    pictures = splits.test.load(np.arange(len(splits.test)))
    each = [sums(trained, pictures) for trained in alone]
    assert np.abs(each[0] - each[1]).max() > 0.01
    np.testing.assert_allclose(sums(joint, pictures), np.mean(each, axis=0), atol=2e-5)


def test_views_are_answered_with_their_mean(splits, net):
    plain = fit(net, splits, PHASES, calibrate="none")
    seen = fit(net, splits, PHASES, calibrate="none", seen_also=["flip"])
    pictures = splits.test.load(np.arange(len(splits.test)))
    both = sums(plain, pictures), sums(plain, pictures[:, :, ::-1])
    assert np.abs(both[0] - both[1]).max() > 0.001
    np.testing.assert_allclose(sums(seen, pictures), np.mean(both, axis=0), atol=2e-5)


@pytest.mark.slow
def test_members_of_texts_keep_the_words_that_each_has_learned(tmp_path):
    texts = [f"{word} thing number {i}" for i in range(24) for word in ("good", "bad")]
    splits = Splits.from_arrays(texts, ["yes", "no"] * 24)
    joint = fit(build("cnn1d", splits.info, filters=[8]), splits, [Phase(epochs=12, learning_rate=0.02)], members=2)
    assert evaluate(joint).metrics["accuracy"] > 0.9
    again = load_model(joint.save(tmp_path / "words.keras"))
    assert [each.label for each in again.predict(["a good one", "so bad"])] == ["yes", "no"]


@pytest.mark.parametrize(("net", "view", "shape"), [("voxnet", "mirror", (12, 12, 12, 1)), ("mlp", "", (5,))])
def test_other_data_has_members_and_views_too(net, view, shape):
    rng = np.random.default_rng(1)
    values = rng.integers(0, 2, size=(40, *shape)).astype(np.uint8 if view else np.float32)
    kind = {"kind": "voxels"} if view else {}
    splits = Splits.from_arrays(values, np.arange(40) % 2, **kind)
    joint = fit(build(net, splits.info), splits, [Phase(epochs=1)], members=2, seen_also=[view] if view else [])
    assert len(joint.predict(values[:3])) == 3


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A folder with a run of two members that are asked about mirrored pictures as well."""
    folder = tmp_path_factory.mktemp("members")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        draw_pictures(folder / "pictures")
        (folder / "tiny.yaml").write_text(RECIPE)
        asked = ("--set", "train.members=2", "--set", "predict.views=[flip]")
        yield folder, run_json("tiny.yaml", *SCRATCH, *asked)


@pytest.mark.slow
def test_a_run_keeps_one_file_that_keras_reads(recorded):
    folder, result = recorded
    file = folder / "mlruns" / "artifacts" / result["run_id"] / "artifacts" / "model.keras"
    model, predictor = keras.saving.load_model(file), load_model(file)
    pictures = np.random.default_rng(2).integers(0, 255, (5, 32, 32, 3)).astype(np.uint8)
    said = [each.probability for each in predictor.predict(pictures)]
    np.testing.assert_allclose(said, model.predict(pictures, verbose=0).max(axis=1), atol=1e-5)


def test_every_member_has_its_curve_in_the_record(recorded):
    folder, result = recorded
    with sqlite3.connect(folder / "mlruns" / "mlflow.db") as store:
        rows = store.execute(
            "select replace(name, 'member ', ''), run_uuid = ?, count(*) from metrics join runs using (run_uuid) "
            "where key = 'val/loss' group by name, run_uuid order by name", [result["run_id"]],
        ).fetchall()  # fmt: skip
    assert [each[1:] for each in rows] == [(0, 2), (1, 2)]
    assert rows[0][0] == "2"


@pytest.mark.slow
def test_it_is_explained_and_run_again_like_any_other(recorded):
    _, result = recorded
    explained = tlkit("explain", result["run_id"][:8], *sorted(Path("pictures/red").iterdir())[:2])
    assert explained.exit_code == 0, explained.output
    again = tlkit("rerun", result["run_id"][:8], "--json")
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout.strip().splitlines()[-1])


def test_what_members_and_views_cannot_be_of_is_refused_in_a_line(recorded):
    for settings, wanted in [
        (["train.members=3"], "train.members: brings nothing where only a head is trained on a frozen backbone"),
        (["predict.views=[flip]"], "predict.views: brings nothing where only a head is trained"),
        (["predict.views=[mirror]", *SCRATCH[1::2]], "predict.views: no view 'mirror' of kind image. There are: flip"),
        (["train.members=0"], "train.members: expected greater than or equal to 1"),
    ]:
        assert wanted in refused("run", "tiny.yaml", *(word for each in settings for word in ("--set", each)))
