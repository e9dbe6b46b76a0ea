"""The record of a run: `start` opens one in MLflow without importing it here; see `lookup` and `sync` for the rest."""

from tlkit.tracking.journal import check_store, start
from tlkit.tracking.tracker import Tracker

__all__ = ["Tracker", "check_store", "start"]
