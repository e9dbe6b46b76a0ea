"""The fields of a recipe's `train`: how the model is fitted."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from tlkit.recipe.field_types import Fraction, PathText, Section


class Optimizer(Section):
    """How weights are moved."""

    name: Literal["sgd", "adagrad", "rmsprop", "adam", "adamw"] = Field(
        "adam", description="Keras's optimizer; `optimizer: sgd` is short for this", examples=["adamw"]
    )
    momentum: float | None = Field(None, ge=0, lt=1, description="of sgd (0.9 by default) and rmsprop", examples=[0.9])
    nesterov: bool | None = Field(None, description="Nesterov's momentum, for sgd", examples=[True])
    weight_decay: float | None = Field(
        None, ge=0, description="share of the weights taken away in each step, times the rate", examples=[0.0001]
    )
    average: float | None = Field(
        None, gt=0, lt=1, description="share of the old in a running average of the weights", examples=[0.99]
    )
    clip_norm: float | None = Field(None, gt=0, description="longest gradient of a weight", examples=[1.0])
    accumulate: int | None = Field(
        None, ge=2, description="batches whose mean gradient makes one step", examples=[4]
    )  # fmt: skip

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class EarlyStopping(Section):
    """Stop when a validation metric no longer improves."""

    monitor: str = Field(
        "val/loss", pattern="^val/[a-z_0-9]+$", description="the metric that is watched", examples=["val/accuracy"]
    )
    patience: int = Field(5, ge=1, description="epochs without improvement before training stops", examples=[10])
    min_delta: float = Field(0.0, ge=0, description="least change that counts as improvement", examples=[0.001])


class Phase(Section):
    """One stretch of training; what it leaves out it takes from `train`."""

    unfreeze: Literal["none", "all"] | int | None = Field(
        None, description="last blocks of the backbone to train: none, all or a number", examples=[4]
    )
    epochs: int | None = Field(None, ge=1, description="in place of train.epochs", examples=[6])
    batch_size: int | None = Field(None, ge=1, description="in place of train.batch_size", examples=[16])
    learning_rate: float | None = Field(None, gt=0, description="in place of train.learning_rate", examples=[0.0003])
    optimizer: Optimizer | None = Field(None, description="in place of train.optimizer", examples=["sgd"])
    schedule: Literal["cosine", "constant"] | None = Field(
        None, description="in place of train.schedule", examples=["constant"]
    )
    warmup: Fraction | None = Field(None, ge=0, lt=1, description="in place of train.warmup", examples=[0.2])
    keep: Literal["best", "last", "proven"] | None = Field(
        None, description="in place of train.keep", examples=["proven"]
    )
    layer_decay: float | None = Field(None, gt=0, le=1, description="in place of train.layer_decay", examples=[0.8])
    l2_sp: float | None = Field(None, ge=0, description="in place of train.l2_sp", examples=[0.1])
    batch_norm: Literal["trained", "frozen"] | None = Field(
        None, description="in place of train.batch_norm", examples=["frozen"]
    )
    views: int | None = Field(None, ge=0, le=64, description="in place of augment.views", examples=[4])
    solver: Literal["exact", "gradient"] | None = Field(
        None, description="in place of model.head.solver", examples=["exact"]
    )
    skip_above: float | None = Field(
        None,
        gt=0,
        le=1,
        description="the phase is skipped where the one before has a larger share right in validation; "
        "only for one class an example",
        examples=[0.94],
    )
    again: bool = Field(
        False,
        description="the phase before once more, if it was proven, from all of train and val; stands alone",
        examples=[True],
    )

    @model_validator(mode="after")
    def _nothing_beside_again(self) -> Phase:
        if self.again and self.model_fields_set != {"again"}:
            raise ValueError("again: true alone, for the rest is as in the phase before")
        return self


class Teacher(Section):
    """Another model whose answers are learned from beside the labels."""

    run: str = Field(
        min_length=1,
        description="the id of a run, the beginning of one, or a model file; `teacher: RUN` is short for this",
        examples=["3f2a91c7"],
    )
    weight: float = Field(0.7, gt=0, le=1, description="of its answers; labels have the rest", examples=[0.5])
    unlabelled: PathText | None = Field(
        None, description="folder of pictures that it answers for", examples=["data/more"]
    )

    @model_validator(mode="before")
    @classmethod
    def _bare_run(cls, value: Any) -> Any:
        return {"run": value} if isinstance(value, str) else value


class Train(Section):
    """How the model is fitted; `train: finetune` is short for the phases that docs/finetuning.md describes."""

    unfreeze: Literal["none", "all"] | int | None = Field(
        None, description="last blocks to train; by default none with weights, all without", examples=["none", 4]
    )
    epochs: int = Field(20, ge=1, description="most times that all training examples are gone through", examples=[50])
    batch_size: int = Field(32, ge=1, description="examples in one step", examples=[64])
    learning_rate: float = Field(1e-3, gt=0, description="size of a step, at its largest", examples=[0.003])
    optimizer: Optimizer = Field(
        Optimizer(), description="how weights are moved", examples=["sgd", {"name": "adam", "average": 0.99}]
    )
    schedule: Literal["cosine", "constant"] = Field(
        "cosine", description="cosine: the rate rises, then falls to zero by a cosine", examples=["constant"]
    )
    warmup: Fraction = Field(
        0.1, ge=0, lt=1, description="share of the steps over which the rate rises", examples=[0.0]
    )
    label_smoothing: Fraction = Field(
        0.0, ge=0, lt=1, description="share of a target that is spread over all classes", examples=[0.05]
    )
    imbalance: Literal["none", "weights", "sampling", "logit_adjusted", "focal"] = Field(
        "none",
        description="how classes of different size are learned from; all but none and focal take them as equally "
        "likely in use",
        examples=["logit_adjusted"],
    )
    label_noise: Literal["none", "robust", "leave_out"] = Field(
        "none",
        description="what is done about wrong labels: a loss that minds them less, or those in doubt left out",
        examples=["leave_out"],
    )
    early_stopping: EarlyStopping | None = Field(
        EarlyStopping(),
        description="when training stops early; null: never",
        examples=[{"monitor": "val/accuracy", "patience": 8}, None],
    )
    keep: Literal["best", "last", "proven"] = Field(
        "best",
        description="weights of the best epoch in validation, of the last, or of the last where it gains by it",
        examples=["last"],
    )
    layer_decay: float = Field(
        1.0,
        gt=0,
        le=1,
        description="a block of the backbone learns at this share of the rate of the block behind it",
        examples=[0.8],
    )
    l2_sp: float = Field(
        0.0, ge=0, description="how strongly the backbone is pulled to the weights it began with", examples=[0.1]
    )
    batch_norm: Literal["trained", "frozen"] = Field(
        "trained", description="BatchNorm in blocks that are trained", examples=["frozen"]
    )
    few_examples: Literal["adapt", "as_written"] = Field(
        "adapt",
        description="train a head longer, and to the end, where validation is too small to stop it",
        examples=["as_written"],
    )
    teacher: Teacher | None = Field(
        None, description="another model whose answers are learned from beside the labels", examples=["3f2a91c7"]
    )
    phases: list[Phase] = Field(
        [],
        description="stretches of training, one after the other",
        examples=[[{"unfreeze": "none"}, {"unfreeze": 2, "epochs": 6, "learning_rate": 0.0003}]],
    )
    members: int = Field(
        1,
        ge=1,
        le=20,
        description="models trained from one seed after the other and joined into one, whose answer is their mean",
        examples=[5],
    )
    checkpoint_minutes: float = Field(
        5.0,
        gt=0,
        description="after which a state to go on from is kept within an epoch; more often at ends of epochs",
        examples=[1],
    )
    precision: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "auto", description="of the arithmetic; auto: what is fastest here without loss; float16 with Keras alone",
        examples=["float32"],
    )  # fmt: skip
    engine: Literal["auto", "keras", "openvino"] = Field(
        "auto", description="what runs the frozen part; auto: OpenVINO on a CPU, Keras on a GPU", examples=["keras"]
    )

    @model_validator(mode="before")
    @classmethod
    def _known_word(cls, value: Any) -> Any:
        if isinstance(value, str):
            raise ValueError("fields, or the word finetune")
        return value
