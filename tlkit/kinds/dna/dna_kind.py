"""DNA: codes of letters, drawn in colours."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tlkit.catalog import Entry
from tlkit.kinds.dna.dna import input_of, inputs_at, labelled_sequences
from tlkit.kinds.dna.dna_nets import DNA_NETS
from tlkit.kinds.kind import Kind
from tlkit.kinds.previews import PAPER
from tlkit.layers.alphabet import ALPHABET

_COLOURS = {"A": (47, 133, 90), "C": (43, 108, 176), "G": (180, 120, 0), "T": (197, 48, 48), "U": (197, 48, 48)}
_UNKNOWN = (123, 135, 148)
_MOST_LETTERS = 480


def _drawn(values: np.ndarray) -> Image.Image | None:
    """The first letters in rows, each base in its colour; codes of letters as these."""
    text = _letters(values)[:_MOST_LETTERS]
    if not text:
        return None
    columns = int(np.ceil(np.sqrt(len(text) * 1.6)))
    width, height = 9, 14
    image = Image.new("RGB", (columns * width + 8, -(-len(text) // columns) * height + 8), PAPER)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(12)
    for index, letter in enumerate(text):
        corner = (4 + index % columns * width, 3 + index // columns * height)
        pen.text(corner, letter, fill=_COLOURS.get(letter.upper(), _UNKNOWN), font=font)
    return image


def _letters(values: np.ndarray) -> str:
    letters = np.array(list(ALPHABET))[values] if values.dtype.kind in "iu" else values
    return "".join(map(str, letters.reshape(-1).tolist()))


DNA = Kind(
    "dna",
    inputs_at=inputs_at,
    labelled_at=labelled_sequences,
    input_of=input_of,
    is_string=True,
    encoded=_letters,
    preparations={"letters": Entry("tlkit.kinds.dna.one_hot:letters", "DNA letters as one-hot rows")},
    augmentations=("reverse_complement",),
    views={"reverse_complement": Entry("tlkit.kinds.input_views:both_axes_reversed", "the other strand")},
    draw=_drawn,
    starting_points=DNA_NETS,
    guesses={30: "tlkit.kinds.dna.dna_guess:guess_sequences"},
    grey=float(list(ALPHABET).index("N")),
)
