"""The search of a chief elsewhere, as a worker here sees it: keras-tuner's client and what stands beside it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import grpc
from keras_tuner import HyperParameters
from keras_tuner.engine import trial as tuner_trial

from tlkit.compat.tuner_parts import OracleClient, protos
from tlkit.recipe.space import Domain
from tlkit.search.chief import BEAT, MESSAGE_BYTES, SERVICE
from tlkit.search.join_token import FILE, VARIABLE, known_token, saying
from tlkit.search.search_journal import SearchError
from tlkit.search.trial import FAILED, RUNNING, Trial
from tlkit.search.trial_queue import WAIT
from tlkit.tracking.outbox import near

_COUNTS = ("number", "since", "until", "first_epoch", "batch_size")
_ANSWER = 30.0  # seconds for the chief to be there


class RemoteSearch:
    """Trials from a chief; weights that they need are fetched, those that they leave are sent back.

    Args:
        states: where weights are kept here.
        folder: of the search, where a chief on this machine, or on a shared disk, leaves its token.
    """

    def __init__(
        self, address: str, identity: Mapping[str, Any], domains: Sequence[Domain], states: Path, folder: Path
    ) -> None:
        self.address, self.domains, self.states, self.done = address, domains, states, 0
        options = [("grpc.max_receive_message_length", MESSAGE_BYTES), ("grpc.max_send_message_length", MESSAGE_BYTES)]
        self._channel = grpc.insecure_channel(address, options=options)
        self._folder = folder
        with contextlib.suppress(grpc.FutureTimeoutError):  # the next line tells
            grpc.channel_ready_future(self._channel).result(_ANSWER)
        self._calls = saying(known_token(folder), self._channel)
        told = self._ask("join", {"facts": identity, "host": socket.gethostname()}, wait=True)
        if "refused" in told:
            shown = "\n  ".join(told["refused"])
            raise SearchError(f"--join {address}: the chief searches another recipe. Differences:\n  {shown}")
        self.name = str(told["name"])
        with _variables(address, self.name):
            self._client = OracleClient(None)
        self._client.stub = protos.get_service_grpc().OracleStub(self._calls)
        self._over = threading.Event()
        threading.Thread(target=self._beat, daemon=True).start()

    def create(self, worker: str) -> Trial | str | None:
        """The next trial; None when the search is over or its chief is gone."""
        try:
            chosen = self._client.create_trial(self.name)
        except grpc.RpcError:
            return None
        if chosen.status != RUNNING:
            return WAIT if chosen.status == "IDLE" else None
        trial = self._received(chosen.hyperparameters.values)
        for number in {trial.number, *([] if trial.since is None else [trial.since])}:
            self._fetch(number)
        return trial

    def epoch(self, trial: Trial, epoch: int, metrics: Mapping[str, float]) -> None:
        """Tell an epoch."""
        if epoch > trial.num_epochs:
            trial.epochs.append(dict(metrics))
            self._client.update_trial(trial.name, dict(metrics), step=epoch)

    def end(self, trial: Trial, status: str, *, score: float | None, message: str, seconds: float) -> None:
        """Tell how a trial ended, its weights first."""
        path = self.states / f"{trial.name}.npz"
        if status != FAILED and path.is_file():
            self._call("store", f"{trial.number}\n".encode() + path.read_bytes())
            path.unlink(missing_ok=True)
        told = HyperParameters()
        told.values = {"end": json.dumps({"status": status, "score": score, "message": message, "seconds": seconds})}
        self._client.end_trial(tuner_trial.Trial(told, trial_id=trial.name, status="COMPLETED"))
        self.done += 1

    def halve(self, trial: Trial, batch_size: int) -> None:
        """Tell that a trial is tried again with a smaller batch."""
        trial.batch_size, trial.epochs = batch_size, []
        self._ask("halve", {"trial": trial.number, "batch_size": batch_size})

    def give_back(self, trial: Trial, reason: str) -> None:
        """Let another worker have a trial."""
        self._ask("back", {"trial": trial.number, "reason": reason})

    def close(self) -> None:
        """Leave."""
        self._over.set()
        self._channel.close()

    def _received(self, values: Mapping[str, Any]) -> Trial:
        """A chief's trial, if it is one of the space that this worker's own recipe names."""
        try:
            return _trial(json.loads(values["trial"]), self.domains, self.name)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise SearchError(
                f"--join {self.address}: the chief gave a trial that is none of this recipe's space ({error})"
            ) from error

    def _fetch(self, number: int) -> None:
        content = self._call("fetch", str(number).encode())
        if content:
            self.states.mkdir(parents=True, exist_ok=True)
            (self.states / f"{number:03}.npz").write_bytes(content)

    def _beat(self) -> None:
        while not self._over.wait(BEAT):
            with contextlib.suppress(
                SearchError, ValueError
            ):  # a chief that is gone is noticed where trials are asked for
                self._ask("beat", {"name": self.name})

    def _ask(self, method: str, asked: dict[str, object], *, wait: bool = False) -> dict[str, Any]:
        return dict(json.loads(self._call(method, json.dumps(asked).encode(), wait=wait)))

    def _call(self, method: str, asked: bytes, *, wait: bool = False) -> bytes:
        try:
            return bytes(self._calls.unary_unary(f"/{SERVICE}/{method}")(asked, timeout=_ANSWER, wait_for_ready=wait))
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.UNAUTHENTICATED:
                mend = f"Set {VARIABLE} to what {near(self._folder / FILE)} says on the chief's machine"
                raise SearchError(f"--join {self.address}: the chief does not know this worker. {mend}") from error
            raise SearchError(
                f"--join {self.address}: no chief answers there. Start it with --chief {self.address}"
            ) from error


def _trial(told: Mapping[str, Any], domains: Sequence[Domain], worker: str) -> Trial:
    """A trial of plain numbers and of values from the space; `ValueError` for anything else."""
    known = {each.path: each for each in domains}
    counts = {name: told[name] for name in _COUNTS if told[name] is not None or name in ("number", "first_epoch")}
    wrong = [f"{name}: {value!r}" for name, value in counts.items() if type(value) is not int or value < 0]
    changes = dict(told["changes"])
    wrong += [
        f"{path}: {value!r}" for path, value in changes.items() if path not in known or not known[path].holds(value)
    ]
    if wrong:
        raise ValueError(", ".join(wrong))
    epochs = [{str(name): float(value) for name, value in each.items()} for each in told["epochs"]]
    return Trial(changes=changes, worker=worker, epochs=epochs, **counts)


@contextlib.contextmanager
def _variables(address: str, name: str) -> Iterator[None]:
    """keras-tuner's client takes where its chief is from the environment."""
    host, _, port = address.rpartition(":")
    own = {"KERASTUNER_ORACLE_IP": host, "KERASTUNER_ORACLE_PORT": port, "KERASTUNER_TUNER_ID": name}
    before = {key: os.environ.get(key) for key in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for key, value in before.items():
            os.environ.pop(key, None) if value is None else os.environ.__setitem__(key, value)
