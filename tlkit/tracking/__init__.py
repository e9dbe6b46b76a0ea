"""The record of a run: `start` opens one in MLflow without importing it here; see `lookup` and `sync` for the rest."""

from tlkit.tracking.journal import Tracker, start

__all__ = ["Tracker", "start"]
