"""The frozen part of a model: what it is and how it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tlkit.engines.hardware import cpu_has_bf16, gpu_names, has_openvino
from tlkit.errors import EngineError
from tlkit.model.building import BackboneSpec


@dataclass(frozen=True)
class FrozenPart:
    """A model up to a cut, and behind a whole backbone the head's pooling, run by an engine at a precision."""

    backbone: BackboneSpec
    cut: str | None  # the last frozen layer; None: the whole backbone
    pooling: str
    engine: str
    precision: str
    augment: tuple[Mapping[str, Any], ...] = ()
    augment_spec: str = ""
    seed: int = 0
    digest: str = ""  # of the weights, where the backbone's description does not say which they are

    def identity(self) -> dict[str, object]:
        """What the features depend on."""
        views = {"views": self.augment_spec, "seed": self.seed} if self.augment else {}
        return {
            **self.backbone.identity(),
            **views,
            "digest": self.digest,
            "cut": self.cut or "end",
            "pooling": self.pooling if self.cut is None else "none",
            "engine": self.engine,
            "precision": self.precision,
            "layout": 3,
        }

    def exact(self) -> FrozenPart:
        """The same as the saved file computes it: what is judged is not rounded for speed."""
        return replace(self, precision="float32") if self.engine == "openvino" else self


def choose_engine(engine: str, precision: str, *, pretrained: bool) -> tuple[str, str]:
    """The engine and precision for frozen parts: the fastest known rule for this machine, or what was asked for."""
    gpu = bool(gpu_names())
    if engine == "auto":
        engine = "openvino" if has_openvino() and not gpu and pretrained else "keras"
    if engine == "openvino" and not has_openvino():
        raise EngineError("train.engine: openvino is not installed; pip install openvino, or say engine: keras")
    if engine == "openvino" and precision == "float16":
        raise EngineError("train.precision: float16 is for engine: keras; with openvino say bfloat16, float32 or auto")
    if precision == "auto":
        precision = "bfloat16" if (cpu_has_bf16() if engine == "openvino" else gpu) else "float32"
    return engine, precision
