"""The fields of a recipe's `model`: net or backbone, and head."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from tlkit.recipe.field_types import Fraction, PathText, Section, Sizes


class Pooling(Section):
    """Pooling of a net from scratch."""

    kind: Literal["max", "average", "none"] | None = Field(
        None, description="how a window becomes one value; by default what the net does", examples=["average"]
    )
    size: Sizes | None = Field(None, description="side of the window, one or one a layer", examples=[2, [3, 2]])
    stride: Sizes | None = Field(None, description="steps between windows; by default their size", examples=[2])


class Head(Section):
    """The layers behind the backbone."""

    pooling: Literal["average", "max", "average_max", "generalised_mean", "flatten", "none"] = Field(
        "average", description="how the backbone's last maps become one row of numbers", examples=["max"]
    )
    units: list[int] = Field([], description="dense layers before the last", examples=[[64]])
    activation: str = Field("relu", description="of these dense layers", examples=["swish"])
    batch_norm: bool = Field(
        False, description="BatchNorm in each of these dense layers, before the activation", examples=[True]
    )
    dropout: Fraction = Field(
        0.2,
        ge=0,
        lt=1,
        description="share of values dropped behind each of these, or before the last layer where there are none",
        examples=[0.5],
    )
    solver: Literal["auto", "exact", "ridge", "gradient"] = Field(
        "auto",
        description="exact, ridge: one layer on frozen features is solved, not trained; auto: for few examples",
        examples=["exact"],
    )


class Model(Section):
    """Net or backbone, and head; further keys are arguments of the net."""

    model_config = ConfigDict(extra="allow", frozen=True)
    net: str = Field(
        "efficientnet-lite0",
        description="a name of `tlkit list nets` or `backbones`, or `file.py:function`; auto: what suits best",
        examples=["ResNet50", "hub:dinov2_base", "my_net.py:build"],
    )
    weights: PathText | None = Field(
        None,
        description="imagenet, none, or a file; by default imagenet for backbones",
        examples=["none", "weights.keras"],
    )
    head: Head = Field(Head(), description="the layers behind the backbone", examples=[{"units": [64], "dropout": 0.3}])
    features: list[str] | None = Field(
        None,
        min_length=1,
        description="blocks whose averages are joined for the head; top: the backbone's end; last: the block before",
        examples=[["block10", "top"], ["last", "top"]],
    )
    filters: Sizes | None = Field(None, description="filters of each convolution", examples=[[16, 32, 64]])
    kernel: Sizes | None = Field(None, description="side of each convolution's window", examples=[3])
    stride: Sizes | None = Field(None, description="steps of each convolution", examples=[1])
    padding: Literal["same", "valid"] | int | None = Field(
        None, description="same: maps keep their size; valid: none; or a number of cells", examples=["valid", 1]
    )
    pooling: Pooling | None = Field(None, description="pooling between layers", examples=[{"kind": "max", "size": 2}])
    activation: str | None = Field(None, description="behind each convolution", examples=["elu"])
    batch_norm: Literal["none", "before", "after"] | bool | None = Field(
        None, description="BatchNorm before or after the activation, or none", examples=["before"]
    )
    dropout: Fraction | None = Field(None, ge=0, lt=1, description="share of values dropped", examples=[0.3])
    initializer: str | None = Field(None, description="how first weights are drawn, by Keras's name",
                                    examples=["he_normal"])  # fmt: skip

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, value: Any) -> Any:
        return {"net": value} if isinstance(value, str) else value
