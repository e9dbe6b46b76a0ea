"""The heavy half of a run: fit, save, verify, score, record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tlkit.commands.running.model_rescue import without_room
from tlkit.commands.running.saved_model_check import SavedFile
from tlkit.engines.engine_process import EngineProcess
from tlkit.engines.frozen_features import Extraction
from tlkit.errors import TlkitError, disk_full
from tlkit.evaluation.metrics import Scores
from tlkit.report.artifacts import log_end, rates_of, result_of, save_parts, write_files
from tlkit.report.result import Result
from tlkit.report.terminal import score_line
from tlkit.tasks.scoring import score
from tlkit.tracking import Recorder
from tlkit.training.features import Features
from tlkit.training.fitting import predict_rows
from tlkit.training.model_builder import Construction
from tlkit.training.phases import fit_phases
from tlkit.training.setup import Setup
from tlkit.training.timings import Stages
from tlkit.training.trained import Trained

_PREDICT_BATCH = 128


def train_and_score(
    setup: Setup,
    early: dict[str, Extraction],
    process: EngineProcess | None,
    tracker: Recorder,
    stages: Stages,
    say: Callable[[str], None],
) -> Result:
    """Everything from the first head to the finished record."""
    construction = Construction(setup)
    tracker.check()
    try:
        trained, features = fit_phases(setup, construction, early, process, tracker, stages, say)
        _predict(construction, trained, features, stages)
        with stages("save"):
            file = SavedFile(setup, construction, trained, process, tracker.folder)
        with stages("evaluate"):
            scores = _scored(setup, trained, tracker.folder)
        with stages("verify"):
            difference = file.difference(trained)
    except KeyboardInterrupt:
        save_parts(setup, construction.parts(), tracker.folder)
        raise
    except (OSError, TlkitError) as error:
        if not disk_full(error):
            raise
        if process is not None:
            process.stop()
        raise without_room(error, setup, construction.parts(), tracker.folder) from error
    metrics = {f"test/{name}": value for name, value in scores.metrics.items()}
    say(score_line(scores))
    rates = rates_of(trained)
    log_end(setup, tracker, trained, metrics, stages, rates, difference)
    run_id = tracker.run_id
    folder = tracker.finish()
    stages.seconds["total"] = stages.total()
    return result_of(setup, trained, run_id, folder, metrics, stages, rates)


def _predict(construction: Construction, trained: Trained, features: Features | None, stages: Stages) -> None:
    """The outputs on the test split, of exact features or of raw examples."""
    with stages("features"):
        rows = trained.splits.test
        if features is not None:
            rows, trained.splits = features.to_be_judged_by(trained.splits)
    with stages("predict"):
        trained.outputs = predict_rows(
            trained.model, rows, batch_size=_PREDICT_BATCH, beside=trained.splits.test.beside
        )
    trained.precision = features.precision if features else construction.parts().precision
    trained.learned_precision = features.frozen.precision if features else trained.precision
    trained.facts = features.facts if features else {}


def _scored(setup: Setup, trained: Trained, folder: Path) -> Scores:
    info = setup.splits.info
    scores = score(info.task, trained.splits.test.targets, trained.outputs, list(info.class_names))
    write_files(setup, trained, scores, folder)
    return scores
