"""What is trained on what and how, with all choices made that need no Keras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlkit.data.splits import Examples, Info, Splits
from tlkit.engines.frozen_part import FrozenPart, choose_engine
from tlkit.errors import DataError, RecipeError, nearest
from tlkit.kinds.augment.augmentation_names import MIXES, Step, read_steps
from tlkit.kinds.kind import kind_of
from tlkit.model.building import BackboneSpec, ModelSpec
from tlkit.pretrained.available_weights import require_weights
from tlkit.recipe.collected_errors import ErrorCollector
from tlkit.tasks.costs import Costs
from tlkit.tasks.task import Task, learning, task_of
from tlkit.training.distillation.lessons import refuse_unreadable
from tlkit.training.distillation.teacher import TeacherSettings, refuse_unlike
from tlkit.training.few_examples import adapted, few_enough_to_solve, line_of, solved_line
from tlkit.training.finetuning.refusals import refuse_idle_fields
from tlkit.training.hard_data.imbalance import IMBALANCES
from tlkit.training.hard_data.requirements import refuse_classless, refuse_unclean
from tlkit.training.objective import watched
from tlkit.training.phase import PhasePlan, refuse_refreezing, unsolvable

if TYPE_CHECKING:
    from tlkit.kinds.augment.pipeline import Augmentation


@dataclass(frozen=True)
class AugmentSettings:
    """Random changes of training examples: steps as a recipe has them, and how many copies of frozen features."""

    steps: Sequence[Mapping[str, Any]] = ()
    views: int = 0
    folder: Path = Path()  # where steps of one's own are

    def pipeline(self, info: Info) -> Augmentation | None:
        """The steps as they are done to data of this kind and shape; None without any."""
        if not self.steps:
            return None
        from tlkit.kinds.augment import pipeline

        return pipeline.build(self.steps, folder=self.folder, kind=info.kind, shape=info.input_shape)


@dataclass(frozen=True)
class Options:
    """What holds for all phases."""

    seed: int = 7
    augmentation: AugmentSettings = AugmentSettings()
    imbalance: str = "none"  # a word of `hard_data.imbalance.IMBALANCES`
    label_noise: str = "none"  # robust: a loss that minds wrong labels less; leave_out: those in doubt are left out
    label_smoothing: float = 0.0
    adapt_to_few: bool = True  # examples, where validation is too small to stop a head
    engine: str = "auto"
    precision: str = "auto"
    max_bad: float = 0.05
    costs: Costs = field(default_factory=dict)  # of mistakes
    calibrates: bool = True  # probabilities, where validation can tell
    teacher: TeacherSettings | None = None
    members: int = 1  # models that are trained and joined
    views_asked: tuple[str, ...] = ()  # of each input, that the model's answer is the mean over

    @property
    def joins(self) -> bool:
        """Whether the model is made of what was trained: of several members, or of one over several views."""
        return self.members > 1 or bool(self.views_asked)

    @property
    def trained_loss(self) -> str:
        """The field whose loss can only be trained by steps; nothing where there is none."""
        own = {"train.imbalance: focal": IMBALANCES[self.imbalance].focuses,
               "train.label_noise: robust": self.label_noise == "robust"}  # fmt: skip
        return next((each for each, asked in own.items() if asked), "")


@dataclass(frozen=True)
class Setup:
    """What is trained on what and how, with all choices made that need no Keras."""

    splits: Splits
    model: ModelSpec
    phases: tuple[PhasePlan, ...]
    options: Options
    engine: str  # of frozen parts
    precision: str
    few: str = ""  # what is trained otherwise than was asked because examples are few

    @property
    def backbone(self) -> BackboneSpec:
        """Preprocessing and backbone."""
        return self.model.backbone

    def with_views(self, count: int | None) -> Setup:
        """The setup as a phase has it that sees so many views of each example; None: as many as there are."""
        if count is None:
            return self
        augmentation = replace(self.options.augmentation, views=count)
        return replace(self, options=replace(self.options, augmentation=augmentation))

    def reseeded(self, seed: int) -> Setup:
        """The setup with all that is left to chance drawn from another seed."""
        return replace(self, options=replace(self.options, seed=seed))

    def frozen(self, cut: str | None = None) -> FrozenPart:
        """The backbone, or what of it is up to a cut, as the engine runs it."""
        return FrozenPart(self.backbone, cut, self.model.head.pooling, self.engine, self.precision)


def make_setup(
    splits: Splits, model: ModelSpec, phases: Sequence[PhasePlan], options: Options, found: ErrorCollector | None = None
) -> Setup:
    """The choices that follow from data, model, phases and machine; what cannot be is refused, all of it at once.

    What was `found` to be refused before is said as well; where that is the model, there is none.
    """
    found, augment = found or ErrorCollector(), options.augmentation
    found(refuse_empty, learned(splits))
    steps = found(read_steps, augment.steps, kind=splits.info.kind) or []
    found(refuse_mixing, steps, splits)
    found(refuse_unjoinable, options, splits.info)
    found(refuse_unmeasured, phases, splits.info.task)
    found(refuse_refreezing, phases)
    if options.teacher is not None:
        found(refuse_unlike, options.teacher, splits)
        found(refuse_unreadable, options.teacher, splits)
    if model is not None:
        found(refuse_idle_mixing, steps, model.backbone, phases)
        found(refuse_idle_fields, phases, model.backbone)
        found(refuse_idle_members, options, model.backbone, phases)
        engine = found(choose_engine, options.engine, options.precision, pretrained=model.backbone.pretrained)
        found(require_weights, model.backbone.catalog_name, model.backbone.weights)
    output = task_of(splits.info.task).output(splits.train.targets)["output"]
    found(refuse_classless, options.imbalance, output)
    alone = model is not None and phases[0].trains_head_alone(model.backbone)
    found(refuse_unclean, options.label_noise, options.imbalance, output, alone=alone)
    task = task_of(splits.info.task)
    if options.costs:
        task = found(_with_costs, task, options.costs, splits.info)
    found.refuse()
    phases, few = _solved_or_trained(splits, model, phases, options)
    if task.headline[0] != "accuracy":  # whose accuracy, if there is one, is no share of examples that are right
        phases = [replace(each, skip_above=None) for each in phases]
    info = learning(splits.info, task.fitted(splits.train.targets))
    chosen, precision = engine
    return Setup(replace(splits, info=info), model, tuple(phases), options, chosen, precision, few)


def _with_costs(task: Task, costs: Costs, info: Info) -> Task:
    costly = task.costing(costs, info.class_names)
    if type(costly) is not type(task):  # one that is made of another
        raise RecipeError([f"predict.costs: task {task.name} has no answers by cost. Leave it out"])
    return costly


def refuse_idle_mixing(steps: Sequence[Step], spec: BackboneSpec, phases: Sequence[PhasePlan]) -> None:
    """Pooled features are learned from one by one."""
    mixing = [each.name for each in steps if each.name in MIXES]
    if mixing and all(phase.trains_head_alone(spec) for phase in phases):
        problem = f"augment: {mixing[0]} mixes examples and has no effect on the kept features of a frozen backbone"
        raise RecipeError(
            [f"{problem}. Leave it out, or train all of the backbone or its last blocks (train.unfreeze)"]
        )


def refuse_idle_members(options: Options, spec: BackboneSpec, phases: Sequence[PhasePlan]) -> None:
    """Heads on the same frozen features come to the same answers."""
    asked = "train.members" if options.members > 1 else "predict.views" if options.views_asked else ""
    if asked and all(phase.trains_head_alone(spec) for phase in phases):
        problem = f"{asked}: brings nothing where only a head is trained on a frozen backbone"
        raise RecipeError([f"{problem}. Leave it out, or train the backbone or its last blocks (train.unfreeze)"])


def refuse_unjoinable(options: Options, info: Info) -> None:
    """Members and views take one input, and views are of kinds that have them."""
    problems = []
    if info.beside and options.joins:
        problems.append("train.members, predict.views: not for data with columns beside the input. Leave them out")
    known = kind_of(info.kind).views
    for name in options.views_asked:
        if name not in known:
            problems.append(
                f"predict.views: no view '{name}' of kind {info.kind}. There are: {', '.join(known) or 'none'}"
            )
    if problems:
        raise RecipeError(problems)


def learned(splits: Splits) -> dict[str, Examples]:
    """The parts that training sees."""
    return {"train": splits.train, "val": splits.val}


def refuse_empty(parts: Mapping[str, Examples]) -> None:
    """Every part that is looked at must have examples."""
    for name, part in parts.items():
        if not len(part):
            raise DataError(f"{name}: expected examples, found none. Add some, or give this part a share of the data")


def refuse_mixing(steps: Sequence[Step], splits: Splits) -> None:
    """Steps that mix examples would have to mix what stands beside them."""
    mixing = [each.name for each in steps if each.name in MIXES]
    if mixing and splits.info.beside:
        raise RecipeError(
            [f"augment: {mixing[0]} mixes examples, and columns beside them cannot be mixed. Leave it out"]
        )


def refuse_unmeasured(phases: Sequence[PhasePlan], task: str) -> None:
    """Training can only be stopped by what it measures."""
    known = watched(task)
    wrong = [phase.early_stopping.monitor for phase in phases if phase.early_stopping is not None]
    for monitor in dict.fromkeys(each for each in wrong if each not in known):
        hint = nearest(monitor, known) or f"There are {' and '.join(known)}."
        raise RecipeError([f"train.early_stopping.monitor: no metric '{monitor}' for this data. {hint}"])


def _solved_or_trained(
    splits: Splits, model: ModelSpec, phases: Sequence[PhasePlan], options: Options
) -> tuple[Sequence[PhasePlan], str]:
    """The phases with the head solved where that is asked or better, or as few examples need them, and why."""
    output = task_of(splits.info.task).output(splits.train.targets)["output"]
    frozen, own = not phases[0].trains_backbone, phases[0].solver
    asked, where = (own, "train.phases.0") if own else (model.head.solver, "model.head")
    why = unsolvable(
        model.head, frozen=frozen, label_smoothing=options.label_smoothing, loss=options.trained_loss, output=output
    )
    if asked in ("exact", "ridge") and why:
        raise RecipeError([f"{where}.solver: {asked} {why}. Change that, or say gradient"])
    if asked == "ridge" and len(phases) > 1:
        raise RecipeError([f"{where}.solver: ridge is for one phase; with train.phases, say exact"])
    learns_little = options.adapt_to_few and asked == "auto" and phases[0].trains_head_alone(model.backbone)
    few = learns_little and not why and few_enough_to_solve(phases, splits)
    told = solved_line(splits) if few else ""
    if asked in ("exact", "ridge") or few:
        solver = asked if asked == "ridge" else "exact"
        phases = [replace(phases[0], solver=solver, early_stopping=None), *phases[1:]]
    if not options.adapt_to_few or few:
        return phases, told
    return _for_few(splits, model.backbone, phases)


def _for_few(splits: Splits, spec: BackboneSpec, phases: Sequence[PhasePlan]) -> tuple[list[PhasePlan], str]:
    """The phases as they suit so few examples, and a line on the first that is changed; others are as they were."""
    counts = len(splits.train), len(splits.val)
    changed = [replace(each, **adapted(each, *counts)) if each.trains_head_alone(spec) else each for each in phases]
    told = (line_of(before, after, counts[1]) for before, after in zip(phases, changed, strict=True) if after != before)
    return changed, next(told, "")
