"""The fields of a recipe's `data` and `augment`: what is learned from."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field, field_validator, model_validator

from tlkit.recipe.field_types import PathText, Section, TaskName


class Beside(Section):
    """Table columns beside each example: of a table that names examples, or of the rows that they were read from."""

    table: PathText | None = Field(
        None, description="CSV, TSV or Parquet, relative to where tlkit is started", examples=["patients.csv"]
    )
    name: str = Field(
        "name", description="the column that names examples: a path, its end, or a file name", examples=["file"]
    )
    columns: list[str] = Field(min_length=1, description="the columns the model sees", examples=[["age", "sex"]])

    @model_validator(mode="before")
    @classmethod
    def _bare_list(cls, value: Any) -> Any:
        columns = [value] if isinstance(value, str) else value
        return {"columns": columns} if isinstance(columns, list) else columns


class Data(Section):
    """What to learn from; further keys are arguments of the source."""

    model_config = ConfigDict(extra="allow", frozen=True)
    source: str = Field(
        "image_folder",
        description="how examples are read: a name of `tlkit list sources`, or `file.py:function`",
        examples=["picture_table", "my_source.py:load"],
    )
    path: PathText | None = Field(
        None, description="folder or file, relative to where tlkit is started", examples=["data/flowers"]
    )
    sample: str | None = Field(None, description="a set that tlkit draws where `path` is empty", examples=["cats"])
    fetch: str | None = Field(
        None, description="a public archive that is fetched where `path` is empty", examples=["cats_and_dogs_filtered"]
    )
    task: TaskName | None = Field(
        None,
        description="one class an example, several labels, or a number; by default what the data say",
        examples=["label", "labels", "number"],
    )
    val: float | None = Field(
        None, gt=0, lt=1, description="share of the examples for validation; by default what the source says: 0.15",
        examples=[0.2],
    )  # fmt: skip
    test: float | None = Field(
        None, gt=0, lt=1, description="share of the examples for the test; by default what the source says: 0.15",
        examples=[0.2],
    )  # fmt: skip
    image_size: int | list[int] | None = Field(
        None,
        description="pixels of a side, or [height, width]; by default what the backbone was made for",
        examples=[224, [96, 128]],
    )
    channels: int | None = Field(None, ge=1, description="pictures have 1 or 3; signals any number", examples=[1])
    class_weights: bool = Field(
        False, description="the older name of `train.imbalance: weights`, which takes precedence", examples=[True]
    )
    allow_leaks: bool = Field(
        False, description="run although examples stand in two parts; the record says so", examples=[True]
    )
    quarantine: PathText | None = Field(
        None,
        description="table of examples to leave out; by default `<path>.quarantine.csv` where there is one",
        examples=["bad.csv"],
    )
    beside: Beside | None = Field(
        None,
        description="table columns that the model sees beside each example",
        examples=[["age", "sex"], {"table": "patients.csv", "name": "file", "columns": ["age"]}],
    )
    max_bad: float = Field(
        0.05, ge=0, le=1, description="share of unreadable examples above which a run stops", examples=[0.2]
    )

    @field_validator("image_size")
    @classmethod
    def _two_sides(cls, size: int | list[int] | None) -> int | list[int] | None:
        sides = [1] if size is None else [size] if isinstance(size, int) else size
        if len(sides) not in (1, 2) or min(sides) < 1:
            raise ValueError("expected one positive number of pixels, or [height, width]")
        return size


class Augment(Section):
    """Random changes of training examples; for frozen backbones as a number of seeded views."""

    steps: list[dict[str, Any]] = Field(
        [],
        description="changes, one after the other; `augment: [...]` is short for this",
        examples=[[{"flip": "horizontal"}, {"rotation": 0.05}]],
    )
    views: int = Field(
        0, ge=0, le=64, description="augmented copies per example whose frozen features are kept", examples=[2]
    )

    @model_validator(mode="before")
    @classmethod
    def _bare_list(cls, value: Any) -> Any:
        return {"steps": value} if isinstance(value, list) else value
