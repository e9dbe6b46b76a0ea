"""Models described, trained and evaluated from Python, without a recipe: `build`, `fit` and `evaluate`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tlkit.data.splits import Examples, Info, Splits
from tlkit.model.building import ModelSpec
from tlkit.own_files import trusting
from tlkit.progress import one_view
from tlkit.quiet import load_keras
from tlkit.recipe.loading import build_recipe, trusted
from tlkit.recipe.schema import EarlyStopping, Phase, Recipe
from tlkit.recipe.yaml_lines import YamlPage
from tlkit.tasks.costs import Costs
from tlkit.tracking import Recorder, SilentRecorder
from tlkit.training.feature_worker import FeatureWorker
from tlkit.training.planning import model_of, options_of, phases_of
from tlkit.training.setup import make_setup

if TYPE_CHECKING:
    from tlkit.training.judging import Evaluation
    from tlkit.training.trained import Trained


def build(
    net: str,
    info: Info,
    *,
    weights: str | None = None,
    head: Mapping[str, Any] | None = None,
    folder: str | Path = ".",
    trust: bool = False,
    **arguments: Any,
) -> ModelSpec:
    """A net, or a backbone with weights, for data of this shape; Keras builds it when it is trained.

    Args:
        net: a name of `tlkit list nets` or `tlkit list backbones`, or `file.py:function` in `folder`.
        weights: `imagenet`, `none` or a file; by default ImageNet's for backbones.
        head: what of the head is to be other than by default: pooling, units, activation, batch_norm, dropout.
        trust: a function in a `folder` outside the working folder may run.
        arguments: of the net, as a recipe has them under `model`.

    Example:
        >>> info = Info("label", (28, 28, 1), class_names=("3", "8"))
        >>> build("lenet5", info, head={"units": [64], "dropout": 0.5}).head.units
        (64,)
    """
    given = {"net": net, "weights": weights, "head": dict(head or {}), **arguments}
    with trusting(trust):
        return model_of(_checked({"model": given}, Path(folder)), info)


def fit(
    model: ModelSpec,
    splits: Splits,
    phases: Sequence[Phase] = (),
    *,
    seed: int = 7,
    augment: Sequence[Mapping[str, Any]] = (),
    views: int = 0,
    class_weights: bool = False,
    imbalance: Literal["none", "weights", "sampling", "logit_adjusted", "focal"] = "none",
    label_noise: Literal["none", "robust", "leave_out"] = "none",
    label_smoothing: float = 0.0,
    early_stopping: EarlyStopping | Mapping[str, Any] | None = EarlyStopping(),  # noqa: B008  (it is frozen)
    keep: Literal["best", "last", "proven"] = "best",
    few_examples: Literal["adapt", "as_written"] = "adapt",
    engine: Literal["auto", "keras", "openvino"] = "auto",
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto",
    max_bad: float = 0.05,
    costs: Costs | None = None,
    calibrate: Literal["auto", "none"] = "auto",
    members: int = 1,
    seen_also: Sequence[str] = (),
    recorder: Recorder | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Trained:
    """Train a model phase by phase; what a phase freezes is computed once and kept in the cache.

    Args:
        phases: one with the defaults where there is none; what a phase leaves out is as in a recipe.
        imbalance: how classes of different size are learned from; `class_weights` is its `weights`.
        label_noise: what is done about wrong labels, as a recipe has it.
        augment: steps as a recipe has them; for a frozen backbone as many `views` of each example.
        early_stopping: when a phase ends before its last epoch; None: never.
        few_examples: whether a head is solved, or trained longer, where validation is too small to stop it.
        costs: of mistakes, by class, as a recipe has them under `predict.costs`.
        calibrate: whether probabilities get a temperature, where held-out examples tell which.
        members: models trained from one seed after the other and joined into one, whose answer is their mean.
        seen_also: views of each input that the answer is the mean over, as a recipe has them under `predict.views`.
        recorder: hears the metrics of every epoch; `tlkit.tracking.start` gives one that writes to MLflow.

    Example:
        >>> trained = fit(build("efficientnet-lite0", splits.info), splits, [Phase(epochs=20)])  # doctest: +SKIP
        >>> trained.history[-1]["val/accuracy"]  # doctest: +SKIP
        0.96
    """
    stopping = early_stopping.model_dump() if isinstance(early_stopping, EarlyStopping) else early_stopping
    train = {
        "label_smoothing": label_smoothing, "imbalance": imbalance, "label_noise": label_noise,
        "early_stopping": stopping, "keep": keep, "few_examples": few_examples, "engine": engine,
        "precision": precision, "members": members,
        "phases": [each.model_dump(exclude_none=True) for each in phases],
    }  # fmt: skip
    data = {"class_weights": class_weights, "max_bad": max_bad}
    augmented = {"steps": [dict(each) for each in augment], "views": views}
    page = _checked(
        {
            "seed": seed,
            "train": train,
            "augment": augmented,
            "data": data,
            "predict": {"costs": dict(costs or {}), "calibrate": calibrate, "views": list(seen_also)},
        },
        model.backbone.folder,
    )
    setup = make_setup(splits, model, phases_of(page.train, pretrained=model.backbone.pretrained), options_of(page))
    with one_view(model.backbone.net), FeatureWorker() as worker:
        worker.begin(setup)
        load_keras()
        from tlkit.training.members import fit_members

        trained = fit_members(setup, worker, recorder or SilentRecorder(), say=say)
        worker.wait()
        return trained


def evaluate(trained: Trained, examples: Examples | None = None) -> Evaluation:
    """A trained model's answers on examples and how good they are; by default on the test split.

    Example:
        >>> evaluate(trained, splits.test).metrics["accuracy"]  # doctest: +SKIP
        0.95
    """
    from tlkit.training.judging import judge, judge_raw
    from tlkit.training.timings import StageTimes

    test = (trained.setup.splits.test, trained.splits.test)
    if examples is None or any(examples is each for each in test):
        with FeatureWorker() as worker:
            return judge(trained, worker.take(trained.setup), StageTimes())
    return judge_raw(trained, examples)


def _checked(values: dict[str, object], folder: Path) -> Recipe:
    """Plain arguments held to the schema and the catalog, as a recipe's page is; all problems at once."""
    return trusted(build_recipe(YamlPage({"name": "python", **values}), folder=folder))
