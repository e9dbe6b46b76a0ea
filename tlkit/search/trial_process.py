"""The parent's side of a process that runs trials: started, given jobs, heard, replaced when it dies or swells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tlkit import processes
from tlkit.processes import KILLED, Done, Failed, Helper
from tlkit.quiet import is_own_process
from tlkit.search.search_journal import SearchError
from tlkit.search.trial_messages import Open

MODULE = "tlkit.commands.workers.trial_worker"


class ProcessDied(Exception):
    """The process ended in the middle of a job."""


class TrialProcess:
    """One worker process; `opening` is what each new process is given first."""

    def __init__(self, opening: Open, *, gpu: str | None = None) -> None:
        self.opening, self.gpu = opening, gpu
        self._helper: Helper | None = None
        self._heard: Iterator[Any] = iter(())
        self.first_memory = 0
        self.ready = False

    def start(self) -> None:
        """Start the process, unless it runs."""
        if self._helper is not None and self._helper.is_running:
            return
        self._helper = Helper(MODULE, env=_environment(self.gpu))
        self._heard = self._helper.messages()
        self.ready, self.first_memory = False, 0
        self._helper.send(self.opening)

    def wait_ready(self) -> None:
        """Until Keras is loaded; what its opening found wrong is raised."""
        self.start()
        if not self.ready:
            for _ in self._answers():
                pass
            self.ready = True

    def ask(self, job: Any) -> Iterator[Any]:
        """Give a job and hear what comes of it; `ProcessDied` if the process does."""
        self.wait_ready()
        if self._helper is not None:
            self._helper.send(job)
        yield from self._answers()

    def has_swollen(self, memory: int, growth: int) -> bool:
        """Whether the process holds so many bytes more than behind its first trial."""
        self.first_memory = self.first_memory or memory
        return memory - self.first_memory > growth

    def stop(self) -> None:
        """End the process, whatever it does; its engine ends with it, and its sender when the record is home."""
        helper, self._helper = self._helper, None
        if helper is not None:
            helper.kill()

    def _answers(self) -> Iterator[Any]:
        helper = self._helper
        for said in self._heard:
            if isinstance(said, Done):
                return
            if isinstance(said, Failed):
                raise SearchError(said.text)
            yield said
        if helper is not None and helper.fault:
            raise SearchError(f"tune: {helper.fault}. Let their functions stand in a module")
        raise ProcessDied(_last_words(helper) if helper else "it was stopped")


def _last_words(helper: Helper) -> str:
    status, said = helper.wait(), helper.last_words()
    if status == KILLED:
        return "its process was killed, by hand or for want of memory"
    return f"its process ended with status {status}: {said or 'without a word'}"[:300]


def _environment(gpu: str | None) -> dict[str, str]:
    chosen = {"CUDA_VISIBLE_DEVICES": gpu, "TF_FORCE_GPU_ALLOW_GROWTH": "true"} if gpu is not None else {}
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    return processes.environment(main_path=not is_own_process(), **quiet, **chosen)
