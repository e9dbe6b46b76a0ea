"""The fields of a recipe, their types and defaults; unknown keys are refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from tlkit import catalog
from tlkit.own_files import own_file
from tlkit.recipe.finetuning import expanded

AUTO = "auto"  # a net that is yet to be chosen
_LONGEST_NAME, _LONGEST_PATH = 255, 4095  # bytes, as file systems have it


def _possible_path(text: str) -> str:
    parts = text.split("/")
    if "\0" in text or len(text.encode()) > _LONGEST_PATH or any(len(each.encode()) > _LONGEST_NAME for each in parts):
        raise ValueError(f"a path, with names of at most {_LONGEST_NAME} bytes")
    return text


def _possible_name(text: str) -> str:
    parts = text.split("/")
    long = len(text.encode()) > _LONGEST_NAME - 55  # files and folders are called by it, with something behind
    if long or not text.isprintable() or any(each in ("", ".", "..") for each in parts):
        raise ValueError("a name of at most 200 bytes that a folder can have")
    return text


def _known_task(name: str) -> str:
    if name not in catalog.TASKS:
        raise ValueError(f"one of {', '.join(catalog.TASKS)}")
    return name


def seconds_of(value: object) -> float:
    """Seconds, written as 90, 90s, 10m or 1h.

    Example:
        >>> seconds_of("10m")
        600.0
    """
    found = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)([smh]?)", str(value).strip())
    if not found or float(found[1]) == 0:
        raise ValueError("expected a time such as 90s, 10m or 1h")
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


Cost = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Fraction = float
Sizes = int | list[int]
TaskName = Annotated[str, AfterValidator(_known_task)]
Duration = Annotated[float, BeforeValidator(seconds_of)]
PathText = Annotated[str, AfterValidator(_possible_path)]
Name = Annotated[str, AfterValidator(_possible_name)]


class Section(BaseModel):
    """A part of a recipe: frozen, and strict about its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_flag_as_number(cls, value: Any, info: ValidationInfo) -> Any:
        annotation = cls.model_fields[str(info.field_name)].annotation
        if isinstance(value, bool) and "bool" not in str(annotation):
            word = ", as which YAML reads yes, no, on and off: put a word in quotes" if "str" in str(annotation) else ""
            raise ValueError(f"something other than true or false{word}")
        return value


class Beside(Section):
    """Table columns beside each example: of a table that names examples, or of the rows that they were read from."""

    table: PathText | None = Field(None, description="CSV, TSV or Parquet, relative to where tlkit is started")
    name: str = Field("name", description="the column that names examples: a path, its end, or a file name")
    columns: list[str] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _bare_list(cls, value: Any) -> Any:
        columns = [value] if isinstance(value, str) else value
        return {"columns": columns} if isinstance(columns, list) else columns


class Data(Section):
    """What to learn from; further keys are arguments of the source."""

    model_config = ConfigDict(extra="allow", frozen=True)
    source: str = Field("image_folder", description="a catalog name or `file.py:function`")
    path: PathText | None = Field(None, description="folder or file, relative to where tlkit is started")
    sample: str | None = Field(None, description="a set that tlkit draws where `path` is empty")
    fetch: str | None = Field(None, description="a public archive that is fetched where `path` is empty")
    task: TaskName | None = None
    val: float | None = Field(None, gt=0, lt=1)
    test: float | None = Field(None, gt=0, lt=1)
    image_size: int | list[int] | None = Field(None, description="pixels; by default what the backbone was made for")
    channels: int | None = Field(None, ge=1, description="pictures have 1 or 3; signals any number")
    class_weights: bool = Field(False, description="the older name of train.imbalance: weights, which goes before it")
    allow_leaks: bool = Field(False, description="run although examples stand in two parts; the record says so")
    quarantine: PathText | None = Field(
        None, description="table of examples to leave out; by default `<path>.quarantine.csv` where there is one"
    )
    beside: Beside | None = Field(None, description="table columns that the model sees beside each example")
    max_bad: float = Field(0.05, ge=0, le=1, description="share of unreadable examples above which a run stops")

    @field_validator("image_size")
    @classmethod
    def _two_sides(cls, size: int | list[int] | None) -> int | list[int] | None:
        sides = [1] if size is None else [size] if isinstance(size, int) else size
        if len(sides) not in (1, 2) or min(sides) < 1:
            raise ValueError("expected one positive number of pixels, or [height, width]")
        return size


