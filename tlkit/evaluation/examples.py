"""Examples as cards: what each looks like, what was said of it, and what it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from PIL import Image

from tlkit.evaluation.html_page import encode, inline, section, short

_MOST_CARDS = 24
_SIDE = 160  # of a thumbnail, in pixels

Thumbnail = Callable[[int], Image.Image | None]


def examples_sections(predictions: pd.DataFrame, thumbnail: Thumbnail) -> list[str]:
    """The surest mistakes and the least sure examples, or the largest errors of a number."""
    if "error" in predictions:
        sizes = predictions["error"].abs()
        wrong = predictions.loc[sizes[sizes > 0].sort_values(ascending=False, kind="stable").index]
        return [_cards("Largest errors", "examples with an error, the largest first", wrong, thumbnail)]
    wrong = predictions[~predictions["correct"].astype(bool)].sort_values("probability", ascending=False, kind="stable")
    unsure = predictions.sort_values("probability", kind="stable")
    return [
        _cards("Surest mistakes", "mistakes, the surest first", wrong, thumbnail),
        _cards("Least sure", "examples, the least sure first; right or wrong", unsure, thumbnail),
    ]


def _cards(title: str, what: str, rows: pd.DataFrame, thumbnail: Thumbnail) -> str:
    shown = rows.head(_MOST_CARDS).to_dict("index")
    if not shown:
        return ""
    cards = "\n".join(_card(row, thumbnail(number)) for number, row in shown.items())
    return section(title, f'<ul class="cards">\n{cards}\n</ul>', f"{len(shown)} of {len(rows):,} {what}.")


def _card(row: Mapping[str, Any], image: Image.Image | None) -> str:
    name, wrong = short(row["example"]), not row.get("correct", True)
    drawn = f'<img src="{inline("jpeg", shrink(image))}" alt="{name}" loading="lazy">' if image is not None else ""
    lines = _number_lines(row) if "error" in row else _class_lines(row)
    caption = (
        "".join(f"<span>{line}</span>" for line in lines) + f'<span class="name">{name.replace("/", "/<wbr>")}</span>'
    )
    kind = "card wrong" if wrong else "card"
    return f'<li class="{kind}"><figure>{drawn}<figcaption>{caption}</figcaption></figure></li>'


def _class_lines(row: Mapping[str, Any]) -> tuple[str, ...]:
    said, true = (short(row[key] or "no label") for key in ("predicted", "true"))
    return f"<i>said</i> <b>{said}</b> {row['probability']:.1%}", f"<i>is</i> {true}"


def _number_lines(row: Mapping[str, Any]) -> tuple[str, ...]:
    if "predicted" not in row:
        names = [key.removeprefix("true_") for key in row if str(key).startswith("true_")]
        return *(_one_of_several(row, name) for name in names), f"<i>error</i> {row['error']:,.4g} deviations"
    said = f"<i>said</i> <b>{row['predicted']:,.4g}</b>"
    return said, f"<i>is</i> {row['true']:,.4g}", f"<i>error</i> {row['error']:+,.4g}"


def _one_of_several(row: Mapping[str, Any], name: str) -> str:
    return f"{short(name)} <b>{row[f'predicted_{name}']:,.4g}</b> <i>is</i> {row[f'true_{name}']:,.4g}"


def shrink(image: Image.Image) -> bytes:
    """A JPEG of at most 160 pixels a side, on white; very small pictures are enlarged, their pixels kept sharp."""
    image = _flatten(image)
    if (times := _SIDE // max(image.size)) > 1:
        image = image.resize([side * times for side in image.size], Image.Resampling.NEAREST)
    image.thumbnail((_SIDE, _SIDE))
    return encode(image, "JPEG", quality=80, optimize=True)


def _flatten(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
