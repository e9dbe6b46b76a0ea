"""How objects show themselves in a notebook: small tables as HTML, figures as pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from matplotlib.figure import Figure

from tlkit.evaluation.canvas import save
from tlkit.evaluation.html_page import safe
from tlkit.evaluation.metrics import Scores

_INTERVALS = ("_low", "_high")


@dataclass(frozen=True)
class Drawing:
    """A figure that a notebook shows as it is the last value of a cell; `save` writes it to a file."""

    figure: Figure

    def _repr_png_(self) -> bytes:
        buffer = BytesIO()
        self.figure.savefig(buffer, format="png", bbox_inches="tight")
        return buffer.getvalue()

    def save(self, path: str | Path) -> Path:
        """Write it as PNG, or whatever the path ends in."""
        return save(self.figure, path)


def table_html(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table under a title; all texts are shown as texts.

    Example:
        >>> table_html("Parts", ["part", "examples"], [["<b>", 3]]).count("&lt;b&gt;")
        1
    """
    head = "".join(f"<th>{safe(each)}</th>" for each in heads)
    body = "".join(f"<tr>{''.join(f'<td>{safe(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<b>{safe(title)}</b><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def scores_html(scores: Scores) -> str:
    """All scores with their intervals, then the classes or the numbers.

    Example:
        >>> "0.900 to 1.000" in scores_html(Scores({"accuracy": 0.95, "accuracy_low": 0.9, "accuracy_high": 1.0}))
        True
    """
    overall = scores.overall
    shown = [name for name in overall if not name.endswith(_INTERVALS)]
    tables = [table_html("Scores", ["score", "value", "95 % interval"], [_row(name, overall) for name in shown])]
    for title, rows in (("Classes", scores.per_class), ("Numbers", scores.per_number)):
        if rows:
            tables.append(table_html(title, list(rows[0]), [[_number(each) for each in row.values()] for row in rows]))
    return "".join(tables)


def _row(name: str, values: Mapping[str, float]) -> list[str]:
    low, high = (values.get(f"{name}{end}") for end in _INTERVALS)
    interval = "" if low is None or high is None else f"{low:.3f} to {high:.3f}"
    return [name, _number(values[name]), interval]


def _number(value: object) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
