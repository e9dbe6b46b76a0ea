"""A run as one page to look at: scores, pictures, classes, what went wrong, and the recipe."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from string import Template

import pandas as pd
from PIL import Image

from tlkit.evaluation.canvas import shorten
from tlkit.evaluation.metrics import Scores

_MOST_CLASSES, _WORST_SHOWN, _MOST_CARDS = 100, 50, 24
_SIDE = 160  # of a thumbnail, in pixels
_ROOM = 1_200_000  # bytes of all pictures together, before they are encoded as text
_WIDE = 1.6  # width over height from which on a picture has a row of its own
_COLORS = 64
_LONGEST = 120  # letters of a name
_HEADLINES = {"accuracy": "accuracy", "subset_accuracy": "examples with all labels right", "mae": "mean absolute error"}
_TITLES = {"f1": "F1", "roc_auc": "AUC", "ece": "calibration error (ECE)", "mae": "MAE", "rmse": "RMSE", "r2": "R²"}
_CONTENTS = {
    "Learning curves": "loss and scores of training and validation after each epoch",
    "Confusion matrix": "the share of each true class that was predicted as each class",
    "Reliability": "how often predictions are right, against the probability given to them",
}
_COLUMNS = {"precision": "Precision", "recall": "Recall", "f1": "F1", "roc_auc": "AUC"}

Thumbnail = Callable[[int], Image.Image | None]


def write_report(
    path: Path,
    *,
    title: str,
    facts: Mapping[str, str],
    scores: Scores,
    predictions: pd.DataFrame,
    pictures: Mapping[str, Path],
    train_counts: Mapping[str, int],
    thumbnail: Thumbnail,
    recipe: str,
) -> None:
    """Write a self-contained HTML file, under 3 MB whatever the number of classes and examples.

    Args:
        predictions: what `tlkit.evaluation.predictions.table` returns.
        pictures: PNG files by title.
        train_counts: training examples by class; may be empty.
        thumbnail: the picture of the example in a row of predictions, None where it is no picture.

    Example:
        >>> write_report(Path("report.html"), title="cats", facts={"net": "resnet18"}, scores=scores, predictions=table,
        ...     pictures={}, train_counts={}, thumbnail=lambda row: None, recipe="name: cats")  # doctest: +SKIP
    """
    sections = [
        _pictures_section(pictures),
        _scores_section(scores),
        _classes_section(scores.per_class, train_counts),
        *_examples_sections(predictions.reset_index(drop=True), thumbnail),
        _section("Recipe", f'<pre tabindex="0">{_safe(recipe.strip())}</pre>') if recipe.strip() else "",
    ]
    page = Template(_beside("report.html")).substitute(
        title=_safe(title),
        style=_beside("report.css"),
        headline=_headline(scores.metrics, len(predictions)) + _facts(facts),
        sections="\n".join(filter(None, sections)),
    )
    _write(path, page)


def _beside(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _write(path: Path, page: str) -> None:
    """All of it or nothing; file names that are no Unicode get question marks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(page.encode("utf-8", "replace"))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _safe(text: object) -> str:
    return escape(str(text))


def _short(text: object) -> str:
    return escape(shorten(str(text), _LONGEST))


def _section(title: str, body: str, note: str = "") -> str:
    name = title.lower().replace(" ", "-")
    below = f'<p class="quiet">{note}</p>\n' if note else ""
    return f'<section aria-labelledby="{name}">\n<h2 id="{name}">{title}</h2>\n{below}{body}\n</section>'


def _headline(metrics: Mapping[str, float], count: int) -> str:
    key = next((key for key in _HEADLINES if key in metrics), None)
    if key is None:
        return ""
    interval = _interval(metrics, key)
    below = f'<span class="quiet">95% interval {interval}</span>' if interval else ""
    what = f"<div>{_HEADLINES[key]} on {_plural(count, 'test example')}{below}</div>"
    return f'<div class="score"><strong>{_value(key, metrics[key])}</strong> {what}</div>'


def _interval(metrics: Mapping[str, float], key: str) -> str:
    ends = [metrics.get(f"{key}_{end}") for end in ("low", "high")]
    return "" if None in ends else " to ".join(_value(key, end) for end in ends)


def _value(key: str, value: float) -> str:
    share = key.endswith("accuracy") or key.startswith("top_")
    return f"{value:.1%}" if share else f"{value:,.4g}"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _facts(facts: Mapping[str, str]) -> str:
    lines = "\n".join(f"<div><dt>{_safe(name)}</dt><dd>{_safe(value)}</dd></div>" for name, value in facts.items())
    return f'\n<dl class="facts">\n{lines}\n</dl>' if lines else ""


def _pictures_section(pictures: Mapping[str, Path]) -> str:
    room = _ROOM // max(len(pictures), 1)
    return _section("Pictures", _grid(_picture(*each, room) for each in pictures.items())) if pictures else ""


def _grid(figures: Iterable[str]) -> str:
    return '<div class="pictures">\n' + "\n".join(figures) + "\n</div>"


def _picture(title: str, path: Path, room: int) -> str:
    content, (width, height) = _fit(path, room)
    wide = " wide" if width / height > _WIDE else ""
    alt = f"{title}: {_CONTENTS[title]}" if title in _CONTENTS else title
    image = f'<img src="{_inline("png", content)}" alt="{_safe(alt)}" width="{width}" height="{height}">'
    scrolls = f' tabindex="0" role="region" aria-label="{_safe(title)}"' if wide else ""
    return f'<div class="picture{wide}"{scrolls}>{image}</div>'


