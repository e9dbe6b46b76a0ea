"""A model and its three parts, built for a setup in the precision that suits what of it is trained."""

from __future__ import annotations

from dataclasses import dataclass

import keras

from tlkit.model.building import assemble, build_front, build_head
from tlkit.training.hardware import cpu_has_bf16, gpu_names
from tlkit.workflows.run import Setup


@dataclass
class Parts:
    """The model and its three parts, as they are trained."""

    model: keras.Model
    preprocessing: keras.Model
    backbone: keras.Model
    head: keras.Model
    precision: str


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
    depthwise = any(
        isinstance(each, keras.layers.DepthwiseConv2D | keras.layers.SeparableConv2D) for each in backbone.layers
    )
    convolves = any("Conv" in type(each).__name__ for each in backbone.layers)
    gains = cpu_has_bf16() and convolves and not depthwise  # oneDNN's depthwise bf16 is slower than float32
    return "bfloat16" if gains and _trains_backbone(setup) else "float32"


def _trains_backbone(setup: Setup) -> bool:
    return any(phase["unfreeze"] not in ("none", 0) for phase in setup.phases)
