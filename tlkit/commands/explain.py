"""Pictures and folders from the command line explained, written to a folder and, when asked, added to the run."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tlkit.commands.shell.listing import Answer
from tlkit.engines.predictor import RunPredictor
from tlkit.errors import DataError, ModelError, writing
from tlkit.interpretation.api import METHODS, look
from tlkit.interpretation.explanations import Explanation, Options
from tlkit.interpretation.report_section import Shown, report_with_heat_maps
from tlkit.interpretation.target import ExplainedModel, example_of, notice, proportions, subject_of
from tlkit.paths import file_name
from tlkit.tracking.store import add_to_run

Row = dict[str, Any]  # of explanations.json
Told = tuple[str, Path, Explanation | str]  # as `Shown`, or why there is nothing to show


def explain_paths(
    run: str, paths: Iterable[Path], *, method: str, out: Path, options: Options, log: bool = False
) -> Answer:
    """A line for each explanation; figures, arrays and `explanations.json` go to the folder `out`."""
    paths = list(paths)
    for path in paths:
        if not path.exists():
            raise DataError(f"{path}: no such file or folder")
    subject = subject_of(run)
    if subject.metadata.get("beside"):
        yield f"{run}: {', '.join(subject.metadata['beside']['columns'])} held at their means"
    methods = list(METHODS) if method == "all" else [method]
    rows: list[Row] = []
    found: list[Shown] = []
    with subject.answers:
        for name, home, explanation in _each(subject, paths, methods, out, options, skip=method == "all"):
            if isinstance(explanation, str):
                yield f"{name}: {explanation}"
                continue
            explanation.save(home)
            rows.append(_row(name, explanation))
            found.append((name, home, explanation))
            yield _line(name, explanation, home)
    _write(out / "explanations.json", rows)
    if log and isinstance(subject.predictor, RunPredictor):
        yield _logged(subject.predictor, rows, found, out)
    return {"folder": out, "explanations": rows}


def _logged(predictor: RunPredictor, rows: list[Row], found: list[Shown], out: Path) -> str:
    """Everything added to the run, the best heat maps to its report as well; what to say of it."""
    with tempfile.TemporaryDirectory() as desk:
        report = report_with_heat_maps(predictor.run, found, Path(desk), root=predictor.root)
        files = [report] if report else []
        add_to_run(predictor.run, _means(rows), out, "explain", files=files, root=predictor.root)
    return f"added to {predictor.name}" + (", the best heat maps to its report.html" if report else "")


def _each(
    subject: ExplainedModel, paths: Sequence[Path], methods: Sequence[str], out: Path, options: Options, *, skip: bool
) -> Iterator[Told]:
    if "filters" in methods:
        yield from _tried(subject, "filters", out, np.empty(0), ["filters"], options, skip=skip)
    others = [each for each in methods if each != "filters"]
    files = [each for path in paths for each in _inputs(subject, path)] if others else []
    taken: set[str] = set()
    for name, read in files:
        said = notice(subject, name) if Path(name).is_file() else None
        if said:
            yield name, out, said
        home = out / _folder(name, taken)
        shown = replace(
            options,
            believed=Path(name).parent.name,
            title=Path(name).name,
            shape=proportions(subject, name) if Path(name).is_file() else 1.0,
        )
        yield from _tried(subject, name, home, read(), others, shown, skip=skip)


def _inputs(subject: ExplainedModel, path: Path) -> list[tuple[str, Callable[[], np.ndarray]]]:
    if subject.is_picture and path.is_file():
        return [(str(path), lambda: example_of(subject, path))]
    assert subject.predictor is not None, "paths are explained for runs alone"
    return list(subject.predictor.inputs_at(path))


def _tried(
    subject: ExplainedModel,
    name: str,
    home: Path,
    example: np.ndarray,
    methods: Sequence[str],
    options: Options,
    *,
    skip: bool,
) -> Iterator[Told]:
    """Each method's explanation; with `all`, one that this model has no parts for says so and is passed over."""
    for method in methods:
        try:
            yield name, home, look(subject, example, method, options)
        except ModelError as error:
            if not skip:
                raise
            yield name, home, f"{method}: {error}"


def _folder(name: str, taken: set[str]) -> str:
    """A folder's name for an example, of its own."""
    path = Path(name)
    wanted = file_name(f"{path.parent.name}-{path.stem}" if path.parent.name else path.stem)
    chosen, count = wanted, 1
    while chosen in taken:
        count += 1
        chosen = f"{wanted}-{count}"
    taken.add(chosen)
    return chosen


def _row(name: str, found: Explanation) -> Row:
    probability = None if found.probability is None else round(found.probability, 6)
    return {"example": name, "method": found.method, "class": found.class_name, "probability": probability,
            "box": found.box, "numbers": found.numbers}  # fmt: skip


def _line(name: str, found: Explanation, home: Path) -> str:
    parts = [found.class_name, "" if found.probability is None else f"{found.probability:.3f}"]
    if found.box is not None:
        parts.append("box {},{} to {},{}".format(*found.box))
    parts += [f"{key} {value:.3f}" for key, value in found.numbers.items()]
    files = ", ".join(f"{each}.png" for each in found.figures)
    return "  ".join(each for each in (name, found.method, *parts, f"-> {home}/{files}") if each)


def _means(rows: list[Row]) -> dict[str, float]:
    """The mean of each number over the examples, for comparing runs."""
    gathered: dict[str, list[float]] = {}
    for row in rows:
        for key, value in row["numbers"].items():
            gathered.setdefault(f"explain/{row['method']}/{key}", []).append(value)
    return {key: float(np.mean(values)) for key, values in gathered.items()}


def _write(file: Path, rows: list[Row]) -> None:
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(rows, indent=1), encoding="utf-8")