class Augment(Section):
    """Random changes of training examples; for frozen backbones as a number of seeded views."""

    steps: list[dict[str, Any]] = []
    views: int = Field(0, ge=0, le=64, description="augmented copies per example whose frozen features are kept")

    @model_validator(mode="before")
    @classmethod
    def _bare_list(cls, value: Any) -> Any:
        return {"steps": value} if isinstance(value, list) else value


class Pooling(Section):
    """Pooling of a net from scratch."""

    kind: Literal["max", "average", "none"] | None = None
    size: Sizes | None = None
    stride: Sizes | None = None


class Head(Section):
    """What stands behind the backbone."""

    pooling: Literal["average", "max", "average_max", "generalised_mean", "flatten", "none"] = "average"
    units: list[int] = Field([], description="dense layers before the last")
    activation: str = "relu"
    batch_norm: bool = False
    dropout: Fraction = Field(0.2, ge=0, lt=1)
    solver: Literal["auto", "exact", "ridge", "gradient"] = Field(
        "auto", description="exact, ridge: one layer on frozen features is solved, not trained; auto: for few examples"
    )


class Model(Section):
    """Net or backbone, and head; further keys are arguments of the net."""

    model_config = ConfigDict(extra="allow", frozen=True)
    net: str = Field("efficientnet-lite0", description="a catalog name or `file.py:function`; auto: what suits best")
    weights: PathText | None = Field(None, description="imagenet, none, or a file; by default imagenet for backbones")
    head: Head = Head()
    features: list[str] | None = Field(
        None, min_length=1, description="blocks of the backbone whose averages are joined for the head; top: its end"
    )
    filters: Sizes | None = None
    kernel: Sizes | None = None
    stride: Sizes | None = None
    padding: Literal["same", "valid"] | int | None = None
    pooling: Pooling | None = None
    activation: str | None = None
    batch_norm: Literal["none", "before", "after"] | bool | None = None
    dropout: Fraction | None = Field(None, ge=0, lt=1)
    initializer: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, value: Any) -> Any:
        return {"net": value} if isinstance(value, str) else value


class Optimizer(Section):
    """How weights are moved."""

    name: Literal["sgd", "adagrad", "rmsprop", "adam", "adamw"] = "adam"
    momentum: float | None = Field(None, ge=0, lt=1)
    nesterov: bool | None = None
    weight_decay: float | None = Field(None, ge=0)
    average: float | None = Field(None, gt=0, lt=1, description="share of the old in a running average of the weights")
    clip_norm: float | None = Field(None, gt=0)
    accumulate: int | None = Field(None, ge=2, description="batches whose mean gradient makes one step")

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class EarlyStopping(Section):
    """Stop when a validation metric no longer improves."""

    monitor: str = Field("val/loss", pattern="^val/[a-z_0-9]+$")
    patience: int = Field(5, ge=1)
    min_delta: float = Field(0.0, ge=0)


class Phase(Section):
    """One stretch of training; what it leaves out it takes from `train`."""

    unfreeze: Literal["none", "all"] | int | None = Field(
        None, description="last blocks of the backbone to train: none, all or a number"
    )
    epochs: int | None = Field(None, ge=1)
    batch_size: int | None = Field(None, ge=1)
    learning_rate: float | None = Field(None, gt=0)
    optimizer: Optimizer | None = None
    schedule: Literal["cosine", "constant"] | None = None
    warmup: Fraction | None = Field(None, ge=0, lt=1)
    keep: Literal["best", "last", "proven"] | None = None
    layer_decay: float | None = Field(None, gt=0, le=1)
    l2_sp: float | None = Field(None, ge=0)
    batch_norm: Literal["trained", "frozen"] | None = None
    views: int | None = Field(None, ge=0, le=64, description="in place of augment.views")
    solver: Literal["exact", "gradient"] | None = Field(None, description="in place of model.head.solver")
    skip_above: float | None = Field(
        None, gt=0, le=1, description="not begun where the phase before has a larger share right in validation"
    )
    again: bool = Field(False, description="the phase before once more, if it was proven, from all of train and val")

    @model_validator(mode="after")
    def _nothing_beside_again(self) -> Phase:
        if self.again and self.model_fields_set != {"again"}:
            raise ValueError("again: true alone, for the rest is as in the phase before")
        return self


