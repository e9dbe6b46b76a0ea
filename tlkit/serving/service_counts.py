"""What a service has done, in numbers: each worker counts in a file of its own, and any of them tells the sum."""

from __future__ import annotations

import os
import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SIZES = (1, 2, 4, 8, 16, 32)
_CODES = (200, 400, 401, 403, 404, 405, 408, 413, 415, 422, 429, 499, 500, 503, 504)  # 499: the client went away
ROUTES = ("predict", "explain", "infer", "other")


def _histogram(name: str, bounds: Sequence[float]) -> list[str]:
    return [*(f'{name}_bucket{{le="{each:g}"}}' for each in (*bounds, float("inf"))), f"{name}_sum", f"{name}_count"]


class ServiceCounts:
    """Counters, as Prometheus reads them.

    Args:
        folder: where all workers of a service count; each has a file there, and the sum outlives a worker.
        class_names: of the classes that are counted.
    """

    def __init__(self, folder: Path, class_names: Sequence[str] = ()) -> None:
        names = [f'tlkit_requests_total{{route="{r}",status="{code}"}}' for r in ROUTES for code in _CODES]
        names += _histogram("tlkit_request_seconds", _SECONDS) + _histogram("tlkit_batch_examples", _SIZES)
        names += ["tlkit_batch_seconds_total", "tlkit_examples_total", "tlkit_unknown_total"]
        names += [f'tlkit_answers_total{{class="{_escaped(each)}"}}' for each in class_names]
        self._places = {name: index for index, name in enumerate(names)}
        self._folder, self._lock = folder, threading.Lock()
        self._own = np.memmap(folder / f"{os.getpid()}.counts", np.float64, "w+", shape=(len(names),))

    def request(self, route: str, status: int, seconds: float) -> None:
        """One request is over."""
        known = status if status in _CODES else 200 if status < 400 else 500
        self._add({f'tlkit_requests_total{{route="{route}",status="{known}"}}': 1})
        if route != "other":
            self._observe("tlkit_request_seconds", _SECONDS, seconds)

    def batch(self, size: int, seconds: float) -> None:
        """One batch was run."""
        self._observe("tlkit_batch_examples", _SIZES, size)
        self._add({"tlkit_batch_seconds_total": seconds, "tlkit_examples_total": size})

    def answered(self, classes: Sequence[str], known: bool) -> None:
        """One example was answered so."""
        told = [f'tlkit_answers_total{{class="{_escaped(each)}"}}' for each in classes]
        self._add({"tlkit_unknown_total": 0.0 if known else 1.0, **dict.fromkeys(told, 1.0)})

    def text(self, gauges: Mapping[str, float]) -> str:
        """All counters of all workers and these gauges, in Prometheus's text format."""
        sums = np.sum([np.fromfile(each, np.float64) for each in sorted(self._folder.glob("*.counts"))], axis=0)
        told = {name: float(sums[index]) for name, index in self._places.items()}
        told = {name: value for name, value in told.items() if value or not name.startswith("tlkit_requests_total")}
        return "".join(f"{line}\n" for line in _lines(told, "") if line) + "".join(
            f"{line}\n" for line in _lines(gauges, "gauge")
        )

    def _observe(self, name: str, bounds: Sequence[float], value: float) -> None:
        above = (*bounds, float("inf"))[bisect_left(bounds, value) :]
        self._add({f'{name}_bucket{{le="{each:g}"}}': 1 for each in above} | {f"{name}_sum": value, f"{name}_count": 1})

    def _add(self, numbers: Mapping[str, float]) -> None:
        with self._lock:
            for name, value in numbers.items():
                self._own[self._places[name]] += value


def _lines(told: Mapping[str, float], kind: str) -> Iterator[str]:
    """A line of its type before the first of each family."""
    before = ""
    for name, value in told.items():
        family = name.partition("{")[0]
        for ending in ("_bucket", "_sum", "_count"):
            family = family.removesuffix(ending)
        if family != before:
            yield f"# TYPE {family} {kind or ('counter' if family.endswith('_total') else 'histogram')}"
        yield f"{name} {value:.17g}".replace('le="inf"', 'le="+Inf"')
        before = family


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
