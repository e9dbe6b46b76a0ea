"""What tlkit uses of keras-tuner that it does not export: conditions, the oracle service, and an oracle's seed."""

from __future__ import annotations

from typing import Any

from keras_tuner.src import protos as protos
from keras_tuner.src.distribute.oracle_chief import OracleServicer as OracleServicer
from keras_tuner.src.distribute.oracle_client import OracleClient as OracleClient
from keras_tuner.src.engine.conditions import Parent as Parent


def seed_state(oracle: Any) -> int:
    """How far an oracle's draws have come."""
    return int(oracle._seed_state)


def set_seed_state(oracle: Any, state: int) -> None:
    """Go on drawing from there."""
    oracle._seed_state = state
