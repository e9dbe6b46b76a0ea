"""The heavy half of a run: build, fit phase by phase, save, verify, score, record."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import yaml

from tlkit.data.splits import Examples, Splits
from tlkit.errors import DataError, EngineError
from tlkit.evaluation import pictures
from tlkit.evaluation.metrics import Scores, score
from tlkit.evaluation.predictions import table
from tlkit.evaluation.verifying import VerificationError, verify
from tlkit.model.building import assemble, build_front, build_head
from tlkit.model.freezing import freeze
from tlkit.model.saving import load_model, save_model
from tlkit.training.batches import Batches, Views, class_weights, encoded
from tlkit.training.fitting import Fitted, Plan, by_metric, fit_phase, predict_rows, trainable_part
from tlkit.training.frozen import Extraction, Frozen, begin_extraction, extract_here, view_parts
from tlkit.training.hardware import cpu_has_bf16, gpu_names
from tlkit.workflows.run import Result, Setup
from tlkit.workflows.stages import Stages

_log = logging.getLogger(__name__)
_VERIFIED, _PREDICT_BATCH = 64, 128
_MOST_FEATURE_BYTES = 2 << 20  # an example's features above this are cheaper to compute again than to keep


@dataclass
class Parts:
    """The model and its three parts, as they are trained."""

    model: keras.Model
    preprocessing: keras.Model
    backbone: keras.Model
    head: keras.Model
    precision: str


@dataclass
class Trained:
    """What the phases leave."""

    splits: Splits
    outputs: np.ndarray  # of the test split, by the part that was trained
    precision: str  # of what computed these
    frozen: Frozen | None = None  # whose features the last phase trained on; None: on raw examples
    model: keras.Model | None = None  # that was trained last
    phases: list[Fitted] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


def train_and_score(
    setup: Setup, early: Extraction | None, tracker, stages: Stages, say: Callable[[str], None]
) -> Result:
    """Everything from the built model to the finished record."""
    keras.utils.set_random_seed(setup.recipe.seed)
    with stages("build"):
        parts = build_parts(setup)
    tracker.check()
    try:
        trained = _train(setup, parts, early, tracker, stages, say)
    except KeyboardInterrupt:
        _save(setup, parts, tracker.folder)
        raise
    with stages("save"):
        path = _save(setup, parts, tracker.folder)
    with stages("verify"):
        difference = _verified(setup, parts, path, trained, say)
    with stages("evaluate"):
        scores = score(setup.splits.info.task, trained.splits.test.targets, trained.outputs, list(setup.splits.info.class_names))
        _write_files(setup, trained, scores, tracker.folder)
    metrics = {f"test/{name}": value for name, value in scores.metrics.items()}
    say(_score_line(scores))
    rates = _rates(trained)
    _log_end(tracker, trained, metrics, stages, rates, difference)
    run_id = tracker.run_id
    folder = tracker.finish()
    stages.seconds["total"] = stages.total()
    return _result(setup, trained, run_id, folder, metrics, stages, rates)


def build_parts(setup: Setup) -> Parts:
    """The model, in the precision that suits what of it is trained."""
    keras.config.set_dtype_policy("float32")
    preprocessing, backbone = build_front(setup.front)
    precision = _training_precision(setup, backbone)
    if precision != "float32":
        keras.utils.set_random_seed(setup.recipe.seed)
        keras.config.set_dtype_policy(f"mixed_{precision}")
        preprocessing, backbone = build_front(setup.front)
    head = _head(setup, backbone)
    return Parts(assemble(preprocessing, backbone, head), preprocessing, backbone, head, precision)


def _head(setup: Setup, backbone) -> keras.Model:
    info, given = setup.splits.info, setup.recipe.model.head
    targets = setup.splits.train.targets
    number = info.task == "number"
    spread = float(targets.std()) or 1.0 if number else 1.0
    return build_head(
        backbone.output_shape[1:],
        num_outputs=info.num_outputs,
        task=info.task,
        mean=float(targets.mean()) if number else 0.0,
        deviation=spread,
        **given.model_dump(),
    )


def _training_precision(setup: Setup, backbone) -> str:
    """Half precision where the backbone is trained and gains by it: on GPUs, and on CPUs with bfloat16 units."""
    asked = setup.recipe.train.precision
    if asked != "auto":
        return asked if _trains_backbone(setup) or setup.engine == "keras" else "float32"
    if gpu_names():
        return "bfloat16"
    depthwise = any(isinstance(each, keras.layers.DepthwiseConv2D | keras.layers.SeparableConv2D) for each in backbone.layers)
    convolves = any("Conv" in type(each).__name__ for each in backbone.layers)
    gains = cpu_has_bf16() and convolves and not depthwise  # oneDNN's depthwise bf16 is slower than float32
    return "bfloat16" if gains and _trains_backbone(setup) else "float32"


def _trains_backbone(setup: Setup) -> bool:
    return any(phase["unfreeze"] not in ("none", 0) for phase in setup.phases)


def _train(setup: Setup, parts: Parts, early: Extraction | None, tracker, stages: Stages, say) -> Trained:
    trained = Trained(setup.splits, np.empty(0), parts.precision)
    for index, phase in enumerate(setup.phases):
        cut = freeze(parts.backbone, phase["unfreeze"])
        if cut is not None and _worth_keeping(parts.backbone, cut):
            with stages("features"):
                sources, trained = _features(setup, parts, _whole(parts, cut), early if index == 0 else None, trained)
            say(_feature_line(trained.facts))
            model = trainable_part(parts.backbone, parts.head, cut)
        else:
            sources, model = trained.splits.parts(), parts.model
            trained = replace(trained, precision=parts.precision, frozen=None)
        with stages("train"):
            trained.phases.append(_fit(setup, model, sources, trained, Plan(**phase), tracker))
        say(_phase_line(setup, trained))
    trained.model = model
    with stages("predict"):
        trained.outputs = predict_rows(model, sources["test"], batch_size=_PREDICT_BATCH)
    return trained


def _whole(parts: Parts, cut: str) -> str | None:
    """None for a cut behind the last layer: then the head's pooling belongs to what is frozen."""
    return None if cut == parts.backbone.layers[-1].name else cut


