"""A model under construction: its head is trained first, and its backbone is built when something needs it."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from tlkit.data.side_columns.layout import scales
from tlkit.engines.hardware import cpu_has_bf16, gpu_names
from tlkit.model.building import assemble, build_backbone
from tlkit.model.combined import View, combined
from tlkit.model.heads import Head, build_head
from tlkit.model.known import KnownExamples
from tlkit.model.metadata import page_of
from tlkit.model.saving import save_model
from tlkit.tasks.task import task_of
from tlkit.training.reusable_head import ReusableHead
from tlkit.training.setup import Setup


@dataclass
class ModelParts:
    """The model and its three parts, as they are trained."""

    model: keras.Model
    preprocessing: keras.Model
    backbone: keras.Model
    head: keras.Model
    precision: str


class ModelBuilder:
    """What a run builds: a head on features alone where the backbone stays frozen, and the whole model when needed."""

    def __init__(self, setup: Setup, reusable: ReusableHead | None = None) -> None:
        self.setup, self.head = setup, _head(setup)
        self.info = setup.splits.info  # with what is chosen on validation, once that is known
        self.known: KnownExamples | None = None  # what was learned from, likewise
        self._reusable = reusable or (ReusableHead() if has_reusable_head(setup) else None)
        self._parts: ModelParts | None = None
        self._loose: keras.Model | None = None  # the head behind its pooling, trained on frozen features

    @property
    def built(self) -> bool:
        """Whether the whole model is there."""
        return self._parts is not None

    def head_on(self, shape: tuple[int, ...]) -> keras.Model:
        """The head alone, for pooled features of this shape; the same one each time."""
        if self._loose is None:
            keras.utils.set_random_seed(self.setup.options.seed)
            build = functools.partial(build_head, shape, replace(self.head, pooling="none"))
            self._loose = self._reusable.head(build, self.head.dropout) if self._reusable is not None else build()
        return self._loose

    def reusable(self, model: keras.Model) -> ReusableHead | None:
        """What is compiled for a model, if it is the head alone."""
        return self._reusable if self._reusable is not None and self._reusable.model is model else None

    def head_weights(self) -> list[np.ndarray]:
        """What the head has learned."""
        head = self._loose if self._loose is not None else self.parts().head
        return list(head.get_weights())

    def soften(self, temperature: float) -> None:
        """Divide the sums before the outputs: answers are less sure above 1, surer below."""
        head = self._loose if self._loose is not None else self.parts().head
        output = head.get_layer("output")
        output.set_weights([each / temperature for each in output.get_weights()])

    def parts(self) -> ModelParts:
        """The whole model with what its head has learned on features so far."""
        if self._parts is None:
            keras.utils.set_random_seed(self.setup.options.seed)
            self._parts = _build_parts(self.setup, self.head)
        if self._loose is not None:
            self._parts.head.set_weights(self._loose.get_weights())
        return self._parts

    def save(self, folder: Path, name: str) -> None:
        """Write the model file; `name` is the recipe's."""
        save_model(self.parts().model, folder / "model.keras", page_of(self.info, name=name), self.known)

    def join(self, members: Sequence[ModelBuilder], views: Sequence[View]) -> None:
        """Be the joint model of several builders of the same shape, this one among them, over views of an input."""
        every = [each.parts() for each in members]
        given = [(each.preprocessing, each.backbone, each.head) for each in every]
        parts, self.head = combined(given, self.head, views)
        self._parts, self._loose = ModelParts(assemble(*parts), *parts, every[0].precision), None

    def release(self) -> None:
        """From here on the head is trained as a part of the model."""
        self.parts()
        self._loose = None


def has_reusable_head(setup: Setup) -> bool:
    """Whether a head's steps can be compiled by `ReusableHead`."""
    averages = any(phase.optimizer.get("average") is not None for phase in setup.phases)
    return keras.backend.backend() == "tensorflow" and not averages


def _build_parts(setup: Setup, head: Head) -> ModelParts:
    """The model, in the precision that suits what of it is trained."""
    with _policy("float32"):
        preprocessing, backbone = build_backbone(setup.backbone)
    precision = _training_precision(setup, backbone)
    if precision != "float32":
        keras.utils.set_random_seed(setup.options.seed)
    with _policy("float32" if precision == "float32" else f"mixed_{precision}"):
        if precision != "float32":
            preprocessing, backbone = build_backbone(setup.backbone)
        built = build_head(backbone.output_shape[1:], head)
    return ModelParts(assemble(preprocessing, backbone, built), preprocessing, backbone, built, precision)


@contextmanager
def _policy(name: str) -> Iterator[None]:
    """Layers made here have this precision; the caller's own is left as it was."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _head(setup: Setup) -> Head:
    info, train = setup.splits.info, setup.splits.train
    return Head(
        **vars(setup.model.head),
        **task_of(info.task).output(train.targets),
        num_outputs=info.num_outputs,
        beside=scales(train.beside),
    )


def _training_precision(setup: Setup, backbone: keras.Model) -> str:
    """Half precision where the backbone is trained and gains by it: on GPUs, and on CPUs with bfloat16 units."""
    asked = setup.options.precision
    if asked != "auto":
        return asked if _trains_backbone(setup) or setup.engine == "keras" else "float32"
    if gpu_names():
        return "bfloat16"
    depthwise = any(
        isinstance(each, keras.layers.DepthwiseConv2D | keras.layers.SeparableConv2D) for each in backbone.layers
    )
    convolves = any("Conv" in type(each).__name__ for each in backbone.layers)
    gains = cpu_has_bf16() and convolves and not depthwise  # oneDNN's depthwise bf16 is slower than float32
    return "bfloat16" if gains and _trains_backbone(setup) else "float32"


def _trains_backbone(setup: Setup) -> bool:
    return any(phase.trains_backbone for phase in setup.phases)
