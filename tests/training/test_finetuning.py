"""A backbone trained further: from its probe, as gently as is asked, and only where something is gained."""

import keras
import numpy as np
import pytest
from command_line import RECIPE, refused, run_offline, tlkit
from drawing import draw_pictures
from mlflow.tracking import MlflowClient

import tlkit as library
from tlkit.training.compiling import make_optimizer

FINETUNE = ("--set", "train=finetune", "--set", "train.phases.1.epochs=1", "--set", "train.phases.1.views=1")
RNG = np.random.default_rng(7)


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw_pictures(tmp_path / "pictures")
    (tmp_path / "tiny.yaml").write_text(RECIPE)
    return tmp_path


def test_the_word_stands_for_plain_fields_and_the_probe_stays_where_nothing_is_gained(project):
    probe = run_offline("tiny.yaml", "--set", "model.head.solver=exact")
    ruined = ("--set", "train.phases.1.learning_rate=30", "--set", "train.phases.1.skip_above=1")
    said = tlkit("run", "tiny.yaml", *FINETUNE, *ruined)
    assert (said.exit_code, "penalties in" in said.output) == (0, True), said.output
    assert "train 2   1 epochs in" in said.output
    assert "no certain gain, so what was before is kept" in said.output
    client = MlflowClient(f"sqlite:///{project / 'mlruns' / 'mlflow.db'}")
    (run,) = client.search_runs(["1"], "params.`train.keep` = 'best' and params.`train.phases` like '%proven%'")
    assert "zoom" in run.data.params["augment.steps"]
    for name in ("test/accuracy", "test/ece"):
        assert run.data.metrics[name] == pytest.approx(probe["metrics"][name], rel=0.02, abs=0.002), name


def test_a_probe_that_is_good_enough_is_not_trained_on(project):
    said = tlkit("run", "tiny.yaml", *FINETUNE, "--set", "train.phases.1.skip_above=0.1", "--offline").output
    assert "train 2   not begun, for val/accuracy" in said
    assert "is above skip_above (0.1)" in said


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        (["train=finetun"], "train: expected fields, or the word finetune, found 'finetun'"),
        (["train=finetune", "model.head.units=[8]"], "train.phases.0.solver: exact solves one dense layer"),
        (["train=finetune", "train.phases.1.solver=exact"], "train.phases.1.solver: exact is for the first phase"),
        (["train=finetune", "train.phases.0.skip_above=0.9"], "train.phases.0.skip_above: looks at the phase before"),
        (["train.phases=[{}, {again: true}]"], "train.phases.1.again: is for a phase that is proven"),
        (["train.phases=[{}, {again: true, epochs: 3}]"], "expected again: true alone"),
        (["train.keep=proven"], "train.keep: proven compares with the phase before, and there is one phase"),
        (["train.layer_decay=0.5"], "train.layer_decay: is for blocks of the backbone that are trained"),
        (["train.l2_sp=0.5"], "train.l2_sp: is for blocks of the backbone that are trained"),
        (["train.batch_norm=frozen"], "train.batch_norm: is for blocks of the backbone that are trained"),
        (["model={net: cnn}", "train.l2_sp=0.5"], "train.l2_sp: keeps to what weights bring with them"),
        (["train.optimizer.accumulate=1"], "train.optimizer.accumulate: expected greater than or equal to 2"),
    ],
)
def test_what_could_not_be_or_would_do_nothing_is_refused_by_check(project, settings, wanted):
    assert wanted in refused("check", "tiny.yaml", *(part for each in settings for part in ("--set", each)))


def trained(**tuned):
    """Weights of the last blocks by layer, after a step of all that is asked, and what they were before."""
    pictures, labels = RNG.integers(255, size=(24, 32, 32, 3), dtype="uint8"), np.arange(24) % 2
    splits = library.Splits.from_arrays(pictures, labels, val=0.25, test=0.25)
    phases = [library.Phase(solver="exact"), library.Phase(unfreeze=3, epochs=2, learning_rate=0.01, **tuned)]
    done = library.fit(
        library.build("efficientnet-lite0", splits.info), splits, phases, keep="last", early_stopping=None
    )
    return done.model.get_layer("backbone")


def moved(backbone, before):
    """How far each layer with a kernel went, by its name."""
    return {
        layer.name: float(np.abs(layer.get_weights()[0] - before.get_layer(layer.name).get_weights()[0]).max())
        for layer in backbone.layers
        if layer.weights
    }