def _worth_keeping(backbone, cut: str) -> bool:
    shape = backbone.get_layer(cut).output.shape[1:]
    return cut == backbone.layers[-1].name or 2 * int(np.prod(shape)) <= _MOST_FEATURE_BYTES


def _features(setup: Setup, parts: Parts, cut: str | None, early: Extraction | None, trained: Trained):
    """The frozen features of every part, from the cache or computed; examples that cannot be read are set aside."""
    splits = trained.splits
    frozen = _frozen(setup, parts, cut)
    extraction, rows = _extracted(setup, frozen, early, splits.parts(), parts)
    splits = _set_aside(setup, splits, extraction.bad)
    sources: dict[str, Any] = dict(rows)
    views = setup.recipe.augment.views if setup.recipe.augment.steps else 0
    facts = {**extraction.facts, "precision": extraction.frozen.precision}
    if views:
        from tlkit.data import augmentation

        steps = augmentation.build(setup.recipe.augment.steps, folder=setup.recipe.folder)
        changed = replace(
            extraction.frozen, augment=tuple(setup.recipe.augment.steps), augment_spec=steps.spec, seed=setup.recipe.seed
        )
        _, more = _extracted(setup, changed, None, view_parts(splits.train, views), parts)
        sources["train"] = Views([rows["train"], *more.values()], setup.recipe.seed)
    return sources, replace(trained, splits=splits, precision=extraction.frozen.precision, frozen=extraction.frozen, facts=facts)


def _frozen(setup: Setup, parts: Parts, cut: str | None) -> Frozen:
    engine = setup.engine if setup.front.pretrained else "keras"
    precision = setup.precision if engine == "openvino" else parts.precision
    digest = "" if setup.front.pretrained else _weights_digest(parts.backbone)
    return Frozen(setup.front, cut, setup.recipe.model.head.pooling, engine, precision, digest=digest)


def _extracted(setup: Setup, frozen: Frozen, early: Extraction | None, examples: dict[str, Examples], parts: Parts):
    """Features by OpenVINO, or by Keras where that is asked for or OpenVINO cannot run this backbone."""
    built = (parts.preprocessing, parts.backbone)
    if frozen.engine == "openvino":
        try:
            extraction = early or begin_extraction(frozen, examples)
            return extraction, extraction.finish()
        except EngineError as error:
            if setup.recipe.train.engine != "auto":
                raise
            _log.warning("%s. Going on with Keras", error)
            frozen = replace(frozen, engine="keras", precision=parts.precision)
    extraction = extract_here(frozen, examples, built)
    return extraction, extraction.finish()


