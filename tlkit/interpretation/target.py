"""A model to be explained, with what its inputs and outputs mean: from a run, or any Keras model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from tlkit.engines.inference import ModelRunner
from tlkit.engines.predictor import Predictor, load_run
from tlkit.errors import DataError, nearest
from tlkit.kinds.image.pictures import MAX_PIXELS, picture_size
from tlkit.kinds.kind import Kind, kind_in
from tlkit.model.building import with_fixed_columns
from tlkit.model.metadata import Metadata
from tlkit.tasks.task import task_in


@dataclass
class ExplainedModel:
    """A model, the file it lies in (if any), its metadata, and what gives its outputs fast."""

    model: keras.Model
    metadata: Metadata
    answers: ModelRunner
    predictor: Predictor | None = None
    untrained: dict[int, keras.Model] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one raw input."""
        return tuple(self.metadata["input_shape"])

    @property
    def kind(self) -> Kind:
        """What inputs are, or look like."""
        return kind_in(self.metadata)

    @property
    def is_picture(self) -> bool:
        """Whether inputs are pictures, or look like some."""
        return self.kind.is_picture

    @property
    def axes(self) -> int:
        """How many axes of an input are positions, along which windows slide; views are covered whole."""
        return 1 if self.kind.covered_whole else max(1, len(self.shape) - 1)

    @property
    def positions(self) -> tuple[int, ...]:
        """The sizes of an input's axes but for its channels; a row of letters or samples has none of those."""
        return self.shape[:-1] if len(self.shape) > 1 else self.shape

    def output_of(self, class_name: str | None, example: np.ndarray, believed: str | None = None) -> int:
        """The place of a class among the outputs: by name, else what is believed, else what the model says."""
        names = self.metadata["class_names"]
        if class_name is not None and class_name not in names:
            hint = nearest(class_name, names) or f"It knows {', '.join(names) or 'none'}."
            raise DataError(f"class '{class_name}': the model does not know it. {hint}")
        chosen = class_name or (believed if believed in names else None)
        return names.index(chosen) if chosen else task_in(self.metadata).main_output(self.answers([example])[0])

    def name_of(self, output: int) -> str:
        """The class of an output."""
        names = self.metadata["class_names"]
        return names[output] if output < len(names) else str(output)


def subject_of(
    model: str | Predictor | keras.Model, *, engine: str = "auto", precision: str = "auto"
) -> ExplainedModel:
    """The subject behind a run's name, a loaded run or a Keras model; columns beside its input stand at their means."""
    if isinstance(model, str):
        model = load_run(model)
    if isinstance(model, Predictor) and model.metadata.get("beside"):
        width = model.model.inputs[1].shape[1]
        alone = with_fixed_columns(model.model, [float("nan")] * width)
        return ExplainedModel(alone, model.metadata, ModelRunner(lambda: alone, engine=engine), model)
    if isinstance(model, Predictor):
        answers = ModelRunner(lambda: model.model, model.path, engine=engine, precision=precision)
        return ExplainedModel(model.model, model.metadata, answers, model)
    return ExplainedModel(model, _guessed(model), ModelRunner(lambda: model, engine=engine))


def example_of(subject: ExplainedModel, given: Any) -> np.ndarray:
    """An input as the model takes it, from a path, a picture or an array."""
    if subject.predictor is not None and isinstance(given, Path) and not subject.is_picture:
        return next(iter(subject.predictor.inputs_at(given)))[1]()
    return subject.kind.input_of(given, subject.metadata)


def notice(subject: ExplainedModel, given: Any) -> str | None:
    """What should be said about an input before it is explained."""
    if not subject.is_picture or not isinstance(given, str | Path):
        return None
    width, height = picture_size(given)
    if width * height > MAX_PIXELS:
        return f"{width} x {height} pixels, scaled down to {subject.shape[1]} x {subject.shape[0]}"
    if width * height == 1:
        return "a single pixel; no position in it can matter more than another"
    return None


def proportions(subject: ExplainedModel, given: Any) -> float:
    """Height over width, as the picture was before it was squeezed."""
    if isinstance(given, str | Path) and subject.is_picture:
        width, height = picture_size(given)
    elif isinstance(given, Image.Image):
        width, height = given.size
    else:
        height, width = np.shape(given)[:2] if np.ndim(given) > 1 else (1, 1)
    return min(max(height / width, 0.4), 2.5)


def _guessed(model: keras.Model) -> Metadata:
    """The metadata of a model that came without any."""
    if len(model.inputs) > 1:
        raise DataError("the model takes several inputs; name the run that it is of, or give a model of one input")
    shape: Sequence[int | None] = model.input_shape[1:]
    if None in shape:
        raise DataError(f"the model takes inputs of any size {tuple(shape)}; give it a fixed input shape first")
    names = [str(each) for each in range(model.output_shape[-1])]
    picture = len(shape) == 3 and shape[-1] in (1, 3)
    dtype = str(model.inputs[0].dtype)
    return {
        "kind": "image" if picture else "array",
        "class_names": names,
        "input_shape": [each for each in shape if each is not None],
        "input_dtype": dtype,
        "task": "label",
    }
