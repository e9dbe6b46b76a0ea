"""The fields of a recipe, their types and defaults; unknown keys are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, PrivateAttr, model_validator

from tlkit.own_files import own_file
from tlkit.recipe.data_fields import Augment as Augment
from tlkit.recipe.data_fields import Beside as Beside
from tlkit.recipe.data_fields import Data as Data
from tlkit.recipe.field_types import Name, Section
from tlkit.recipe.field_types import seconds_of as seconds_of
from tlkit.recipe.finetuning import expanded
from tlkit.recipe.model_fields import Head as Head
from tlkit.recipe.model_fields import Model as Model
from tlkit.recipe.overriding import shortened_settings
from tlkit.recipe.training_fields import EarlyStopping as EarlyStopping
from tlkit.recipe.training_fields import Phase as Phase
from tlkit.recipe.training_fields import Train as Train
from tlkit.recipe.use_fields import Export as Export
from tlkit.recipe.use_fields import Predict, Track, Tune

AUTO = "auto"  # a net that is yet to be chosen


class Recipe(Section):
    """One page that says what to learn, with which model, how, and where it is recorded.

    Example:
        >>> Recipe(name="leaves").train.epochs
        20
    """

    name: Name = Field(
        description="of recipe, run and experiment; by default the base's, or the file's", examples=["flowers"]
    )
    description: str = Field(
        "", description="one line for people, shown in lists and reports", examples=["Which flower"]
    )
    seed: int = Field(7, ge=0, lt=2**31, description="the same seed splits, shuffles and starts alike", examples=[1])
    data: Data = Field(Data(), description="what to learn from", examples=[{"path": "data/flowers"}])
    augment: Augment = Field(
        Augment(), description="random changes of training examples", examples=[[{"flip": "horizontal"}]]
    )
    model: Model = Field(Model(), description="net or backbone, and head", examples=["ResNet50", {"net": "cnn"}])
    train: Train = Field(Train(), description="how the model is fitted", examples=["finetune", {"epochs": 30}])
    predict: Predict = Field(
        Predict(), description="how answers follow from what the model says", examples=[{"costs": {"dogs": 5}}]
    )
    tune: Tune = Field(Tune(), description="what a search varies", examples=[{"trials": 50, "space": "head"}])
    export: Export | None = Field(None, description="files of other formats made of each run", examples=["onnx"])
    track: Track = Field(Track(), description="how the run is recorded in MLflow", examples=[{"name": "first try"}])
    _folder: Path = PrivateAttr(default=Path())
    _source: str = PrivateAttr(default="")
    _settings: tuple[str, ...] = PrivateAttr(default=())

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
    def settings(self) -> tuple[str, ...]:
        """What `--set` changed, as it was given."""
        return self._settings

    @property
    def run_name(self) -> str:
        """What its runs are called: track.name, else its own name and what `--set` changed.

        Example:
            >>> Recipe(name="leaves").run_name
            'leaves'
        """
        return self.track.name or " ".join([self.name, *shortened_settings(self._settings)])

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