def _set_aside(setup: Setup, splits: Splits, bad: dict[str, str]) -> Splits:
    total = sum(splits.counts().values()) + len(splits.info.set_aside)
    every = {**splits.info.set_aside, **bad}
    if len(every) > setup.recipe.data.max_bad * total:
        shown = "; ".join(f"{name}: {why}" for name, why in list(every.items())[:5])
        raise DataError(f"data: {len(every)} of {total} examples cannot be used, more than data.max_bad: {shown}")
    return splits.without(bad) if bad else splits


def _fit(setup: Setup, model: keras.Model, sources, trained: Trained, plan: Plan, tracker) -> Fitted:
    recipe, splits = setup.recipe, trained.splits
    info = splits.info
    weights = class_weights(splits.train.targets, info.num_outputs) if recipe.data.class_weights and info.task == "label" else None
    raw = isinstance(sources["train"], Examples)
    common = {"batch_size": plan.batch_size, "seed": recipe.seed}
    train = Batches(
        sources["train"], encoded(info.task, splits.train.targets, info.num_outputs),
        shuffle=True, weights=weights, change=_change(setup, splits.train) if raw else None, **common,
    )  # fmt: skip
    val = Batches(sources["val"], encoded(info.task, splits.val.targets, info.num_outputs), **common)
    stop = recipe.train.early_stopping
    return fit_phase(
        model, train, val, plan,
        task=info.task,
        label_smoothing=recipe.train.label_smoothing,
        monitor=stop.model_dump() if stop else None,
        first_epoch=sum(len(each.history) for each in trained.phases),
        on_epoch=tracker.log_metrics,
        steps_per_execution=1 if raw else 64,
        jit_compile=bool(gpu_names()),
    )  # fmt: skip


def _change(setup: Setup, train: Examples):
    """Augmentation on the fly: a function of example, epoch and seed alone."""
    if not setup.recipe.augment.steps:
        return None
    from tlkit.data import augmentation

    steps = augmentation.build(setup.recipe.augment.steps, folder=setup.recipe.folder)

    def change(inputs, targets, places, epoch):
        seeds = augmentation.seeds_for([train.ids[i] for i in places], seed=setup.recipe.seed, view=epoch + 1)
        changed = steps.batch(inputs, seeds)
        if steps.mixes:
            changed, targets = (np.asarray(each) for each in steps.mix(changed, targets, int(seeds[0])))
        return np.rint(changed).astype(inputs.dtype), targets

    return change


def _save(setup: Setup, parts: Parts, folder: Path) -> Path:
    info = setup.splits.info
    facts = {
        "task": info.task,
        "kind": info.kind,
        "class_names": list(info.class_names),
        "input_shape": list(info.input_shape),
        "input_dtype": info.input_dtype,
        "recipe": setup.recipe.name,
    }
    save_model(parts.model, folder / "model.keras", facts)
    (folder / "classes.json").write_text(json.dumps(list(info.class_names), indent=1), encoding="utf-8")
    return folder / "model.keras"


def _verified(setup: Setup, parts: Parts, path: Path, trained: Trained, say: Callable[[str], None]) -> float:
    """The largest difference between the file's outputs and the scored ones.

    Where bfloat16 features came out too coarse for this head, the test split is scored again on float32 features.
    """
    try:
        return _verify(path, trained)
    except VerificationError:
        if trained.frozen is None or trained.frozen.precision == "float32" or trained.frozen.engine != "openvino":
            raise
    say("verify    bfloat16 features are too coarse for this head: the test split is scored again in float32")
    frozen = replace(trained.frozen, precision="float32")
    _, rows = _extracted(setup, frozen, None, {"test": trained.splits.test}, parts)
    trained.outputs = predict_rows(trained.model, rows["test"], batch_size=_PREDICT_BATCH)
    trained.precision = "float32"
    return _verify(path, trained)


def _verify(path: Path, trained: Trained) -> float:
    """Load the file as a user would and hold its outputs on raw test examples against the scored ones."""
    saved, _ = load_model(path)
    places = np.arange(min(_VERIFIED, len(trained.splits.test)))
    raw = trained.splits.test.load(places)
    outputs = np.asarray(saved.predict_on_batch(raw), np.float32)
    spread = float(trained.outputs.std()) or 1.0 if trained.splits.info.task == "number" else 1.0
    return verify(outputs, trained.outputs[places], precision=trained.precision, spread=spread)


