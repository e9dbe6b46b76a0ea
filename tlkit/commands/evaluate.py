"""A recorded model scored on other labelled data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tlkit.commands.predict import READ
from tlkit.data.splits import Examples
from tlkit.engines.predictor import Predictor, answered, load_run
from tlkit.errors import DataError
from tlkit.evaluation.metrics import ClassRow, NumberRow, Scores
from tlkit.progress import progress
from tlkit.report.learned_examples import learned_parts
from tlkit.tasks.scoring import score
from tlkit.tasks.single_label.class_scores import top_share


@dataclass(frozen=True)
class EvaluationReport:
    """Scores on all examples, and on those alone that the run has not learned from, where there are others."""

    scores: Scores
    num_examples: int
    set_aside: Mapping[str, str]
    learned: Mapping[str, int] | None  # examples that stood in each part of the run's; None where it does not say
    unseen: Scores | None = None
    unknown: float | None = None  # the share that is far from what was learned; None where the model does not say

    def as_json(self) -> dict[str, object]:
        """The scores as plain values, for `--json`."""
        return {
            **self.scores.metrics,
            "examples": self.num_examples,
            "set_aside": len(self.set_aside),
            "learned_from": None if self.learned is None else sum(self.learned.values()),
            "unseen": dict(self.unseen.metrics) if self.unseen else None,
            "per_class": self.scores.per_class,
            **({"unknown": self.unknown} if self.unknown is not None else {}),
            **({"per_number": self.scores.per_number} if self.scores.per_number else {}),
        }

    def lines(self) -> Iterator[str]:
        """What was learned from, every metric, and every class."""
        unseen = self.unseen.metrics if self.unseen else None
        yield from self._notes()
        if unseen is not None:
            yield f"{'':<16} {'all':>8} {'unseen':>8}"
        for name, value in self.scores.overall.items():
            beside = "" if unseen is None else f" {unseen[name]:>8.4f}" if name in unseen else f" {'-':>8}"
            yield f"{name:<16} {value:>8.4f}{beside}"
        yield f"{'examples':<16} {self.num_examples:>8}" + (f" {self._num_unseen:>8}" if unseen is not None else "")
        yield f"{'set aside':<16} {len(self.set_aside):>8}"
        if self.unknown is not None:
            yield f"{'unknown':<16} {self.unknown:>8.4f}"
        yield from _number_lines((self.unseen or self.scores).per_number, "unseen " if self.unseen else "")
        yield from _class_lines((self.unseen or self.scores).per_class, "unseen " if self.unseen else "")

    @property
    def _num_unseen(self) -> int:
        return self.num_examples - sum((self.learned or {}).values())

    def _notes(self) -> Iterator[str]:
        if self.learned is None:
            yield "note: this run does not say what it has learned from; scores on that would say nothing"
        elif any(self.learned.values()):
            parts = ", ".join(f"{count} {part}" for part, count in self.learned.items() if count)
            seen, rest = self.num_examples - self._num_unseen, "the others are scored beside them"
            yield (
                f"note: the run learned from {seen} of {self.num_examples} examples, or from copies of them ({parts}): "
                f"a score on these says nothing; {rest if self.unseen else 'there are no others'}"
            )


def evaluate_run(run: str, path: Path, *, beside: Path | None = None, top: int | None = None) -> EvaluationReport:
    """The scores of a run's model on labelled data of the kind that it has learned from.

    `beside` is the table of the columns that the model takes beside each example; `top` counts an answer as right where
    the true class is among so many surest.

    Example:
        >>> evaluate_run("latest", Path("data/more_cats")).scores.metrics["accuracy"]  # doctest: +SKIP
        0.95
    """
    if not path.exists():
        raise DataError(
            f"{path}: no such file or folder; expected labelled examples, as a folder with one folder per class"
        )
    predictor = load_run(run)
    kind, task = predictor.kind, predictor.task
    if kind.labelled_at is None or not (task.in_files or kind.several_labels):
        raise DataError(f"{predictor.name}: models of kind {kind.name} and task {task.name} cannot be scored on files")
    examples, bad = kind.labelled_at(path, predictor.metadata)
    columns, wrong = predictor.columns(examples.names, beside)
    if wrong or columns is not None:
        sound = [index for index, name in enumerate(examples.names) if name not in wrong]
        examples, bad = replace(examples, beside=columns).take(sound), {**bad, **wrong}
    if not len(examples):
        reasons = "; ".join(f"{name}: {why}" for name, why in bad.items())
        raise DataError(f"{path}: no example can be used: {reasons or f'found none of kind {kind.name}'}")
    targets = _targets(path, predictor, examples.targets)
    rows = _rows(predictor, examples)
    outputs, unknown = predictor.split(rows)
    parts = learned_parts(predictor.run, predictor.root, examples, kind)
    learned = None if parts is None else {part: parts.count(part) for part in ("train", "val")}
    unseen = np.array([not part for part in parts or []], bool)
    some = 0 < np.count_nonzero(unseen) < len(unseen)
    return EvaluationReport(
        _scored(predictor, targets, outputs, top),
        len(examples),
        bad,
        learned,
        _scored(predictor, targets[unseen], outputs[unseen], top) if some else None,
        float((unknown > predictor.known.threshold).mean()) if predictor.known and unknown is not None else None,
    )


def _scored(predictor: Predictor, targets: np.ndarray, outputs: np.ndarray, top: int | None) -> Scores:
    scores = score(predictor.task, targets, outputs, predictor.class_names)
    if top is None:
        return scores
    if predictor.task.strata([]) is None:
        raise DataError(f"--top: is for classes, and this model has task {predictor.metadata['task']}")
    return replace(scores, metrics={**scores.metrics, f"top_{top}": top_share(targets, outputs, top)})


def _number_lines(rows: Sequence[NumberRow], what: str) -> Iterator[str]:
    if not rows:
        return
    width = max(len("number"), *(len(row["number"]) for row in rows))
    yield ""
    yield f"{'number':<{width}} {what + 'mae':>12} {what + 'rmse':>12} {what + 'r2':>12}"
    for row in rows:
        shown = ["-" if row[name] is None else f"{row[name]:.4g}" for name in ("mae", "rmse", "r2")]
        yield f"{row['number']:<{width}} " + " ".join(f"{each:>12}" for each in shown)


def _class_lines(rows: Sequence[ClassRow], what: str) -> Iterator[str]:
    if not rows:
        return
    width = max(len("class"), *(len(str(row["class"])) for row in rows))
    yield ""
    yield f"{'class':<{width}} {'precision':>9} {'recall':>9} {'f1':>9} {what + 'examples':>15}"
    for row in rows:
        shown = ["-" if row[name] is None else f"{row[name]:.4f}" for name in ("precision", "recall", "f1")]
        yield f"{row['class']:<{width}} " + " ".join(f"{each:>9}" for each in shown) + f" {row['support']:>15}"


def _targets(path: Path, predictor: Predictor, labels: np.ndarray) -> np.ndarray:
    """Labels as they stand in the data as what the scores are made of."""
    task = predictor.task
    read, wrong = task.read(labels.tolist())
    if wrong.any():
        raise DataError(f"{path}: expected {task.wanted} for every example, found {labels[int(wrong.argmax())]!r}")
    if unknown := task.unknown(read, predictor.class_names):
        raise DataError(
            f"{path}: classes {', '.join(unknown)} are unknown to the model; "
            f"it knows {', '.join(predictor.class_names)}"
        )
    return task.targets(read, predictor.class_names)


def _rows(predictor: Predictor, examples: Examples) -> np.ndarray:
    found = []
    with predictor.answers(predictor.view) as answers, progress("Evaluating", len(examples)) as bar:
        for start in range(0, len(examples), READ):
            indices = np.arange(start, min(start + READ, len(examples)))
            found.append(answered(predictor, answers, examples.load(indices), examples.beside, indices))
            bar(start + len(indices))
    return np.concatenate(found)
