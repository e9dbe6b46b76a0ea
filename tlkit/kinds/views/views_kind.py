"""Several pictures of one object, drawn side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from tlkit.kinds.kind import Kind
from tlkit.kinds.previews import PAPER, SIDE, draw_picture
from tlkit.kinds.views.view_folders import input_of, inputs_at, labelled_views

_MOST_VIEWS = 9


def _drawn(values: np.ndarray) -> Image.Image | None:
    """The views of an object side by side."""
    if values.ndim != 4:
        return None
    shown = [drawn for each in values[:_MOST_VIEWS] if (drawn := draw_picture(each)) is not None]
    columns = int(np.ceil(np.sqrt(len(shown))))
    if not shown:
        return None
    side = max(1, 2 * SIDE // columns)
    sheet = Image.new("RGB", (columns * side, -(-len(shown) // columns) * side), PAPER)
    for index, each in enumerate(shown):
        sheet.paste(each.convert("RGB").resize((side, side)), (index % columns * side, index // columns * side))
    return sheet


def _files(item: Any) -> tuple[str, ...]:
    return item if isinstance(item, tuple) else ()


VIEWS = Kind(
    "views",
    inputs_at=inputs_at,
    labelled_at=labelled_views,
    input_of=input_of,
    picture_files=_files,
    draw=_drawn,
    guesses={50: "tlkit.kinds.views.view_sets:guess_views"},
    covered_whole="a view",
)
