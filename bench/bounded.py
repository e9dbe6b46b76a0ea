"""Commands of tlkit in forked children of one warm process, within bounds of time and memory: how did they end?"""

import argparse
import concurrent.futures
import contextlib
import hashlib
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psutil

LONGEST = 3100  # characters of a refusal, with what is said of those left out
OFFENCES = ("traceback", "killed", "hang", "memory", "unclear", "refused by the run", "written", "lost")
_LOOK = 0.2  # seconds from one look at a child's memory and time to the next
PATIENCE = 10  # times the seconds of a bound, by the clock: a loaded machine is no hang


class Bounds(NamedTuple):
    seconds: float  # of processors
    bytes: int


READING, RUNNING = Bounds(30, 2 << 30), Bounds(180, 4 << 30)
LARGE = Bounds(600, psutil.virtual_memory().total - (2 << 30))  # for one at a time


class Ending(NamedTuple):
    """How a command ended, in a word, and all that it said."""

    verdict: str
    text: str


def parser_of(page: str, *, count: int, count_of: str, runs: float) -> argparse.ArgumentParser:
    """The options that both of the fuzzers take."""
    parser = argparse.ArgumentParser(description=page, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=count, help=count_of)
    parser.add_argument("--first", type=int, default=0, help="the number to begin with")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--runs", type=float, default=runs, help="share of what passed that is run as well")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="how many at once")
    return parser


def preload() -> None:
    """What children would otherwise import again and again; nothing is computed here, so that forking is safe."""
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    from tlkit.quiet import load_keras, own_process

    own_process()  # as the command does: some of TensorFlow's warnings are of no use to its users
    load_keras()
    import keras_tuner  # noqa: F401

    import tlkit.cli
    import tlkit.commands.check
    import tlkit.commands.check_data
    import tlkit.commands.preflight.rehearsal
    import tlkit.commands.running.record  # noqa: F401


def in_shares(work: Callable[[Any], Any], each: Iterable[Any], jobs: int) -> Iterator[Any]:
    """What `work` makes of each, done in `jobs` forked processes at once."""
    with concurrent.futures.ProcessPoolExecutor(jobs, multiprocessing.get_context("fork")) as pool:
        yield from pool.map(work, each)


def outcome(*command: object, bounds: Bounds = READING) -> Ending:
    """How a command of tlkit ends in a forked child."""
    with tempfile.TemporaryFile() as out:
        child = os.fork()
        if not child:
            os.setpgid(0, 0)
            os._exit(code_of(command, out.fileno()))
        ended = _awaited(child, bounds)
        text = text_in(out)
    return Ending(ended if isinstance(ended, str) else verdict_of(ended, text), text)


def code_of(command: Iterable[object], out: int, main: Callable[[list[str]], object] | None = None) -> int:
    """The exit code of a command (of `main`, by default tlkit's) in this very process, which speaks into a file."""
    for stream in (1, 2):
        os.dup2(out, stream)
    code = 1
    try:
        if main is None:
            from tlkit.cli import main
        main([str(each) for each in command])
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:
        traceback.print_exc()
    with contextlib.suppress(BaseException):
        sys.stdout.flush()
        sys.stderr.flush()
    return code


def text_in(file: Any) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def _awaited(child: int, bounds: Bounds) -> int | str:
    """The exit code of a child, or what it was killed for."""
    end, looked = time.monotonic() + PATIENCE * bounds.seconds, time.monotonic()
    while not (ended := os.waitpid(child, os.WNOHANG))[0]:
        now = time.monotonic()
        if now > end:
            return killed(child, "hang")
        if now > looked + _LOOK:
            looked = now
            used = usage_of(child)
            if used.seconds > bounds.seconds or used.bytes > bounds.bytes:
                return killed(child, "hang" if used.bytes <= bounds.bytes else "memory")
        time.sleep(0.005)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what it left behind
    return os.waitstatus_to_exitcode(ended[1])


def usage_of(child: int) -> Bounds:
    """The time of processors and the bytes that a process and all below it have used."""
    seconds, room = 0.0, 0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(child)
        for each in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                room += each.memory_info().rss
                seconds += sum(each.cpu_times()[:2])
    return Bounds(seconds, room)


def killed(child: int, verdict: str) -> str:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return verdict


def verdict_of(code: int, text: str) -> str:
    """What an exit code and a text come to: a refusal is one or more lines, none of them of a traceback."""
    if code < 0:
        return "killed"
    if code not in (0, 2) or "Traceback" in text:
        return "traceback"
    if code == 0:
        return "passed"
    lines = text.strip().splitlines()
    clear = lines and len(text) <= LONGEST and not any(line.startswith((" ", "\t")) for line in lines)
    return "refused" if clear else "unclear"


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder with the hash of what is in it, to see that nothing was lost or written."""
    files = (each for each in sorted(folder.rglob("*")) if each.is_file())
    return {str(each): hashlib.blake2b(each.read_bytes()).hexdigest() for each in files}


def differing(before: dict[str, str], after: dict[str, str]) -> tuple[list[str], list[str]]:
    """The files that are new, and those that are gone or changed."""
    return [each for each in after if each not in before], [each for each in before if before[each] != after.get(each)]


def shortened(text: str) -> str:
    text = " | ".join(line.strip() for line in text.strip().splitlines()[-6:])
    return text if len(text) <= 900 else text[:300] + " ... " + text[-600:]
