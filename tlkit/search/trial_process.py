"""The parent's side of a process that runs trials: started, given jobs, heard, replaced when it dies or swells."""

from __future__ import annotations

import contextlib
import json
import pickle
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

import psutil

from tlkit import processes
from tlkit.quiet import is_own_process
from tlkit.search.search_journal import SearchError

MODULE = "tlkit.commands.workers.trial_worker"


class Died(Exception):
    """The process ended in the middle of a job."""


class Hand:
    """One worker process; `opening` is what each new process is given first."""

    def __init__(self, opening: Mapping[str, Any], *, gpu: str | None = None) -> None:
        self.opening, self.gpu = dict(opening), gpu
        self._process: subprocess.Popen[bytes] | None = None
        self.first_memory = 0
        self.ready = False

    def start(self) -> None:
        """Start the process, unless it runs."""
        if self._process is not None and self._process.poll() is None:
            return
        self._errors = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115  (the process writes into it)
        self._process = subprocess.Popen(
            processes.command(MODULE), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
            env=_environment(self.gpu),
        )  # fmt: skip
        self.ready, self.first_memory = False, 0
        self._send("open", self.opening)

    def wait_ready(self) -> None:
        """Until Keras is loaded; what its opening found wrong is raised."""
        self.start()
        if not self.ready:
            for _ in self._until("ready"):
                pass
            self.ready = True

    def ask(self, job: str, end_event: str, /, **given: Any) -> Iterator[dict[str, Any]]:
        """Give a job and hear what comes of it, up to and with the event that ends it; `Died` if the process does."""
        self.wait_ready()
        self._send(job, given)
        yield from self._until(end_event)

    def has_swollen(self, memory: int, growth: int) -> bool:
        """Whether the process holds so many bytes more than behind its first trial."""
        self.first_memory = self.first_memory or memory
        return memory - self.first_memory > growth

    def stop(self) -> None:
        """End the process, whatever it does; its own worker ends with it."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(process.pid).children(recursive=True):
                if "tracking.sender" not in " ".join(child.cmdline()):  # it has a record to bring home
                    child.kill()
        process.kill()
        process.wait()

    def _send(self, job: str, given: Mapping[str, Any]) -> None:
        assert self._process is not None, "started before anything is sent"
        assert self._process.stdin is not None, "opened as a pipe"
        try:
            with contextlib.suppress(BrokenPipeError):
                pickle.dump((job, dict(given)), self._process.stdin)
                self._process.stdin.flush()
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise SearchError(
                f"tune: the examples cannot be handed to a worker ({error}). Let their functions stand in a module"
            ) from error

    def _until(self, last: str) -> Iterator[dict[str, Any]]:
        process = self._process
        for line in (process.stdout if process else None) or ():
            said = json.loads(line)
            if said["event"] == "error":
                raise SearchError(said["message"])
            yield said
            if said["event"] == last:
                return
        raise Died(self._last_words(process.wait() if process else 0))

    def _last_words(self, status: int) -> str:
        if status == -signal.SIGKILL:
            return "its process was killed, by hand or for want of memory"
        self._errors.seek(0)
        lines = [line.strip() for line in self._errors.read().splitlines() if line.strip()]
        return f"its process ended with status {status}: {lines[-1] if lines else 'without a word'}"[:300]


def _environment(gpu: str | None) -> dict[str, str]:
    chosen = {"CUDA_VISIBLE_DEVICES": gpu, "TF_FORCE_GPU_ALLOW_GROWTH": "true"} if gpu is not None else {}
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    return processes.environment(main_path=not is_own_process(), **quiet, **chosen)