def _fit(path: Path, room: int) -> tuple[bytes, tuple[int, int]]:
    """The file as it is, or with fewer colours, then fewer pixels, until it has room."""
    content = path.read_bytes()
    with Image.open(BytesIO(content)) as image:
        size = image.size
        smaller = image.convert("RGB") if len(content) > room else None
    while len(content) > room:
        content = _encode(smaller.quantize(_COLORS), "PNG", optimize=True)
        smaller = smaller.resize([max(side * 3 // 4, 1) for side in smaller.size], Image.Resampling.LANCZOS)
    return content, size


def _encode(image: Image.Image, kind: str, **options) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _inline(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{b64encode(content).decode('ascii')}"


def _table(caption: str, heads: Sequence[str], rows: Iterable[str]) -> str:
    """A box that scrolls sideways, by keyboard too; rows are `<tr>` already."""
    columns = "".join(f'<th scope="col">{head}</th>' for head in heads)
    head = f"<caption>{caption}</caption>\n<thead><tr>{columns}</tr></thead>"
    body = "\n".join(rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}">\n'
        f"<table>\n{head}\n<tbody>\n{body}\n</tbody>\n</table>\n</div>"
    )


def _row(head: str, cells: Iterable[str]) -> str:
    return f'<tr><th scope="row">{head}</th>{"".join(cells)}</tr>'


def _scores_section(scores: Scores) -> str:
    metrics = scores.metrics
    keys = [key for key in metrics if not key.endswith(("_low", "_high"))]
    rows = [_row(_title(key), (_cell(_value(key, metrics[key])), _cell(_interval(metrics, key)))) for key in keys]
    notes = "".join(f'\n<p class="quiet notes">{_safe(note)}</p>' for note in scores.notes)
    table = _table("All scores of the test split", ("Score", "Value", "95% interval"), rows)
    return _section("Scores", table + notes) if rows else ""


def _title(key: str) -> str:
    words = _TITLES.get(key, key.replace("_f1", " F1").replace("_", " "))
    return _safe(words[:1].upper() + words[1:])


def _cell(text: str) -> str:
    return f"<td>{text}</td>"


def _classes_section(rows: Sequence[Mapping], train_counts: Mapping[str, int]) -> str:
    if not rows:
        return ""
    caption = "The one class" if len(rows) == 1 else f"All {len(rows)} classes"
    if len(rows) > _MOST_CLASSES:
        caption = f"The {_WORST_SHOWN} classes with the lowest F1, out of {len(rows):,}; the lowest first"
        rows = sorted(rows, key=lambda row: (row["f1"] is None, row["f1"]))[:_WORST_SHOWN]
    heads = ("Class", *_COLUMNS.values(), "Test examples", *(["Training examples"] if train_counts else []))
    return _section("Classes", _table(caption, heads, (_class_row(row, train_counts) for row in rows)))


def _class_row(row: Mapping, train_counts: Mapping[str, int]) -> str:
    cells = [_measure(row[key], barred=key == "f1") for key in _COLUMNS]
    trained = [_cell(f"{train_counts.get(row['class'], 0):,}")] if train_counts else []
    return _row(_short(row["class"]), [*cells, _cell(f"{row['support']:,}"), *trained])


def _measure(value: float | None, *, barred: bool) -> str:
    if value is None:
        return _cell('<span title="no examples to tell by">–</span>')
    return f'<td class="bar" style="--share:{value:.1%}">{value:.3f}</td>' if barred else _cell(f"{value:.3f}")


def _examples_sections(predictions: pd.DataFrame, thumbnail: Thumbnail) -> list[str]:
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
    return _section(title, f'<ul class="cards">\n{cards}\n</ul>', f"{len(shown)} of {len(rows):,} {what}.")


def _card(row: Mapping, image: Image.Image | None) -> str:
    name, wrong = _short(row["example"]), not row.get("correct", True)
    drawn = f'<img src="{_inline("jpeg", _shrink(image))}" alt="{name}" loading="lazy">' if image is not None else ""
    lines = _number_lines(row) if "error" in row else _class_lines(row)
    caption = (
        "".join(f"<span>{line}</span>" for line in lines) + f'<span class="name">{name.replace("/", "/<wbr>")}</span>'
    )
    kind = "card wrong" if wrong else "card"
    return f'<li class="{kind}"><figure>{drawn}<figcaption>{caption}</figcaption></figure></li>'


def _class_lines(row: Mapping) -> tuple[str, ...]:
    said, true = (_short(row[key] or "no label") for key in ("predicted", "true"))
    return f"<i>said</i> <b>{said}</b> {row['probability']:.1%}", f"<i>is</i> {true}"


def _number_lines(row: Mapping) -> tuple[str, ...]:
    said = f"<i>said</i> <b>{row['predicted']:,.4g}</b>"
    return said, f"<i>is</i> {row['true']:,.4g}", f"<i>error</i> {row['error']:+,.4g}"


def _shrink(image: Image.Image) -> bytes:
    """A JPEG of at most 160 pixels a side, on white; very small pictures are enlarged, their pixels kept sharp."""
    image = _flatten(image)
    if (times := _SIDE // max(image.size)) > 1:
        image = image.resize([side * times for side in image.size], Image.Resampling.NEAREST)
    image.thumbnail((_SIDE, _SIDE))
    return _encode(image, "JPEG", quality=80, optimize=True)


def _flatten(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
