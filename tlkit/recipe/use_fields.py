"""The fields of a recipe's `predict`, `tune`, `export` and `track`: what is done around a run."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from tlkit.recipe.field_types import Cost, Duration, Section


class Tune(Section):
    """What a search varies and how it chooses; see docs/tuning.md."""

    tuner: Literal["random", "bayesian", "hyperband", "grid"] = Field(
        "bayesian", description="how points of the space are chosen", examples=["hyperband"]
    )
    trials: int = Field(20, ge=1, description="points that are tried", examples=[50])
    objective: str = Field(
        "val/accuracy", description="the validation metric by which trials are compared", examples=["val/loss"]
    )
    space: str | list[str] | dict[str, Any] = Field(
        {},
        description="dotted path: domain, or the ready spaces architecture, head, optimizer",
        examples=[["head", "optimizer"], {"train.learning_rate": {"log": [0.0001, 0.1]}}],
    )
    seeds: int = Field(3, ge=1, description="times the winner is trained again", examples=[1])
    keep: int = Field(1, ge=1, description="checkpoints kept", examples=[3])
    budget: Duration | None = Field(
        None, description="time for `model: auto`, as 90s, 10m or 1h; by default 10m", examples=["30m"]
    )
    growth_mb: int = Field(
        1024, ge=1, description="memory by which a worker may grow before another takes its place", examples=[512]
    )


class Predict(Section):
    """How answers follow from what the model says."""

    costs: dict[str, Cost | dict[str, Cost]] = Field(
        {},
        description="of mistakes: {class: cost} or {class: {answered: cost}}; of several labels {miss, false_alarm}",
        examples=[{"dogs": 5}, {"dogs": {"cats": 5}}],
    )
    views: list[str] = Field(
        [],
        description="of each input, beside it as it is, that the answer is the mean over: flip for pictures, "
        "mirror for voxels, reverse_complement for DNA",
        examples=[["flip"]],
    )
    calibrate: Literal["auto", "none"] = Field(
        "auto",
        description="whether probabilities get a temperature where held-out examples prove it",
        examples=["none"],
    )


class Export(Section):
    """The files of other formats that are made of each run and kept with it; see docs/export.md."""

    formats: list[str] = Field(
        min_length=1,
        description="names of `tlkit list exporters`; `export: onnx` is short for this",
        examples=[["onnx", "litert"]],
    )
    precisions: list[str] = Field(
        ["float32"],
        min_length=1,
        description="float32, float16, bfloat16, int8, as formats have them",
        examples=[["float32", "int8"]],
    )
    max_loss: float = Field(
        1.0, ge=0, description="points of the score that a file below float32 may lose", examples=[0.5]
    )
    resize: Literal["outside", "inside"] = Field(
        "outside", description="inside: the files take pictures of any size", examples=["inside"]
    )

    @model_validator(mode="before")
    @classmethod
    def _bare_names(cls, value: Any) -> Any:
        formats = [value] if isinstance(value, str) else value
        return {"formats": formats} if isinstance(formats, list) else formats


class Track(Section):
    """How the run is recorded in MLflow."""

    experiment: str | None = Field(
        None, max_length=250, description="MLflow's experiment; by default the recipe's name", examples=["flowers"]
    )
    name: str | None = Field(
        None, max_length=250, description="of the run; by default the recipe's name", examples=["first try"]
    )
    description: str = Field(
        "", max_length=5000, description="of the run; by default the recipe's", examples=["with the new photographs"]
    )
    tags: dict[Annotated[str, Field(max_length=250)], Annotated[str, Field(max_length=5000)]] = Field(
        {}, description="tags of the run", examples=[{"season": "spring"}]
    )
    system_metrics: bool = Field(True, description="record the load of CPU, GPU and memory", examples=[False])
    register_as: str | None = Field(
        None, min_length=1, max_length=250, description="name in MLflow's model registry", examples=["flowers"]
    )
    price_per_hour: float | None = Field(
        None, ge=0, description="of the machine, in any currency; gives the metric cost/run", examples=[0.4]
    )
