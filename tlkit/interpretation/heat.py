"""Heat maps of one input, by covering it or from a layer's maps, and how far they can be trusted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from tlkit.engines.inference import ModelRunner
from tlkit.errors import DataError
from tlkit.interpretation import figures as figures
from tlkit.interpretation.explanations import Explanation, Options
from tlkit.interpretation.methods.boxes import box_around
from tlkit.interpretation.methods.class_activation import SplitModel, class_activation, enlarged, take_apart
from tlkit.interpretation.methods.faithfulness import Faithfulness, judge, likeness, untrained
from tlkit.interpretation.methods.occlusion import Answers, Occlusion, occlude
from tlkit.interpretation.target import ExplainedModel

_BOXED = {"gradcam": 0.02, "occlusion": 0.1}  # share of a map's maximum that belongs to the object


def by_occlusion(subject: ExplainedModel, example: np.ndarray, options: Options) -> Explanation:
    output = subject.output_of(options.class_name, example, options.believed)
    if not subject.shape:
        raise DataError("a text is one string to its model, and has no windows to cover; gradcam works")
    patch = _patch(subject) if options.patch is None else options.patch

    def occluded(answers: Answers) -> Occlusion:
        shows: dict[str, Any] = {"stride": options.stride, "fill": options.fill, "grey": subject.kind.grey}
        return occlude(answers, example, output, axes=subject.axes, patch=patch, **shows)

    found = occluded(subject.answers)

    def again(model: keras.Model) -> np.ndarray:
        return occluded(ModelRunner(lambda: model)).heat

    what = f"how much it falls when {_size(patch, subject)} is covered ({options.fill})"
    result = _heat_result(subject, example, options, "occlusion", output, found.heat, found.probability, what)
    result.arrays["probabilities"] = found.probabilities
    return _with_trust(subject, example, options, output, result, again)


def by_layers(subject: ExplainedModel, example: np.ndarray, options: Options) -> Explanation:
    output = subject.output_of(options.class_name, example, options.believed)
    taken = take_apart(subject.model, options.layer)

    def heat_of(taken: SplitModel) -> np.ndarray:
        heat = class_activation(taken, example[None], [output])[0]
        if heat.ndim == 2 and len(subject.positions) == 1:
            heat = heat.mean(axis=0)  # a spectrogram's bins are no positions of the sound
        return enlarged(heat, subject.positions) if heat.ndim == len(subject.positions) else heat

    probability = float(subject.answers([example])[0][output])
    what = f"{'class activation map' if taken.exact else 'Grad-CAM'} at {taken.layer}"
    result = _heat_result(subject, example, options, "gradcam", output, heat_of(taken), probability, what)
    return _with_trust(
        subject, example, options, output, result, lambda model: heat_of(take_apart(model, options.layer))
    )


def _heat_result(
    subject: ExplainedModel,
    example: np.ndarray,
    options: Options,
    method: str,
    output: int,
    heat: np.ndarray,
    probability: float,
    what: str,
) -> Explanation:
    name = subject.name_of(output)
    box = box_around(np.maximum(heat, 0), _BOXED[method]) if subject.is_picture and heat.max() > 0 else None
    title = f"{options.title or 'Why'}: {name}, {probability:.3f}"
    figure = figures.heat_figure(example, heat, title=title, subtitle=what, shape=options.shape, box=box)
    return Explanation(method, name, probability, heat, box, figures={method: figure})


def _with_trust(
    subject: ExplainedModel,
    example: np.ndarray,
    options: Options,
    output: int,
    result: Explanation,
    again: Callable[[Any], np.ndarray],
) -> Explanation:
    """The curves and the untrained model's map, where they are asked for."""
    if not options.trust or result.heat is None or result.heat.shape != example.shape[: result.heat.ndim]:
        return result
    trust: Faithfulness = judge(subject.answers, example, result.heat, output, grey=subject.kind.grey)
    blank = subject.untrained.setdefault(0, untrained(subject.model))
    alike = likeness(result.heat, again(blank))
    result.numbers |= {**trust.numbers, "untrained_likeness": alike}
    title = f"{options.title or 'How far to trust it'}: {result.method}"
    areas = ", ".join(f"{name} {trust.numbers[name]:.3f}" for name in ("deletion", "insertion"))
    subtitle = f"areas: {areas}; likeness to an untrained model's map {alike:+.2f}"
    result.figures[f"{result.method}_trust"] = figures.trust_figure(trust, title=title, subtitle=subtitle)
    return result


def _patch(subject: ExplainedModel) -> int:
    """About a fourteenth of a picture, an eighth of a signal or cube, one view."""
    if subject.kind.covered_whole:
        return 1
    return max(1, round(min(subject.shape[: subject.axes]) / (14 if subject.axes == 2 else 8)))


def _size(patch: int, subject: ExplainedModel) -> str:
    return subject.kind.covered_whole or " x ".join([str(patch)] * subject.axes)