@pytest.mark.slow
def test_blocks_are_trained_as_gently_as_is_asked():
    from tlkit.model.building import BackboneSpec, build_backbone
    from tlkit.model.freezing import find_blocks

    _, first = build_backbone(BackboneSpec("efficientnet-lite0", "imagenet", (32, 32, 3)))
    *_, early, middle, last = find_blocks(first)
    fast = moved(trained(), first)
    slow = moved(trained(layer_decay=0.01, batch_norm="frozen"), first)
    held = moved(trained(l2_sp=90.0, optimizer={"accumulate": 2, "clip_norm": 1.0}, batch_norm="frozen"), first)
    kernels = [[name for name in block.layers if "conv" in name and fast.get(name)] for block in (early, middle, last)]
    assert all(kernels), fast
    assert max(slow[name] for name in kernels[0]) < 0.001 * max(fast[name] for name in kernels[0])
    assert max(held[name] for name in kernels[2]) < 0.5 * max(fast[name] for name in kernels[2])
    norms = [each.name for each in first.layers if isinstance(each, keras.layers.BatchNormalization)]
    assert max(fast[name] for name in norms) > 0
    assert max(slow[name] for name in norms) == 0


def test_gradients_of_several_batches_make_one_step():
    optimizer, weight = make_optimizer(name="sgd", learning_rate=1.0, momentum=0.0, accumulate=2), keras.Variable([0.0])
    optimizer.build([weight])
    seen = []
    for gradient in (1.0, 3.0, 5.0, 5.0):
        optimizer.apply([keras.ops.full((1,), gradient)])
        seen.append(float(weight[0]))
    assert seen == [0.0, -2.0, -2.0, -7.0]


def noisy(count):
    """Numbers of which two decide, and labels of which a tenth is wrong."""
    rng = np.random.default_rng(count)
    values = rng.normal(size=(count, 10)).astype(np.float32)
    labels = (values[:, 0] + values[:, 1] > 0).astype(int)
    return values, np.where(rng.random(count) < 0.1, 1 - labels, labels)


def test_answers_that_are_right_more_often_but_too_sure_are_proven_as_they_will_be_calibrated():
    splits = library.Splits.from_arrays(*noisy(600), test_data=noisy(601), val=0.3)
    phases = [library.Phase(epochs=1, learning_rate=1e-4), library.Phase(epochs=30, learning_rate=0.01, keep="proven")]
    net = library.build("mlp", splits.info)
    plain = library.fit(net, splits, [*phases, library.Phase(again=True)], early_stopping=None, calibrate="none")
    assert [each.kept for each in plain.phases] == [0, None, None]
    sound = library.fit(net, splits, [*phases, library.Phase(again=True)], early_stopping=None)
    assert [each.kept for each in sound.phases] == [0, 29, 29]
    assert sound.calibration.temperature > 2
    known, told = (library.evaluate(each).metrics for each in (plain, sound))
    assert told["accuracy"] > known["accuracy"] + 0.1
    assert told["loss"] < min(known["loss"], 0.6)


@pytest.mark.parametrize(("task", "epochs"), [("one class", 1), ("labels", 2)])
def test_a_phase_is_left_out_only_where_accuracy_is_the_share_of_examples_that_are_right(task, epochs):
    inputs, classes = RNG.normal(size=(40, 4)).astype("f4"), np.arange(40) % 2
    targets = classes if task == "one class" else np.eye(2, dtype=int)[classes]
    splits = library.Splits.from_arrays(inputs, targets, val=0.25, test=0.25)
    phases = [library.Phase(epochs=1), library.Phase(epochs=1, skip_above=0.001)]
    trained = library.fit(library.build("mlp", splits.info, units=[2]), splits, phases)
    assert len(trained.history) == epochs


def test_thresholds_are_chosen_before_validation_is_learned_from():
    rng = np.random.default_rng(3)
    inputs = rng.normal(size=(400, 6)).astype("f4")
    targets = (inputs[:, :2] + rng.normal(size=(400, 2)) > 0.8).astype(int)
    splits = library.Splits.from_arrays(inputs, targets, val=0.3, test=0.1)
    proven = [library.Phase(epochs=1, learning_rate=1e-4), library.Phase(epochs=8, learning_rate=0.02, keep="proven")]
    found = []
    for phases in (proven, [*proven, library.Phase(again=True)]):
        trained = library.fit(library.build("mlp", splits.info, units=[8]), splits, phases)
        assert trained.phases[1].kept is not None
        found.append(trained.builder.info.learned["thresholds"])
    assert len(trained.phases) == 3
    assert found[0] == pytest.approx(found[1], abs=1e-6)
    assert 0.5 not in found[0].values()
