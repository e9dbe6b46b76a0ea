"""The common look of the pictures: sizes in inches, quiet axes, shortened names. No pyplot, which is slow to import."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK, GREY, FAINT = "#1f2933", "#7b8794", "#e4e7eb"
BLUE, ORANGE = "#2b6cb0", "#dd6b20"
_DOTS = 120  # an inch
_WIDTH = 0.57  # of a letter of DejaVu Sans, in font sizes, rather wide


def new_figure(width: float, height: float) -> Figure:
    """An empty white figure of so many inches."""
    figure = Figure(figsize=(width, height), dpi=_DOTS, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def place_axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes at a place given in inches from the lower left corner."""
    whole_width, whole_height = figure.get_size_inches()
    axes = figure.add_axes((left / whole_width, bottom / whole_height, width / whole_width, height / whole_height))
    axes.tick_params(colors=GREY, labelcolor=INK, labelsize=9, length=3)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(GREY)
    return axes


def write_title(figure: Figure, title: str, subtitle: str = "", *, left: float = 0.25) -> None:
    """A title in the upper left corner, with a second line in grey; both take 0.7 inches."""
    width, height = figure.get_size_inches()
    figure.text(left / width, 1 - 0.32 / height, title, fontsize=13, fontweight="bold", color=INK)
    figure.text(left / width, 1 - 0.56 / height, subtitle, fontsize=9.5, color=GREY, parse_math=False)


def shorten(name: str, most: int = 24) -> str:
    """A name of at most so many letters, its middle left out where it is longer.

    Example:
        >>> shorten("soft-coated wheaten terrier", 12)
        'soft-c…rrier'
    """
    if len(name) <= most:
        return name
    tail = (most - 1) // 2
    return f"{name[: most - 1 - tail]}…{name[-tail:]}"


def text_inches(text: str, size: float) -> float:
    """About how wide a line is in print, sooner too much than too little."""
    return len(text) * size * _WIDTH / 72


def save(figure: Figure, path: Path | str) -> Path:
    """Write the figure as a PNG file (or what the ending says), making its folder."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    return path
