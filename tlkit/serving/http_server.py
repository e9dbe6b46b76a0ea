"""The service as a process: sockets, workers, and an end at which what is under way is finished."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from tlkit.engines.hardware import allow_many_files, num_cores
from tlkit.errors import DataError, TlkitError
from tlkit.serving.admission import Admission, App, Limits
from tlkit.serving.answer_log import AnswerLog
from tlkit.serving.answering import Answering
from tlkit.serving.request_examples import ExampleReader
from tlkit.serving.served_model import ServedModel
from tlkit.serving.service import service
from tlkit.serving.service_counts import ServiceCounts

_SESSIONS = 2  # of a worker, where it has as many processors
_BACKLOG = 128  # connections that wait to be taken; where files run out, asyncio fails as often before it pauses
_PATIENCE = 60.0
_ROUTES = {"/predict": "predict", "/explain": "explain"}


@dataclass(frozen=True)
class Settings:
    """How a model is served; called in each worker, it makes the application there.

    Args:
        opened: opens the model, with so many sessions of so many threads.
        counts: a folder in which the workers count.
        folders: below them paths in requests are read.
        log: a folder for a table of answers.
        most: examples that may wait.
        grace: seconds that a stopped service has for what is under way.
    """

    opened: Callable[[int, int], ServedModel]
    counts: Path
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    token: str | None = None
    folders: Sequence[Path] = ()
    log: Path | None = None
    most: int = 256
    grace: int = 30
    limits: Limits = field(default_factory=Limits)

    def __call__(self) -> App:
        threads = max(1, num_cores() // self.workers)
        model = self.opened(min(_SESSIONS, threads), max(1, threads // _SESSIONS))
        model.warm_up()
        counts = ServiceCounts(self.counts, model.class_names)
        reader, log = ExampleReader(model.metadata, self.folders), AnswerLog(self.log, model) if self.log else None
        answering = Answering(model, reader, counts, threads=threads, most=self.most, log=log)

        def ended(path: str, status: int, seconds: float) -> None:
            counts.request("infer" if path.endswith("/infer") else _ROUTES.get(path, "other"), status, seconds)

        application = service(answering, lambda: admission.under_way)
        admission = Admission(application, self.limits, host=self.host, token=self.token, on_end=ended)
        return admission

    def in_worker(self) -> App:
        """The same in one of several processes, which are not to be started again where it cannot be made."""
        try:
            return self()
        except TlkitError as error:
            print(error, file=sys.stderr, flush=True)
            sys.exit(STARTUP_FAILURE)


def run(settings: Settings, ready: Callable[[str], None], say: Callable[[str], None]) -> None:
    """Answer until a signal comes; `ready` hears the service's address once it answers."""
    allow_many_files()  # each connection is one
    with listening_at(settings.host, settings.port) as listening:
        several = settings.workers > 1
        config = uvicorn.Config(
            settings.in_worker if several else settings, factory=True, workers=settings.workers, http="h11", ws="none",
            loop="asyncio", log_config=None, access_log=False, server_header=False, proxy_headers=False,
            timeout_graceful_shutdown=settings.grace, backlog=_BACKLOG,
        )  # fmt: skip
        address = address_of(settings.host, listening.getsockname()[1])
        threading.Thread(target=_announce, args=(address, ready), daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):  # how tlkit is told of a signal that was obeyed already
            Multiprocess(config, [listening]).run() if several else uvicorn.Server(config).run([listening])
        say("Stopped.")


def run_alone(application: App, listening: socket.socket, *, grace: int = 2) -> None:
    """Answer with one application in this process until a signal comes."""
    config = uvicorn.Config(
        application, http="h11", ws="none", loop="asyncio", log_config=None, access_log=False, server_header=False,
        proxy_headers=False, timeout_graceful_shutdown=grace,
    )  # fmt: skip
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run([listening])


def listening_at(host: str, port: int) -> socket.socket:
    """The socket that all workers share; who asks before they are there waits."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else a lone answer's body waits for 40 ms
        return listening
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{host}:{port}: cannot listen there ({reason}). Name another --port or --host") from error


def address_of(host: str, port: int) -> str:
    """Where a browser on this machine finds the service."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (a question, not a socket)
    return f"http://[{here}]:{port}" if ":" in here else f"http://{here}:{port}"


def _announce(address: str, ready: Callable[[str], None]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/ready", timeout=_PATIENCE):  # noqa: S310  (our own)
            ready(address)
            return
        time.sleep(0.1)
