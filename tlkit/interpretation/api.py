"""Why a model says what it says: heat maps, filters, maps of features, and how steady its answers are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tlkit.errors import DataError, nearest
from tlkit.interpretation.explanations import Explanation, Options
from tlkit.interpretation.heat import by_layers, by_occlusion
from tlkit.interpretation.layers import show_features, show_filters, show_invariance
from tlkit.interpretation.target import ExplainedModel, example_of, proportions, subject_of

METHODS: dict[str, Callable[[ExplainedModel, Any, Options], Explanation]] = {
    "occlusion": by_occlusion,
    "gradcam": by_layers,
    "features": show_features,
    "filters": show_filters,
    "invariance": show_invariance,
}


def explain(
    model: Any, example: Any, method: str = "occlusion", *, engine: str = "auto", **options: Any
) -> Explanation:
    """Look into a model with one example.

    Args:
        model: a run's name, a loaded run, or a functional Keras model.
        example: a path, a PIL picture, or an array as the model takes it.
        method: occlusion, gradcam, features, filters or invariance.
        options: the fields of `Options`: class_name, patch, stride, fill, layer, filters, trust.

    Example:
        >>> found = tlkit.explain("latest", "cat.jpg", "gradcam")  # doctest: +SKIP
        >>> found.box, found.save("why")  # doctest: +SKIP
        ((31, 12, 180, 201), [PosixPath('why/gradcam.png')])
    """
    subject = subject_of(model, engine=engine)
    with subject.answers:
        settings = {"shape": proportions(subject, example), **options}
        return look(subject, example_of(subject, example), method, Options(**settings))


def look(subject: ExplainedModel, example: np.ndarray, method: str, options: Options) -> Explanation:
    """One method's explanation of an input that is ready for the model."""
    if method not in METHODS:
        raise DataError(f"method '{method}': {nearest(method, METHODS) or 'expected ' + ', '.join(METHODS)}")
    return METHODS[method](subject, example, options)