def _write_files(setup: Setup, trained: Trained, scores: Scores, folder: Path) -> None:
    recipe, info, test = setup.recipe, setup.splits.info, trained.splits.test
    (folder / "recipe.yaml").write_text(recipe.source or yaml.safe_dump(recipe.model_dump(mode="json", exclude_unset=True)))
    (folder / "recipe_resolved.yaml").write_text(yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False))
    if trained.splits.info.set_aside:
        (folder / "set_aside.json").write_text(json.dumps(dict(trained.splits.info.set_aside), indent=1, ensure_ascii=False))
    names = list(info.class_names)
    predictions = table(list(test.names), list(test.ids), test.targets, trained.outputs, names, info.task)
    predictions.to_csv(folder / "predictions.csv", index=False)
    (folder / "per_class.json").write_text(json.dumps(scores.per_class, indent=1, ensure_ascii=False))
    history = [epoch for phase in trained.phases for epoch in phase.history]
    ends = list(np.cumsum([len(phase.history) for phase in trained.phases])[:-1])
    pictures.save(pictures.curves_picture(by_metric(history), ends), folder / "curves.png")
    if scores.confusion is not None:
        pictures.save(pictures.confusion_picture(scores.confusion, names), folder / "confusion.png")
        pictures.save(pictures.reliability_picture(test.targets, trained.outputs), folder / "reliability.png")


def _rates(trained: Trained) -> dict[str, float]:
    rates = {"train": trained.phases[-1].examples_per_second}
    if trained.facts.get("computed"):
        rates["features"] = trained.facts["images_per_second"]
    return rates


def _log_end(tracker, trained: Trained, metrics, stages: Stages, rates, difference: float) -> None:
    last = sum(len(phase.history) for phase in trained.phases)
    seconds = {f"seconds/{name}": value for name, value in stages.seconds.items()}
    speeds = {f"images_per_second/{name}": value for name, value in rates.items()}
    counts = {f"features/{name}": float(trained.facts[name]) for name in ("cached", "computed") if name in trained.facts}
    tracker.log_metrics({**metrics, **seconds, **speeds, **counts, "verify/difference": difference}, last)
    tracker.set_tags({
        "tlkit.engine": trained.facts.get("engine", "keras"),
        "tlkit.precision": trained.precision,
        "tlkit.best_epoch": str(trained.phases[-1].best_epoch + 1),
        "data.set_aside": str(len(trained.splits.info.set_aside)),
    })  # fmt: skip


def _result(setup: Setup, trained: Trained, run_id: str, folder, metrics, stages: Stages, rates) -> Result:
    history = trained.phases[-1].history[trained.phases[-1].best_epoch]
    best = {name: value for name, value in history.items() if name.startswith("val/")}
    model = folder / "model.keras" if folder else None
    return Result(
        run_id, setup.recipe.name, {**best, **metrics}, stages.seconds, rates, model, None,
        trained.facts.get("engine", "keras"), trained.precision, trained.splits.info.set_aside,
    )  # fmt: skip


def _weights_digest(backbone) -> str:
    import hashlib

    digest = hashlib.blake2b(digest_size=16)
    for array in backbone.get_weights():
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _feature_line(facts: dict[str, Any]) -> str:
    if not facts.get("computed"):
        return f"features  {facts['cached']} from the cache"
    cached = f", {facts['cached']} from the cache" if facts["cached"] else ""
    return (
        f"features  {facts['computed']} in {facts['seconds']:.1f} s ({facts['images_per_second']:.0f}/s, "
        f"{facts['engine']} {facts['precision']}){cached}"
    )


def _phase_line(setup: Setup, trained: Trained) -> str:
    phase = trained.phases[-1]
    best = phase.history[phase.best_epoch]
    shown = "  ".join(f"{name} {best[name]:.3f}" for name in ("val/loss", "val/accuracy", "val/mae") if name in best)
    name = f"train {len(trained.phases)}" if len(setup.phases) > 1 else "train"
    return f"{name:<9} {len(phase.history)} epochs in {phase.seconds:.1f} s, best {phase.best_epoch + 1}: {shown}"


def _score_line(scores: Scores) -> str:
    found = scores.metrics
    if "accuracy_low" in found:
        interval = f" ({found['accuracy_low']:.3f} to {found['accuracy_high']:.3f})"
        return f"test      accuracy {found['accuracy']:.3f}{interval}  macro F1 {found['macro_f1']:.3f}  ece {found['ece']:.3f}"
    return "test      " + "  ".join(f"{name} {value:.3f}" for name, value in list(found.items())[:4])
