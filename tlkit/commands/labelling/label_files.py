"""Proposals as files to write labels into: a table, or tasks for Label Studio."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tlkit.data.tables.label_studio import interface, task_of_picture
from tlkit.data.tables.safe_csv import write_table


@dataclass(frozen=True)
class Proposal:
    """A picture to be labelled, and the model's guess of it."""

    path: str
    guess: str
    probability: float


Write = Callable[[Path, Sequence[Proposal], Sequence[str]], None]


def write_csv(file: Path, proposals: Sequence[Proposal], class_names: Sequence[str]) -> None:
    """A table with an empty column `label`, which `data.source: picture_table` reads once that is filled."""
    rows = [[_seen_from(file, each.path), "", each.guess, f"{each.probability:.4f}"] for each in proposals]
    with file.open("w", newline="", encoding="utf-8") as handle:
        write_table(handle, [["path", "label", "guess", "probability"], *rows])


def write_tasks(file: Path, proposals: Sequence[Proposal], class_names: Sequence[str]) -> None:
    """Tasks for Label Studio with the guesses as predictions, and beside them its labelling interface."""
    tasks = [task_of_picture(_seen_from(file, each.path), each.guess, each.probability) for each in proposals]
    file.write_text(json.dumps(tasks, indent=1, ensure_ascii=False), encoding="utf-8")
    file.with_suffix(".xml").write_text(interface(class_names), encoding="utf-8")


WRITERS: Mapping[str, Write] = {"csv": write_csv, "label-studio": write_tasks}


def _seen_from(file: Path, path: str) -> str:
    """A path as a table in this place names it: from there where it lies below, else in full."""
    home, whole = file.absolute().parent, Path(path).absolute()
    return whole.relative_to(home).as_posix() if whole.is_relative_to(home) else str(whole)