class Teacher(Section):
    """Another model whose answers are learned from beside the labels."""

    run: str = Field(min_length=1, description="the id of a run, the beginning of one, or a model file")
    weight: float = Field(0.7, gt=0, le=1, description="of its answers; labels have the rest")
    unlabelled: PathText | None = Field(None, description="folder of pictures that it answers for")

    @model_validator(mode="before")
    @classmethod
    def _bare_run(cls, value: Any) -> Any:
        return {"run": value} if isinstance(value, str) else value


class Train(Section):
    """How the model is fitted; `train: finetune` is short for the fields of `recipe.finetuning`."""

    unfreeze: Literal["none", "all"] | int | None = Field(
        None, description="last blocks to train; by default none with weights, all without"
    )
    epochs: int = Field(20, ge=1)
    batch_size: int = Field(32, ge=1)
    learning_rate: float = Field(1e-3, gt=0)
    optimizer: Optimizer = Optimizer()
    schedule: Literal["cosine", "constant"] = "cosine"
    warmup: Fraction = Field(0.1, ge=0, lt=1, description="share of the steps over which the rate rises")
    label_smoothing: Fraction = Field(0.0, ge=0, lt=1)
    imbalance: Literal["none", "weights", "sampling", "logit_adjusted", "focal"] = Field(
        "none", description="how classes of different size are learned from; all but none and focal take them as "
        "equally likely in use"
    )  # fmt: skip
    label_noise: Literal["none", "robust", "leave_out"] = Field(
        "none", description="what is done about wrong labels: a loss that minds them less, or those in doubt left out"
    )
    early_stopping: EarlyStopping | None = EarlyStopping()
    keep: Literal["best", "last", "proven"] = Field(
        "best", description="weights of the best epoch in validation, of the last, or of the last where it gains by it"
    )
    layer_decay: float = Field(
        1.0, gt=0, le=1, description="a block of the backbone learns at this share of the rate of the one behind it"
    )
    l2_sp: float = Field(0.0, ge=0, description="how strongly the backbone is pulled to the weights it began with")
    batch_norm: Literal["trained", "frozen"] = Field("trained", description="in blocks that are trained")
    few_examples: Literal["adapt", "as_written"] = Field(
        "adapt", description="train a head longer, and to the end, where validation is too small to stop it"
    )
    teacher: Teacher | None = None
    phases: list[Phase] = []
    checkpoint_minutes: float = Field(
        5.0, gt=0, description="after which a state to go on from is kept within an epoch; more often at ends of epochs"
    )
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    engine: Literal["auto", "keras", "openvino"] = "auto"

    @model_validator(mode="before")
    @classmethod
    def _known_word(cls, value: Any) -> Any:
        if isinstance(value, str):
            raise ValueError("fields, or the word finetune")
        return value


class Tune(Section):
    """What a search varies and how it chooses; see docs/tuning.md."""

    tuner: Literal["random", "bayesian", "hyperband", "grid"] = "bayesian"
    trials: int = Field(20, ge=1)
    objective: str = "val/accuracy"
    space: str | list[str] | dict[str, Any] = Field(
        {}, description="dotted path: domain, or the ready spaces architecture, head, optimizer"
    )
    seeds: int = Field(3, ge=1, description="times the winner is trained again")
    keep: int = Field(1, ge=1, description="checkpoints kept")
    budget: Duration | None = Field(None, description="time for `model: auto`, as 90s, 10m or 1h; by default 10m")
    growth_mb: int = Field(1024, ge=1, description="memory by which a worker may grow before another takes its place")


