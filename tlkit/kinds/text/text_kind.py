"""Texts: strings, drawn as their first words."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tlkit.catalog import Entry
from tlkit.kinds.kind import Kind
from tlkit.kinds.previews import INK, PAPER, SIDE
from tlkit.kinds.text.text import input_of, inputs_at, labelled_texts
from tlkit.kinds.text.text_nets import TEXT_NETS


def _drawn(values: np.ndarray) -> Image.Image | None:
    words = str(values.item() if values.ndim == 0 else " ".join(map(str, values.reshape(-1).tolist())))
    line = ""
    lines: list[str] = []
    for word in words.split()[:200]:
        if len(line) + len(word) > 26:
            lines, line = [*lines, line], ""
        line = f"{line} {word}".strip()[:40]
    lines = [*lines, line][:12]
    image = Image.new("RGB", (SIDE, SIDE), PAPER)
    ImageDraw.Draw(image).multiline_text((5, 4), "\n".join(lines), fill=INK, font=ImageFont.load_default(10))
    return image


TEXT = Kind(
    "text",
    inputs_at=inputs_at,
    labelled_at=labelled_texts,
    input_of=input_of,
    is_string=True,
    encoded=str,
    preparations={"words": Entry("tlkit.kinds.text.word_vectors:words", "texts as rows of learned word vectors")},
    draw=_drawn,
    starting_points=TEXT_NETS,
    guesses={
        90: "tlkit.kinds.text.text_guesses:guess_text_files",
        110: "tlkit.kinds.text.text_guesses:guess_text_table",
    },
)
