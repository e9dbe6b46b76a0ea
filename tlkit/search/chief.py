"""A search served to other machines: keras-tuner's own oracle service, and beside it what that does not offer.

keras-tuner's service hands out trials and takes results. Around it go the check that a worker has the same recipe,
the signs of life by which a dead worker's trial is given to another, and the weights that trials go on from.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from keras_tuner import HyperParameters
from keras_tuner.engine import trial as tuner_trial

from tlkit.compat.tuner_parts import OracleServicer, protos
from tlkit.search.join_token import FILE, VARIABLE, TokenCheck, made_token
from tlkit.search.search_journal import SearchError, SearchJournal, differences
from tlkit.search.trial import Trial
from tlkit.search.trial_queue import WAIT, Search
from tlkit.tracking.outbox import near

SERVICE = "tlkit.Chief"
MESSAGE_BYTES = 1 << 30
BEAT, PATIENCE = 1.0, 10.0  # seconds between two signs of life, and without one until a worker counts as dead


class SearchOracle:
    """The search in the shape of a keras-tuner oracle, as its service calls it."""

    def __init__(self, search: Search) -> None:
        self.search = search

    def create_trial(self, tuner_id: str) -> Any:
        """The next trial of a worker, as keras-tuner's message; what it needs to know is in the values."""
        chosen = self.search.create(tuner_id)
        values, status = (
            HyperParameters(),
            {None: "STOPPED", WAIT: "IDLE"}.get(chosen if isinstance(chosen, str) else None),
        )
        if isinstance(chosen, Trial):
            values.values = {"trial": json.dumps(to_plain(chosen))}
            return tuner_trial.Trial(values, trial_id=chosen.name, status="RUNNING")
        return tuner_trial.Trial(values, trial_id="none", status=status)

    def update_trial(self, trial_id: str, metrics: Mapping[str, float], step: int = 0) -> Any:
        """An epoch of a trial."""
        self.search.epoch(self._trial(trial_id), int(step), dict(metrics))
        return tuner_trial.Trial(HyperParameters(), trial_id=trial_id, status="RUNNING")

    def end_trial(self, trial: Any) -> None:
        """How a trial ended; that comes in its values, since keras-tuner's message has no place for it."""
        told = json.loads(trial.hyperparameters.values["end"])
        self.search.end(self._trial(trial.trial_id), told.pop("status"), **told)

    def _trial(self, name: str) -> Trial:
        return self.search.trials[int(name)]


class RemoteWorkers:
    """Workers from elsewhere: who is there, and since when nothing was heard of each."""

    def __init__(
        self, search: Search, identity: Mapping[str, Any], journal: SearchJournal, say: Callable[[str], None]
    ) -> None:
        self.search, self.identity, self.journal, self.say = search, dict(identity), journal, say
        self._heard: dict[str, float] = {}
        self._lock = threading.Lock()

    def join(self, asked: dict[str, Any]) -> dict[str, object]:
        """Take a worker in, or say how its recipe differs."""
        wrong = differences(self.identity, asked["facts"])
        if wrong:
            return {"refused": wrong}
        with self._lock:
            name = f"joined {len(self._heard) + 1}"
            self._heard[name] = time.monotonic()
        self.say(f"joined     {name}, from {asked['host']}")
        return {"name": name, "states": str(self.journal.states), "objective": self.search.objective}

    def beat(self, asked: dict[str, Any]) -> dict[str, object]:
        """A sign of life."""
        with self._lock:
            self._heard[asked["name"]] = time.monotonic()
        return {}

    def halve(self, asked: dict[str, Any]) -> dict[str, object]:
        """A trial's memory ran out."""
        self.search.halve(self.search.trials[asked["trial"]], asked["batch_size"])
        return {}

    def back(self, asked: dict[str, Any]) -> dict[str, object]:
        """A worker gives its trial back: its process died, or it was told to stop."""
        self.search.give_back(self.search.trials[asked["trial"]], asked["reason"])
        return {}

    def look(self) -> None:
        """Give the trials of those that were silent too long to others."""
        with self._lock:
            silent = [name for name, heard in self._heard.items() if time.monotonic() - heard > PATIENCE]
            for name in silent:
                self._heard[name] = float("inf")
        for each in self.search.running():
            if each.worker in silent:
                self.search.give_back(each, f"{each.worker} was silent for {PATIENCE:.0f} s")

    def fetch(self, name: str) -> bytes:
        """The weights that a trial left; nothing if it left none."""
        path = self._state(name)
        return path.read_bytes() if path.is_file() else b""

    def store(self, name: str, content: bytes) -> None:
        """Keep the weights of a trial that ran elsewhere."""
        path = self._state(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".new")
        scratch.write_bytes(content)
        scratch.replace(path)

    def _state(self, name: str) -> Path:
        return self.journal.states / f"{int(name):03}.npz"


def serve(
    search: Search,
    address: str,
    identity: Mapping[str, Any],
    journal: SearchJournal,
    stop: threading.Event,
    say: Callable[[str], None],
) -> None:
    """Serve a search until it is over or stopped."""
    workers = RemoteWorkers(search, identity, journal, say)
    server = grpc.server(futures.ThreadPoolExecutor(8), options=[
        ("grpc.max_receive_message_length", MESSAGE_BYTES), ("grpc.max_send_message_length", MESSAGE_BYTES),
        ("grpc.so_reuseport", 0),
    ], interceptors=[TokenCheck(made_token(journal.folder))])  # fmt: skip
    protos.get_service_grpc().add_OracleServicer_to_server(OracleServicer(SearchOracle(search)), server)
    server.add_generic_rpc_handlers([_handler(workers)])
    try:
        bound = server.add_insecure_port(address)
    except RuntimeError as error:
        raise SearchError(
            f"--chief {address}: cannot listen there. Name a free HOST:PORT such as 127.0.0.1:7077"
        ) from error
    server.start()
    say(f"chief      workers may join: tlkit tune RECIPE --join {address.rpartition(':')[0]}:{bound}")
    say(f"           where they do not see {near(journal.folder / FILE)}, with {VARIABLE} set to what it says")
    while not stop.wait(BEAT / 2) and not search.is_over():
        workers.look()
    server.stop(grace=3 * BEAT).wait()  # so that those who ask once more hear that it is over


def to_plain(trial: Trial) -> dict[str, object]:
    """A trial as what travels."""
    return {**vars(trial), "epochs": trial.epochs}


def _handler(workers: RemoteWorkers) -> Any:
    def plain(function: Callable[[dict[str, object]], dict[str, object]]) -> Any:
        return grpc.unary_unary_rpc_method_handler(
            lambda asked, context: json.dumps(function(json.loads(asked))).encode()
        )

    def store(asked: bytes, context: Any) -> bytes:
        name, _, content = asked.partition(b"\n")
        workers.store(name.decode(), content)
        return b""

    methods = {name: plain(getattr(workers, name)) for name in ("join", "beat", "halve", "back")}
    methods["fetch"] = grpc.unary_unary_rpc_method_handler(lambda asked, context: workers.fetch(asked.decode()))
    methods["store"] = grpc.unary_unary_rpc_method_handler(store)
    return grpc.method_handlers_generic_handler(SERVICE, methods)
