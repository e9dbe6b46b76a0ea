"""Finished and running records as plain values, read without MLflow where the store is a local database."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

MARK = "tlkit.journal"  # the tag of every run that tlkit made: the name of its pending folder
SCORE = "tlkit.score"  # the tag with the score that stands first, for MLflow's table: the number, and what it is of
VIEW = "tlkit"  # MLflow's name for the columns that its table of runs has at first
VIEW_TAG = f"mlflow.sharedViewState.{VIEW}"  # the tag of an experiment that says which
MAIN_SCORES = ("test/accuracy", "test/subset_accuracy", "test/mae")  # of the tasks, as far as a run has them
FAILURE = "tlkit.failure"  # the tag that says why a run failed
PARENT = "mlflow.parentRunId"  # the tag of a run within another, such as a trial of a search


@dataclass(frozen=True)
class Run:
    """One run as it is in the store; `artifacts` is the local folder of its files, None if they are elsewhere."""

    id: str
    name: str
    experiment: str
    status: str
    started: datetime
    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]
    artifacts: Path | None
    experiment_id: str = ""


class Records(ABC):
    """The runs of one store."""

    @abstractmethod
    def with_prefix(self, prefix: str, limit: int) -> list[Run]:
        """Runs, of tlkit or not, whose id begins so."""

    @abstractmethod
    def newest(self, limit: int, *, finished: bool = False) -> list[Run]:
        """Runs of tlkit, newest first, without those within another run."""

    @abstractmethod
    def within(self, parent: str) -> list[Run]:
        """The runs that are part of another, oldest first."""

    @abstractmethod
    def in_experiment(self, name: str) -> list[Run]:
        """All finished runs of tlkit in an experiment, newest first, without those within another run."""

    @abstractmethod
    def history(self, run_id: str, metric: str) -> list[tuple[int, float]]:
        """All values of a metric as (step, value), in order."""


def is_prefix(text: str) -> bool:
    """Whether this may begin a run's id at all."""
    return re.fullmatch(r"[A-Za-z0-9][\w\-]*", text) is not None
