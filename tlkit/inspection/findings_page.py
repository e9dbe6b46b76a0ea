"""The findings of a check as one page with thumbnails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PIL import Image

from tlkit.evaluation import html_page
from tlkit.evaluation.html_page import encode, facts_list, inline, safe
from tlkit.inspection.findings import LEVELS, Finding, FindingExample, count_of, worst

_SIDE = 150  # of a thumbnail
_ROWS = 50  # with thumbnails, of each finding
_TOGETHER = 6  # thumbnails of one row
_NAMES = 1000  # listed below them
_ROOM = 2_500_000  # bytes of all thumbnails

Thumbnail = Callable[[int, int], Image.Image | None]


def write_page(
    path: Path, *, title: str, facts: Mapping[str, str], findings: Sequence[Finding], thumbnail: Thumbnail
) -> None:
    """Write a self-contained HTML page: a table of findings, then the examples of each."""
    album = _Thumbnails(thumbnail)
    level = worst(findings)
    shown = [_section(number, each, album) for number, each in enumerate(findings) if each.rows]
    shade = level if level in LEVELS[:2] else "fine"
    html_page.write_page(
        path,
        title=title,
        headline=f'<p class="verdict {shade}">{safe(verdict(findings))}</p>{facts_list(facts)}',
        sections=[_table(findings), *shown],
        style=Path(__file__).with_name("findings.css"),
    )


def verdict(findings: Sequence[Finding]) -> str:
    """One line on the whole: what there is of errors and warnings."""
    counts = {level: sum(each.level == level for each in findings) for level in LEVELS}
    told = [count_of(counts[level], level) for level in LEVELS[:2] if counts[level]]
    return " and ".join(told) if told else "no faults found"


class _Thumbnails:
    """Makes thumbnails until there is no room for more."""

    def __init__(self, thumbnail: Thumbnail) -> None:
        self.thumbnail, self.room = thumbnail, _ROOM

    def picture(self, shown: FindingExample) -> str:
        picture = self.thumbnail(shown.index, _SIDE) if shown.index is not None and self.room > 0 else None
        if picture is None:
            return ""
        content = encode(picture, "JPEG", quality=70)
        self.room -= len(content)
        return f'<img src="{inline("jpeg", content)}" alt="{safe(Path(shown.name).name)}" loading="lazy">'


def _table(findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    rows = "\n".join(_line(number, each) for number, each in enumerate(findings))
    head = "<tr><th>Level</th><th>About</th><th>Finding</th></tr>"
    return f'<section class="scroll"><table><thead>{head}</thead><tbody>\n{rows}\n</tbody></table></section>'


def _line(number: int, finding: Finding) -> str:
    text = safe(finding.text)
    linked = f'<a href="#finding{number}">{text}</a>' if finding.rows else text
    return f'<tr><td class="{finding.level}">{finding.level}</td><td>{safe(finding.topic)}</td><td>{linked}</td></tr>'


def _section(number: int, finding: Finding, album: _Thumbnails) -> str:
    rows = [_row(each, album) for each in finding.rows[:_ROWS]] if _pictured(finding) else []
    cards = f'<ul class="rows">{"".join(rows)}</ul>' if any("<img" in each for each in rows) else ""
    names = _names(finding, bool(cards))
    title = f'<h2>{safe(finding.topic.capitalize())}</h2><p class="{finding.level}">{safe(finding.text)}</p>'
    return f'<section id="finding{number}">{title}{cards}{names}</section>'


def _pictured(finding: Finding) -> bool:
    return any(each.index is not None for row in finding.rows for each in row)


def _row(row: Sequence[FindingExample], album: _Thumbnails) -> str:
    figures = "".join(_figure(each, album) for each in row[:_TOGETHER])
    more = f"<figure>and {len(row) - _TOGETHER} more</figure>" if len(row) > _TOGETHER else ""
    return f'<li class="row">{figures}{more}</li>'


def _figure(shown: FindingExample, album: _Thumbnails) -> str:
    caption = f'<span>{safe(shown.note)}</span><span class="name">{safe(shown.name)}</span>'
    return f"<figure>{album.picture(shown)}<figcaption>{caption}</figcaption></figure>"


def _names(finding: Finding, pictured: bool) -> str:
    lines = [" = ".join(_named(each) for each in row) for row in finding.rows[:_NAMES]]
    more = [f"and {len(finding.rows) - _NAMES:,} more"] if len(finding.rows) > _NAMES else []
    items = "".join(f"<li>{each}</li>" for each in [*lines, *more])
    open_ = "" if pictured or len(lines) > 30 else " open"
    return f"<details{open_}><summary>All by name</summary><ul>{items}</ul></details>"


def _named(shown: FindingExample) -> str:
    return safe(f"{shown.name} ({shown.note})" if shown.note else shown.name)
