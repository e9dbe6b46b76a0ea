"""Work that shows itself in a notebook while it goes on: what it is at, how long it will take, its curves."""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

_PERIOD = 0.5  # seconds from one drawing to the next
_SHORT = 0.7  # seconds: what took less is not listed once it is done
_MOST_ROWS, _MOST_POINTS = 8, 200
_ASIDE = {"learning_rate", "epoch_seconds"}
_COLORS = {"train": "#2f6fb0", "val": "#d9772b"}
_WORDS = {"train": "training", "val": "validation"}
_WIDTH, _HEIGHT, _LEFT, _TOP = 300, 130, 46, 22  # of a panel, and of what is beside and above its curves


def has_kernel() -> bool:
    """Whether this process is the kernel of a notebook; a Python without IPython loads nothing to say no."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


@dataclass
class Stage:
    """One part of the work: how much of it is done (None: unknown), and the words for that."""

    label: str
    begun: float = field(default_factory=time.monotonic)
    share: float | None = None
    told: str = ""
    seconds: float | None = None  # once it has ended

    def html(self) -> str:
        """A row: what it is, a bar while it goes on, how far it is."""
        if self.seconds is not None:
            return _row(self.label, "", f"{self.told}  {_duration(self.seconds)}")
        return _row(self.label, _bar(self.label, self.share), self.told)


class LiveView:
    """What a notebook shows of one piece of work; it is drawn anew twice a second at most, and stays at its end.

    Without a title it is the one stage that begins in it.

    Example:
        >>> view = LiveView("cats")
        >>> "cats" in view._repr_html_()
        True
    """

    def __init__(self, title: str) -> None:
        self.title, self.begun, self.end = title, time.monotonic(), ""
        self.stages: list[Stage] = []
        self.curves: dict[str, dict[int, float]] = {}  # by `val/loss`: its value at each epoch
        self._handle: Any = None
        self._drawn, self._lock = 0.0, threading.Lock()

    @property
    def shown(self) -> bool:
        """Whether it was drawn."""
        return self._handle is not None

    def begin(self, label: str) -> Stage:
        """A further stage, drawn with its first step."""
        stage = Stage(label)
        with self._lock:
            self.stages.append(stage)
        return stage

    def finish(self, stage: Stage) -> None:
        """The end of a stage; a short one is no longer listed."""
        stage.seconds = time.monotonic() - stage.begun
        with self._lock:
            if stage.seconds < _SHORT and stage.label != "Training":
                self.stages.remove(stage)

    def add_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """A point more on each curve."""
        with self._lock:
            for name, value in metrics.items():
                if name.partition("/")[2] not in _ASIDE and math.isfinite(value):
                    self.curves.setdefault(name, {})[epoch] = value

    def close(self, word: str) -> None:
        """The last drawing: how it ended, and after how long."""
        self.end = f"{word} {_duration(time.monotonic() - self.begun)}"
        self.draw(at_once=True)

    def draw(self, *, at_once: bool = False) -> None:
        """Show it as it is now, unless it was shown a moment ago."""
        with self._lock:
            if not at_once and time.monotonic() - self._drawn < _PERIOD:
                return
            self._drawn = time.monotonic()
        if self._handle is None:
            from IPython.display import display

            self._handle = display(self, display_id=True)
        else:
            self._handle.update(self)

    def __repr__(self) -> str:
        return f"{self.title or self.stages[-1].label}: {self.end or 'under way'}"

    def _repr_html_(self) -> str:
        with self._lock:
            rows = "".join(each.html() for each in self.stages[-_MOST_ROWS:])
            panels = "".join(_panel(name, self._parts(name)) for name in _shown(self.curves))
        head = f"<div><b>{escape(self.title)}</b> · {escape(self.end or 'under way')}</div>" if self.title else ""
        legend = "".join(f'<span style="color:{_COLORS[part]}">● {word}</span> ' for part, word in _WORDS.items())
        return (
            '<div style="font:13px/1.5 system-ui,sans-serif;max-width:660px">'
            + head
            + rows
            + (f'<div style="margin-top:6px">{panels}</div><div>{legend}</div>' if panels else "")
            + "</div>"
        )

    def _parts(self, name: str) -> dict[str, dict[int, float]]:
        return {part: self.curves[key] for part in _COLORS if (key := f"{part}/{name}") in self.curves}


def _shown(curves: Mapping[str, Mapping[int, float]]) -> list[str]:
    """The loss, and accuracy or else the first other metric."""
    names = list(dict.fromkeys(each.partition("/")[2] for each in curves))
    others = [each for each in names if each != "loss"]
    second = "accuracy" if "accuracy" in others else next(iter(others), "")
    return [each for each in ("loss", second) if each in names]


def _row(label: str, bar: str, told: str) -> str:
    last = f'<span style="white-space:pre-wrap">{escape(told)}</span>'
    cells = f'<span style="flex:0 0 11em">{escape(label)}</span>{bar}{last}'
    return f'<div style="display:flex;flex-wrap:wrap;gap:0 .8em;align-items:center">{cells}</div>'


def _bar(label: str, share: float | None) -> str:
    """A bar as HTML; an empty one where nobody knows how long it will be."""
    filled = "" if share is None else f' aria-valuenow="{100 * share:.0f}"'
    return (
        f'<div role="progressbar" aria-label="{escape(label)}" aria-valuemin="0" aria-valuemax="100"{filled} '
        'style="width:180px;height:8px;border-radius:4px;background:rgba(128,128,128,.3)">'
        f'<div style="width:{100 * (share or 0):.1f}%;height:8px;border-radius:4px;background:{_COLORS["train"]}">'
        "</div></div>"
    )


def _panel(name: str, parts: Mapping[str, Mapping[int, float]]) -> str:
    """The curves of one metric as a picture of lines."""
    values = [value for curve in parts.values() for value in curve.values()]
    epochs = [epoch for curve in parts.values() for epoch in curve]
    low, high, first, last = min(values), max(values), min(epochs), max(epochs)

    def place(epoch: int, value: float) -> tuple[float, float]:
        across = (epoch - first) / (last - first) if last > first else 0.5
        up = (value - low) / (high - low) if high > low else 0.5
        return _LEFT + across * (_WIDTH - _LEFT - 8), _TOP + (1 - up) * (_HEIGHT - _TOP - 20)

    lines = "".join(_line(_COLORS[part], [place(*each) for each in _thinned(curve)]) for part, curve in parts.items())
    frame = f'<path d="M{_LEFT} {_TOP}V{_HEIGHT - 14}H{_WIDTH - 4}" fill="none" stroke="currentColor" opacity=".4"/>'
    shown = name.replace("_", " ")
    words = [
        (_LEFT, 12, "start", shown),
        (_LEFT - 4, place(first, high)[1] + 4, "end", f"{high:.3g}"),
        (_LEFT, _HEIGHT - 2, "start", f"epoch {first}"),
    ]
    words += [(_WIDTH - 4, _HEIGHT - 2, "end", str(last))] if last > first else []
    words += [(_LEFT - 4, place(first, low)[1] + 4, "end", f"{low:.3g}")] if high > low else []
    told = "".join(f'<text x="{x}" y="{y:.0f}" text-anchor="{at}">{escape(text)}</text>' for x, y, at, text in words)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" role="img" style="max-width:100%" '
        f'font-size="11" fill="currentColor"><title>{escape(shown)} by epoch</title>{frame}{lines}{told}</svg>'
    )


def _thinned(curve: Mapping[int, float]) -> list[tuple[int, float]]:
    """At most so many points, the last among them."""
    points = sorted(curve.items())
    return points[:: -len(points) // _MOST_POINTS][::-1]


def _line(color: str, points: list[tuple[float, float]]) -> str:
    (*_, (x, y)) = points
    joined = " ".join(f"{across:.1f},{down:.1f}" for across, down in points)
    end = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{color}"/>'
    return f'<polyline points="{joined}" fill="none" stroke="{color}" stroke-width="1.8"/>{end}'


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
