"""One row of numbers for each example that says what is in it: frozen features where there are any."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tlkit.data.splits import Splits
from tlkit.engines.engine_process import EngineProcess
from tlkit.engines.feature_cache import FeatureRows
from tlkit.engines.frozen_features import begin_extraction, extract_here
from tlkit.engines.frozen_part import FrozenPart, choose_engine
from tlkit.errors import EngineError, ModelError
from tlkit.kinds.kind import kind_of
from tlkit.model.building import BackboneSpec, backbone_spec
from tlkit.quiet import load_keras
from tlkit.recipe.schema import Recipe
from tlkit.training.planning import model_of
from tlkit.training.setup import learned

_USUAL = "efficientnet-lite0"  # for pictures of a recipe whose own net has no weights yet
_LEAST_SIDE = 32


def features_of(recipe: Recipe, splits: Splits) -> tuple[np.ndarray, dict[str, str]] | None:
    """Frozen features of every readable example, in the order of the parts, and what was unreadable.

    None where no backbone has weights. They are those that a run of the recipe needs, and are kept in the same cache.
    """
    spec = _backbone(recipe, splits)
    if spec is None:
        return None
    engine, precision = choose_engine(recipe.train.engine, recipe.train.precision, pretrained=spec.pretrained)
    frozen = FrozenPart(spec, None, recipe.model.head.pooling, engine, precision)
    found = _by_openvino(frozen, splits) if engine == "openvino" else _by_keras(frozen, splits)
    rows = {name: each.load(range(len(each))) for extraction in found for name, each in extraction.rows.items()}
    joined = np.concatenate([rows[name].reshape(len(rows[name]), -1) for name in splits.parts()])
    return joined, {name: why for extraction in found for name, why in extraction.bad.items()}


class _Embedded(NamedTuple):
    """Features by part, and what was unreadable."""

    rows: dict[str, FeatureRows]
    bad: dict[str, str]


def _backbone(recipe: Recipe, splits: Splits) -> BackboneSpec | None:
    spec = model_of(recipe, splits.info).backbone
    if spec.pretrained:
        return spec
    shape = splits.info.input_shape
    if not kind_of(splits.info.kind).is_picture or len(shape) != 3 or min(shape[:2]) < _LEAST_SIDE:
        return None
    try:
        usual = backbone_spec(_USUAL, None, splits.info, {}, recipe.folder)
        usual.identity()  # finds the weights
    except ModelError:
        return None
    return usual


def _by_openvino(frozen: FrozenPart, splits: Splits) -> list[_Embedded]:
    process = EngineProcess()
    try:
        begun = [
            begin_extraction(frozen, learned(splits), process),
            begin_extraction(frozen.exact(), {"test": splits.test}, process),
        ]
        return [_Embedded(each.finish(), each.bad) for each in begun]
    except EngineError:
        return _by_keras(FrozenPart(frozen.backbone, None, frozen.pooling, "keras", "float32"), splits)
    finally:
        process.stop()


def _by_keras(frozen: FrozenPart, splits: Splits) -> list[_Embedded]:
    load_keras()
    from tlkit.model.building import build_backbone

    extraction = extract_here(frozen, splits.parts(), build_backbone(frozen.backbone))
    return [_Embedded(extraction.finish(), extraction.bad)]
