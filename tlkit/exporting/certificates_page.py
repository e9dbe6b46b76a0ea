"""What exported files are worth, to look at: a table of their certificates, and how score and speed go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from tlkit.evaluation.canvas import BLUE, GREY, INK, new_figure, place_axes, save, write_title
from tlkit.evaluation.html_page import (
    facts_list,
    pictures_section,
    put_section,
    safe,
    section,
    table_cell,
    table_row,
    whole_table,
    write_page,
)
from tlkit.exporting.certificate import Certificate

Certificates = Mapping[str, Certificate]  # by format and precision, as `onnx/int8`
_TITLE, _PLOT = "Exported files", "Score and time"
_HEADS = ("File", "Score", "Interval", "Other answers", "p", "Largest difference", "MB", "ms for one", "A second of 32",
          "Peak MB")  # fmt: skip
_WIDTH, _HEIGHT = 8.0, 4.2  # inches


def write_certificates(path: Path, title: str, found: Certificates, faults: Sequence[str] = ()) -> None:
    """A page of its own, with a plot beside it for those that have a score."""
    plot = path.with_suffix(".png")
    drawn = {_PLOT: save(_plotted(found), plot)} if any("after" in each for each in found.values()) else {}
    pictures = pictures_section(_PLOT, drawn, {_PLOT: "a point for each file"})
    write_page(
        path, title=title, headline=facts_list(_facts(found)), sections=[certificates_section(found, faults), pictures]
    )


def add_certificates(report: Path, found: Certificates) -> None:
    """The table in a run's report, in place of the one that it had before."""
    put_section(report, certificates_section(found), before="Model")


def certificates_section(found: Certificates, faults: Sequence[str] = ()) -> str:
    """A row a file, the fastest first, and why others are not there."""
    ranked = sorted(found.items(), key=lambda each: -each[1]["per_second"])
    rows = [table_row(safe(name), map(table_cell, _cells(page))) for name, page in ranked]
    lacking = "".join(f"<li>{safe(each)}</li>" for each in faults)
    body = whole_table("Each file on the whole test split, and how fast it is on this machine", _HEADS, rows)
    return section(_TITLE, body + (f"\n<ul>{lacking}</ul>" if lacking else ""))


def _facts(found: Certificates) -> Mapping[str, str]:
    first = next(iter(found.values()))
    versions = {name: version for page in found.values() for name, version in page["versions"].items()}
    told = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    before = {"Score of the model": f"{first['before']:.4f} {first['score']}"} if "before" in first else {}
    return {"Examples": f"{first['examples']}, {first['of']}", **before, "Versions": told}


def _cells(page: Certificate) -> Sequence[str]:
    ends = " to ".join(f"{each:.3f}" for each in page.get("interval", ()))
    return (
        f"{page['after']:.4f}" if "after" in page else "", ends, str(page.get("flips", "")),
        f"{page['p']:.2g}" if "p" in page else "", f"{page['largest_difference']:.2g}", f"{page['bytes'] / 1e6:.1f}",
        f"{page['milliseconds']:.1f}", f"{page['per_second']:.0f}", f"{page['peak_bytes'] / 1e6:.0f}",
    )  # fmt: skip


def _plotted(found: Certificates) -> Figure:
    """Time for one example against score, each with its interval."""
    figure = new_figure(_WIDTH, _HEIGHT)
    axes = place_axes(figure, 0.9, 0.7, _WIDTH - 1.9, _HEIGHT - 1.5)
    scored = {name: page for name, page in found.items() if "after" in page}
    for name, page in scored.items():
        low, high = page["interval"] if len(page.get("interval", ())) == 2 else (page["after"], page["after"])
        axes.plot([page["milliseconds"]] * 2, [low, high], color=GREY, linewidth=1, alpha=0.6)
        axes.plot(page["milliseconds"], page["after"], "o", color=BLUE, markersize=6)
        axes.annotate(name, (page["milliseconds"], page["after"]), xytext=(6, 4), textcoords="offset points",
                      fontsize=8, color=INK)  # fmt: skip
    first = next(iter(scored.values()))
    axes.axhline(first["before"], color=GREY, linewidth=1, linestyle=":")
    axes.set_xlim(left=0)
    axes.set_xlabel("milliseconds for one example", color=INK, fontsize=9)
    axes.set_ylabel(first["score"], color=INK, fontsize=9)
    write_title(figure, "Score and time", "lines are intervals of 95 %; dotted: the model itself")
    return figure
