"""Filters, maps of features, and how steady a model is when its input moves."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from tlkit.errors import ModelError
from tlkit.interpretation import figures as figures
from tlkit.interpretation.explanations import Explanation, Options
from tlkit.interpretation.methods.activation_maximization import exciting_pictures
from tlkit.interpretation.methods.equivariance import follow_shift
from tlkit.interpretation.methods.feature_maps import arranged, feature_maps, telling_layers, tiled
from tlkit.interpretation.methods.filters import first_filters, shades
from tlkit.interpretation.methods.invariance import changes_for, vary
from tlkit.interpretation.target import ExplainedModel
from tlkit.paths import file_name


def show_features(subject: ExplainedModel, example: np.ndarray, options: Options) -> Explanation:
    result = Explanation("features")
    for layer in [options.layer] if options.layer else telling_layers(subject.model):
        maps = feature_maps(subject.model, example, layer)
        result.arrays[file_name(layer)] = maps
        size = " x ".join(str(each) for each in maps.shape[:-1])
        title = {"title": f"{layer} sees", "subtitle": f"{maps.shape[-1]} maps of {size}, the liveliest first"}
        name = file_name(f"features_{layer}")
        if maps.ndim == 2:
            lively = np.argsort(-maps.std(axis=0), kind="stable")[:32]
            result.figures[name] = figures.lines_figure(maps.T[lively][..., None], **title)
        else:
            flat = maps if maps.ndim == 3 else maps[maps.shape[0] // 2]  # of a cube or of views, the middle one
            result.figures[name] = figures.sheet_figure(tiled(flat), **title, colours="viridis")
    return result


def show_filters(subject: ExplainedModel, example: np.ndarray | None, options: Options) -> Explanation:
    filters = first_filters(subject.model)
    subtitle = f"{len(filters)} filters of {' x '.join(str(each) for each in filters.shape[1:])}"
    words = {"title": "What the first layer looks for", "subtitle": subtitle}
    drawn = figures.lines_figure(filters, **words) if filters.ndim == 3 else _sheet(shades(filters), words)
    result = Explanation("filters", arrays={"filters": filters}, figures={"filters": drawn})
    if options.filters:
        layer = options.layer or telling_layers(subject.model)[-1]
        pictures, gains = exciting_pictures(subject.model, layer, list(options.filters))
        result.arrays["exciting"] = pictures
        result.numbers |= {f"excited_{each}": float(gain) for each, gain in zip(options.filters, gains, strict=True)}
        if subject.is_picture:
            names = ", ".join(str(each) for each in options.filters)
            words = {"title": f"What excites {layer}", "subtitle": f"filters {names}"}
            result.figures["exciting"] = figures.sheet_figure(arranged(pictures, gap=6), **words)
    return result


def _sheet(tiles: np.ndarray, words: dict[str, str]) -> Figure:
    enlarged_tiles = tiles.repeat(8, axis=1).repeat(8, axis=2)
    return figures.sheet_figure(arranged(enlarged_tiles, gap=6), **words)


def show_invariance(subject: ExplainedModel, example: np.ndarray, options: Options) -> Explanation:
    output = subject.output_of(options.class_name, example, options.believed)
    changes = changes_for(example, picture=subject.is_picture and example.dtype == np.uint8)
    curves = vary(subject.answers, example, output, changes)
    result = Explanation("invariance", subject.name_of(output))
    result.numbers = {f"steady_{curve.name}": curve.steadiness for curve in curves}
    titles = [change.title for change in changes]
    try:
        follow = follow_shift(subject.model, example, options.layer)
    except ModelError:
        follow = None  # no convolution: nothing that could follow
    if follow is not None:
        result.numbers["follows_shift"] = float(follow.probabilities.mean())
    for curve in [*curves, *([follow] if follow else [])]:
        result.arrays |= {f"{curve.name}_strengths": curve.strengths, f"{curve.name}_values": curve.probabilities}
    subtitle = "how its probability moves; the number is 1 where it does not"
    title = f"{options.title or 'Steadiness'}: {result.class_name}"
    result.figures["invariance"] = figures.curves_figure(
        curves, titles, title=title, subtitle=subtitle, bound="probability"
    )
    if follow is not None:
        words = {"title": f"Does {follow.name} follow?", "subtitle": "likeness of its maps to its maps moved"}
        result.figures["equivariance"] = figures.curves_figure([follow], ["shift, positions"], **words, bound="cosine")
    return result