class Predict(Section):
    """How answers follow from what the model says."""

    costs: dict[str, Cost | dict[str, Cost]] = Field(
        {}, description="of mistakes: {class: cost} or {class: {answered: cost}}; of several labels {miss, false_alarm}"
    )
    calibrate: Literal["auto", "none"] = Field("auto", description="probabilities, where held-out examples can tell")


class Export(Section):
    """The files of other formats that are made of each run and kept with it; see docs/export.md."""

    formats: list[str] = Field(min_length=1, description="`tlkit list exporters`")
    precisions: list[str] = Field(["float32"], min_length=1, description="float32, float16, int8, as formats have them")
    max_loss: float = Field(1.0, ge=0, description="points of the score that a file below float32 may lose")

    @model_validator(mode="before")
    @classmethod
    def _bare_names(cls, value: Any) -> Any:
        formats = [value] if isinstance(value, str) else value
        return {"formats": formats} if isinstance(formats, list) else formats


class Track(Section):
    """How the run is recorded in MLflow."""

    experiment: str | None = Field(None, max_length=250, description="by default the recipe's name")
    name: str | None = Field(None, max_length=250)
    description: str = Field("", max_length=5000)
    tags: dict[Annotated[str, Field(max_length=250)], Annotated[str, Field(max_length=5000)]] = {}
    system_metrics: bool = True
    register_as: str | None = Field(None, min_length=1, max_length=250, description="name in MLflow's model registry")
    price_per_hour: float | None = Field(None, ge=0, description="of the machine, in any currency; gives cost/run")


class Recipe(Section):
    """One page that says what to learn, with which model, how, and where it is recorded.

    Example:
        >>> Recipe(name="leaves").train.epochs
        20
    """

    name: Name
    description: str = ""
    seed: int = Field(7, ge=0, lt=2**31)
    data: Data = Data()
    augment: Augment = Augment()
    model: Model = Model()
    train: Train = Train()
    predict: Predict = Predict()
    tune: Tune = Tune()
    export: Export | None = None
    track: Track = Track()
    _folder: Path = PrivateAttr(default=Path())
    _source: str = PrivateAttr(default="")

    @model_validator(mode="before")
    @classmethod
    def _in_plain_fields(cls, values: Any) -> Any:
        return expanded(values) if isinstance(values, dict) else values

    def resolved(self) -> dict[str, object]:
        """Every value with the defaults, less what was left open.

        Example:
            >>> Recipe(name="leaves").resolved()["model"].keys()
            dict_keys(['net', 'head'])
        """
        return dict(_less_open(self, self.model_dump(mode="json")))

    @property
    def imbalance(self) -> str:
        """How classes of different size are learned from, by its field or the older one."""
        return "weights" if self.data.class_weights and self.train.imbalance == "none" else self.train.imbalance

    @property
    def folder(self) -> Path:
        """Where the recipe's own modules are looked for."""
        return self._folder

    @property
    def is_open(self) -> bool:
        """Whether its model is yet to be chosen, by `tlkit auto` or `tlkit run`."""
        return self.model.net == AUTO

    @property
    def own_files(self) -> dict[str, Path]:
        """The Python files of the functions that it names, as `file.py:function`, for its source, net and steps."""
        named = (self.data.source, self.model.net, *(str(name) for step in self.augment.steps for name in step))
        return {name: file for name in named if (file := own_file(name, self.folder))}

    @property
    def source(self) -> str:
        """The recipe as given: the text of its file."""
        return self._source


def _less_open(value: Any, dumped: Any) -> Any:
    """Plain values without the fields that are null by default."""
    if isinstance(value, list):
        return [_less_open(*pair) for pair in zip(value, dumped, strict=True)]
    if not isinstance(value, Section):
        return dumped
    fields = type(value).model_fields
    kept = [
        name for name in dumped if dumped[name] is not None or (name in fields and fields[name].default is not None)
    ]
    return {name: _less_open(getattr(value, name), dumped[name]) for name in kept}
