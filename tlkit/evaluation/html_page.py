"""The parts that a page of ours is made of: sections, tables, pictures; all in one file, nothing from elsewhere."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from string import Template
from typing import Any

from PIL import Image

from tlkit.evaluation.canvas import shorten

_HERE = Path(__file__).parent
_ROOM = 1_200_000  # bytes of all pictures together, before they are encoded as text
_WIDE = 1.6  # width over height from which on a picture has a row of its own
_COLORS = 64
_PHOTOGRAPH = 10_000  # colours that only a picture with photographs in it has more of
_LONGEST = 120  # letters of a name


def write_page(
    path: Path, *, title: str, headline: str, sections: Iterable[str], style: Path = _HERE / "report.css"
) -> None:
    """Write a page of sections, all of it or nothing; file names that are no Unicode get question marks."""
    # the pieces are put together here and not by Jinja2, whose import takes 0.1 s of the 5 s of a second run
    page = Template((_HERE / "page.html").read_text(encoding="utf-8")).substitute(
        title=safe(title),
        style="".join(each.read_text(encoding="utf-8") for each in (_HERE / "page.css", style)),
        headline=headline,
        sections="\n".join(filter(None, sections)),
    )
    _write(path, page)


def put_section(path: Path, added: str, *, before: str) -> None:
    """Put a section into a page that is there already, above another one, in place of the one under its heading."""
    page = path.read_text(encoding="utf-8")
    opening = added[: added.index("\n") + 1]
    start = page.find(opening)
    if start >= 0:
        page = page[:start] + page[page.index("</section>", start) + len("</section>\n") :]
    place = page.find(_opening(before))
    place = place if place >= 0 else page.rindex("</main>")
    _write(path, f"{page[:place]}{added}\n{page[place:]}")


def _write(path: Path, page: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(page.encode("utf-8", "replace"))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def safe(text: object) -> str:
    """Text of users, as text."""
    return escape(str(text))


def short(text: object) -> str:
    """Text of users, shortened to what a card or a cell holds."""
    return escape(shorten(str(text), _LONGEST))


def facts_list(facts: Mapping[str, str]) -> str:
    """What a page says first, by name."""
    lines = "\n".join(f"<div><dt>{safe(name)}</dt><dd>{safe(value)}</dd></div>" for name, value in facts.items())
    return f'\n<dl class="facts">\n{lines}\n</dl>' if lines else ""


def section(title: str, body: str, note: str = "") -> str:
    """A section under its heading."""
    name = _anchor(title)
    below = f'<p class="quiet">{note}</p>\n' if note else ""
    return f'{_opening(title)}\n<h2 id="{name}">{title}</h2>\n{below}{body}\n</section>'


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _opening(title: str) -> str:
    return f'<section aria-labelledby="{_anchor(title)}">'


def pictures_section(title: str, pictures: Mapping[str, Path], contents: Mapping[str, str]) -> str:
    """PNG files by title, made lighter where they are too heavy together; `contents` says in words what each shows."""
    room = _ROOM // max(len(pictures), 1)
    shown = (_picture(name, contents.get(name, ""), path, room) for name, path in pictures.items())
    return section(title, _grid(shown)) if pictures else ""


def _grid(figures: Iterable[str]) -> str:
    return '<div class="pictures">\n' + "\n".join(figures) + "\n</div>"


def _picture(title: str, content: str, path: Path, room: int) -> str:
    image, kind, (width, height) = _fit(path, room)
    wide = " wide" if width / height > _WIDE else ""
    alt = f"{title}: {content}" if content else title
    drawn = f'<img src="{inline(kind, image)}" alt="{safe(alt)}" width="{width}" height="{height}">'
    scrolls = f' tabindex="0" role="region" aria-label="{safe(title)}"' if wide else ""
    return f'<div class="picture{wide}"{scrolls}>{drawn}</div>'


def _fit(path: Path, room: int) -> tuple[bytes, str, tuple[int, int]]:
    """The file as it is, or a lighter one, and what it is; a plot stays sharp, and a photograph keeps its colours."""
    content, kind = path.read_bytes(), "png"
    with Image.open(BytesIO(content)) as image:
        size = image.size
        smaller = image.convert("RGB")
    while len(content) > room:
        content, kind = _lighter(smaller)
        smaller = smaller.resize(
            (max(smaller.width * 3 // 4, 1), max(smaller.height * 3 // 4, 1)), Image.Resampling.LANCZOS
        )
    return content, kind, size


def _lighter(image: Image.Image) -> tuple[bytes, str]:
    """Fewer colours of a plot, JPEG for a photograph."""
    if image.getcolors(_PHOTOGRAPH) is None:
        return encode(image, "JPEG", quality=88), "jpeg"
    return encode(image.quantize(_COLORS), "PNG", optimize=True), "png"


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The file that PIL makes of an image."""
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def inline(kind: str, content: bytes) -> str:
    """An image as part of the page."""
    return f"data:image/{kind};base64,{b64encode(content).decode('ascii')}"


def whole_table(caption: str, heads: Sequence[str], rows: Iterable[str]) -> str:
    """A box that scrolls sideways, by keyboard too; rows are `<tr>` already."""
    columns = "".join(f'<th scope="col">{head}</th>' for head in heads)
    head = f"<caption>{caption}</caption>\n<thead><tr>{columns}</tr></thead>"
    body = "\n".join(rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}">\n'
        f"<table>\n{head}\n<tbody>\n{body}\n</tbody>\n</table>\n</div>"
    )


def table_row(head: str, cells: Iterable[str]) -> str:
    """A row of a table under its head."""
    return f'<tr><th scope="row">{head}</th>{"".join(cells)}</tr>'


def table_cell(text: str) -> str:
    """A cell of a table."""
    return f"<td>{text}</td>"
