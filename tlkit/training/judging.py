"""A trained model asked about labelled examples, and how good its answers are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from tlkit.data.splits import Examples, Info, Splits
from tlkit.errors import DataError
from tlkit.evaluation.confusion import confusion_picture
from tlkit.evaluation.long_tails import with_shots
from tlkit.evaluation.metrics import ClassRow, NumberRow, Scores
from tlkit.evaluation.notebook_views import Drawing, scores_html
from tlkit.tasks.scoring import score, table
from tlkit.tasks.task import task_for
from tlkit.training.batches import BatchSource
from tlkit.training.calibration.known_examples import spread_over
from tlkit.training.calibration.temperature import tempered
from tlkit.training.feature_worker import FeatureWorker
from tlkit.training.fitting import PREDICT_BATCH, predict_rows
from tlkit.training.solving.linear_solver import LINKS
from tlkit.training.timings import StageTimes
from tlkit.training.trained import Trained

_MOST_COMPARED = 1000  # examples with what was learned


@dataclass(frozen=True)
class Evaluation:
    """A model's answers on labelled examples, and how good they are."""

    examples: Examples
    info: Info
    outputs: np.ndarray
    precision: str  # of what computed them
    scores: Scores
    further: Mapping[str, float] = field(default_factory=dict)  # share unknown, and what was before calibration

    @property
    def metrics(self) -> dict[str, float]:
        """The scores by name."""
        return self.scores.metrics

    @property
    def per_class(self) -> list[ClassRow]:
        """A row of scores for each class."""
        return self.scores.per_class

    @property
    def per_number(self) -> list[NumberRow]:
        """A row of scores for each of several numbers, in its units."""
        return self.scores.per_number

    @property
    def predictions(self) -> pd.DataFrame:
        """A row for each example: its name, the truth, the answer, and the probability of each class."""
        part = self.examples
        names = list(self.info.class_names)
        return table(list(part.names), list(part.ids), part.targets, self.outputs, names, task_for(self.info))

    def confusion(self) -> Drawing:
        """The confusion matrix as a picture, which a notebook shows."""
        if self.scores.confusion is None:
            raise DataError("confusion: expected one class an example, and here there are several labels, or numbers")
        return Drawing(confusion_picture(self.scores.confusion, self.info.class_names))

    def _repr_html_(self) -> str:
        return scores_html(self.scores)


def judge(trained: Trained, worker: FeatureWorker, stages: StageTimes) -> Evaluation:
    """The test split, by exact features or raw examples; what cannot be read is left out of the splits."""
    with stages("features"):
        rows: BatchSource = trained.splits.test
        if trained.features is not None:
            rows, trained.splits = trained.features.to_be_judged_by(trained.splits, worker)
    test = trained.splits.test
    with stages("predict"):
        outputs = predict_rows(trained.trained_part, rows, batch_size=PREDICT_BATCH, beside=test.beside)
    features = trained.features  # behind an inner cut, layers of the model's own precision have the last word
    head_alone = features is not None and features.frozen.cut is None
    precision = features.precision if features and head_alone else trained.builder.parts().precision
    with stages("evaluate"):
        found = scored(test, trained.splits, outputs, precision)
        unknown = _share_unknown(trained, rows) if head_alone else {}
        return replace(found, further={**unknown, **_uncalibrated(trained, found)})


def _share_unknown(trained: Trained, rows: BatchSource) -> dict[str, float]:
    """How many of the test split, or of a sample, are farther from what was learned than 95 % of validation."""
    known = trained.builder.known
    if known is None:
        return {}
    some = spread_over(None, len(rows), _MOST_COMPARED, trained.setup.options.seed)
    return {"unknown": float((known.scores(rows.load(some)) > known.threshold).mean())}


def _uncalibrated(trained: Trained, found: Evaluation) -> dict[str, float]:
    """Scores of probabilities as they were before the model was given a temperature."""
    if trained.calibration is None or trained.calibration.temperature == 1:
        return {}
    outputs = tempered(LINKS[trained.builder.head.output], found.outputs, 1 / trained.calibration.temperature)
    task, names = task_for(found.info), list(found.info.class_names)
    metrics = score(task, found.examples.targets, outputs, names).metrics
    return {f"{name}_uncalibrated": metrics[name] for name in ("loss", "ece") if name in metrics}


def judge_raw(trained: Trained, examples: Examples) -> Evaluation:
    """Any examples, by the whole model."""
    parts = trained.builder.parts()
    outputs = predict_rows(parts.model, examples, batch_size=PREDICT_BATCH, beside=examples.beside)
    return scored(examples, trained.splits, outputs, parts.precision)


def scored(examples: Examples, splits: Splits, outputs: np.ndarray, precision: str) -> Evaluation:
    """Outputs with their scores, by how many examples of a class were learned from where these differ much."""
    info, task = splits.info, task_for(splits.info)
    scores = score(task, examples.targets, outputs, list(info.class_names))
    scores = with_shots(scores, task.class_counts(splits.train.targets, info.class_names))
    return Evaluation(examples, info, outputs, precision, scores)
