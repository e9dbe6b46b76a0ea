"""The record of a run: `start` opens one in MLflow without importing it here; see `recorder` for the contract."""

from tlkit.tracking.journal import check_store, start
from tlkit.tracking.recorder import RecordedData, RecordedModel, Recorder, SilentRecorder
from tlkit.tracking.tracker import Tracker

__all__ = ["RecordedData", "RecordedModel", "Recorder", "SilentRecorder", "Tracker", "check_store", "start"]
