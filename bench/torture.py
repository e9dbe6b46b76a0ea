"""Runs and searches killed, cut short by full disks and moved clocks, two at once: do they end as ones left alone?

python bench/torture.py [--seed 7] [--minutes 20] [--only NAME[/NUMBER]]... [--jobs 2]

Every case has a project of its own, with tiny data, a cache and a temporary folder. What was cut off is begun again by
the same command until it is done, and must then be equal to the last bit to one that was never cut: digests of weights
and outputs, every metric, a search's trials and winner, one run in MLflow. Nothing may be left: no process, no file.
Exit code 1 where any case failed; the name that each failure is shown with repeats it.
"""

import argparse
import collections
import contextlib
import dataclasses
import functools
import itertools
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

MINUTES = 20  # that everything takes on two quiet cores
DEADLINE = 240  # seconds for any command
PATIENCE = 40  # seconds for helpers to end behind a killed parent
DAY = 86_400
NO_STORE = "import tlkit.engines.decoded_cache as cache; cache.kept.__kwdefaults__['most_bytes'] = 0; "
ENTRY = "from tlkit.cli import entry; entry()"
MARK = "TLKIT_TORTURE"  # the environment variable by which a project's processes are known
UNTIMED = re.compile(r"(?!.*(second|features/|energy|system/|gpu/))")
TOLD = re.compile(r"tlkit\.(digest\..*|best_trial|best_epoch|status|precision)$")
PASSING = re.compile(r"[0-9a-f]{32}|\d{8}-\d{6}-[0-9a-f]{8}")  # names that no two runs share
SENDER, ENGINE = "tlkit.tracking.sender", "tlkit.engines.worker"

DATA = "data: {path: pictures, image_size: 32, val: 0.25, test: 0.25}\ntrack: {system_metrics: false}\n"
SCRATCH = (
    DATA
    + """
augment: [{flip: horizontal}, {brightness: 0.1}]
model: {net: cnn, filters: [4, 8], weights: none}
train:
  batch_size: 4
  optimizer: {name: adam, average: 0.9}
  early_stopping: {patience: 30}
  phases: [{epochs: 12, learning_rate: 0.01}, {epochs: 12, learning_rate: 0.002}]
"""
)
FROZEN = (
    DATA
    + """
augment: {views: 2, steps: [{flip: horizontal}]}
model: {net: efficientnet-lite0}
train: {epochs: 40, batch_size: 4, few_examples: as_written, early_stopping: {patience: 50}}
"""
)
TUNED = (
    DATA
    + """
model: {net: efficientnet-lite0}
train: {epochs: 12, batch_size: 8, early_stopping: {patience: 5}}
tune:
  tuner: random
  trials: 4
  seeds: 2
  space: {model.head.dropout: {float: [0, 0.5]}, train.learning_rate: {log: [1e-3, 1e-1]}}
"""
)
FINE_TUNED = (
    DATA
    + """
augment: [{flip: horizontal}]
model: {net: efficientnet-lite0}
train:
  batch_size: 4
  few_examples: as_written
  phases: [{epochs: 8, learning_rate: 0.01}, {unfreeze: 1, epochs: 12, learning_rate: 0.001}]
"""
)


def draw_pictures(folder: Path, *, count: int = 12) -> None:
    """Two classes, a colour each."""
    draw = np.random.default_rng(0)
    for name, colour in (("blue", (40, 60, 215)), ("red", (210, 50, 40))):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = draw.normal(colour, 60, (*draw.integers(16, 25, 2), 3)).clip(0, 255)
            Image.fromarray(pixels.astype(np.uint8)).save(path := folder / name / f"{number:03}.png")
            os.utime(path, (time.time() - DAY,) * 2)  # what is known of files just written is not kept


@dataclasses.dataclass(frozen=True)
class Form:
    """A command that is tortured: its recipe, its words, what stands before them, what puts its pictures there."""

    recipe: str
    words: tuple[str, ...] = ("run", "small.yaml")
    before: str = ""
    pictures: Callable[[Path], None] = draw_pictures


FORMS = {
    "frozen": Form(FROZEN),
    "fine-tuned": Form(FINE_TUNED),
    "scratch": Form(SCRATCH),
    "streamed": Form(SCRATCH, before=NO_STORE),
    "folds": Form(SCRATCH.replace("epochs: 12", "epochs: 6"), ("run", "small.yaml", "--folds", "2")),
    "tune": Form(TUNED, ("tune", "small.yaml")),
}


@dataclasses.dataclass
class Verdict:
    """What came of one case."""

    number: int = 0
    kills: int = 0
    different: list[str] = dataclasses.field(default_factory=list)
    litter: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)

    @property
    def failed(self) -> bool:
        return bool(self.different or self.litter)


@dataclasses.dataclass(frozen=True)
class Scenario:
    """What is done to which forms, how often in all of the time, and what may be otherwise than in a run left alone."""

    act: Callable[..., None]
    forms: tuple[str, ...]
    count: int  # cases
    times: int = 1  # runs of each name that there are to be
    may_fail: bool = False
    clears: bool = False  # the cache, of which nothing need be left

    def may_lie(self, file: str) -> bool:
        """Whether a file is no litter: it is of a second run, or the model of one that had no room."""
        second = (self.may_fail or self.times > 1) and not file.endswith(" 1")
        return second or (self.may_fail and "*-model/model.keras" in file)

    def may_lack(self, file: str) -> bool:
        """Whether a file may be missing: what a full cache had no room for, or one that was cleared."""
        return (self.may_fail or self.clears) and file.startswith("cache/")


class Project:
    """A folder with data and a recipe, its own cache and temporary folder, and all processes begun in it."""

    def __init__(self, home: Path, form: Form) -> None:
        self.home, self.form, self.mark, self.count = home, form, uuid.uuid4().hex, 0
        self.folder, self.cache, self.temporary = home / "project", home / "cache", home / "tmp"
        for each in (self.folder, self.cache, self.temporary):
            each.mkdir(parents=True)
        form.pictures(self.folder / "pictures")
        (self.folder / "small.yaml").write_text(form.recipe)

    def begin(self, *words: str, before: str = "", **ways) -> subprocess.Popen:
        """The form's command, or another; what it says goes into a file of its own."""
        self.count += 1
        code = before + self.form.before + ENTRY
        command = [sys.executable, "-P", "-c", code, *(words or self.form.words)]
        env = {**os.environ, "TLKIT_CACHE": str(self.cache), "TMPDIR": str(self.temporary), MARK: self.mark,
               "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", **ways.pop("env", {})}  # fmt: skip
        with (self.home / f"{self.count}.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **ways
            )
        process.log = self.home / f"{self.count}.log"
        return process

    def processes(self, module: str = "") -> list[psutil.Process]:
        """All that live, of a module."""
        found = []
        for each in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if each.environ().get(MARK) == self.mark and module in " ".join(each.cmdline()):
                    found.append(each)
        return found

    def finish(self, verdict: Verdict, *words: str) -> None:
        """The command, to its end."""
        process = self.begin(*words)
        if code := ended(process):
            verdict.different.append(f"exit code {code}: {said(process)}")

    def epochs(self) -> int:
        """How many lines all journals have that are of an epoch."""
        journals = [
            *self.folder.glob("mlruns/pending/*/journal.jsonl"),
            *self.folder.glob("mlruns/searches/*/j*.jsonl"),
        ]
        return sum(read(each).count("train/loss") for each in journals)

    def is_ending(self) -> bool:
        """Whether a record has its last line."""
        return any('"op": "finish"' in read(each) for each in self.folder.glob("mlruns/pending/*/journal.jsonl"))

    def remains(self) -> set[str]:
        """All files by what does not pass in their names, those of one such name by number (of the cache only one)."""
        files = (each.relative_to(self.home) for each in self.home.rglob("*") if each.is_file())
        names = collections.Counter(PASSING.sub("*", str(each)) for each in files if len(each.parts) > 1)
        return {f"{name} {n + 1}" for name, count in names.items() for n in range(1 if "cache/" in name else count)}


def read(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text(errors="replace")
    return ""


def ended(process: subprocess.Popen) -> int:
    try:
        return process.wait(DEADLINE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return 99


def said(process: subprocess.Popen) -> str:
    """The end of what a process printed, in one line."""
    return " | ".join(read(process.log).strip().splitlines()[-4:])[-600:]


# what is compared -----------------------------------------------------------------------------------------------------


def outcome(project: Project) -> dict[str, list]:
    """All that a project's record holds but times: by each run's name, its status, digests and metrics."""
    with contextlib.closing(sqlite3.connect(project.folder / "mlruns" / "mlflow.db")) as store:
        found = collections.defaultdict(list)
        for run, *about in store.execute("select run_uuid, name, status from runs order by start_time").fetchall():
            tags = dict(store.execute("select key, value from tags where run_uuid = ?", (run,)))
            metrics = store.execute("select key, step, value from metrics where run_uuid = ?", (run,)).fetchall()
            told = sorted((key, tags[key]) for key in tags if TOLD.match(key))
            found[about[0]].append((about[1], told, sorted(each for each in metrics if UNTIMED.match(each[0]))))
    return {**found, **searched(project)}


def searched(project: Project) -> dict[str, list]:
    """What trials a search made and how each ended."""
    journals = project.folder.glob("mlruns/searches/*/journal.jsonl")
    lines = [json.loads(line) for each in journals for line in read(each).splitlines()]
    passing = ("at", "seconds", "worker")
    kept = [{name: line[name] for name in line if name not in passing} for line in lines]
    return {"trials": [line for line in kept if "trial" in line or "end" in line]}


def compare(mine: dict[str, list], whole: dict[str, list]) -> list[str]:
    """What is not as in a project that was left alone."""
    found = []
    for name in sorted({*mine, *whole}):
        one, other = mine.get(name, []), whole.get(name, [])
        if len(one) != len(other):
            found.append(
                f"{name}: {len(one)} in place of {len(other)} ({[each[0] for each in one if isinstance(each, tuple)]})"
            )
        elif one != other:
            found += [f"{name}: {first_difference(a, b)}" for a, b in zip(one, other, strict=True) if a != b]
    return found


def first_difference(one, other) -> str:
    if isinstance(one, tuple):
        one, other = ([each[0], *each[1], *each[2]] for each in (one, other))
        odd = [f"{each}" for each in one if each not in other] + [f"not {each}" for each in other if each not in one]
        twice = [f"twice {each}" for each in one if one.count(each) > 1]
        return "; ".join((odd or twice)[:4])
    return f"{one} in place of {other}"


@dataclasses.dataclass(frozen=True)
class Reference:
    """What a form comes to where nothing disturbs it, and how many seconds its first epoch takes to come."""

    project: Project
    outcome: dict[str, list]
    files: set[str]
    first: float


class Whole:
    """Each form run once without a disturbance, when it is first asked for."""

    def __init__(self, home: Path) -> None:
        self._home, self._locks = home, collections.defaultdict(threading.Lock)

    @functools.cache  # noqa: B019  (lives as long as the script)
    def _made(self, name: str) -> Reference:
        project, verdict, begun = Project(self._home / f"whole-{name}", FORMS[name]), Verdict(), time.monotonic()
        process = project.begin()
        while process.poll() is None and not project.epochs():
            time.sleep(0.02)
        first = time.monotonic() - begun
        if code := ended(process):
            sys.exit(f"{name}, left alone: exit code {code}: {said(process)}")
        gone(project, verdict)
        if verdict.failed:
            sys.exit(f"{name}, left alone: {verdict.litter}")
        return Reference(project, outcome(project), project.remains(), first)

    def of(self, name: str) -> Reference:
        """What a form comes to."""
        with self._locks[name]:
            return self._made(name)


def gone(project: Project, verdict: Verdict) -> None:
    """Wait for all processes to end; those that do not are litter."""
    end = time.monotonic() + PATIENCE
    while (left := project.processes()) and time.monotonic() < end:
        time.sleep(0.1)
    for each in left:
        with contextlib.suppress(psutil.Error):
            verdict.litter.append(f"process {' '.join(each.cmdline())[-120:]}")
            each.kill()


def judge(project: Project, name: str, whole: Whole, verdict: Verdict, scenario: Scenario, shared: set[str]) -> None:
    """Compare what a project came to, and look for what is left."""
    gone(project, verdict)
    expected, files, mine = whole.of(name).outcome, whole.of(name).files, outcome(project)
    if scenario.may_fail:  # a run that found no room is another one, FAILED
        mine = {run: [each for each in every if each[0] != "FAILED"] if run != "trials" else every
                for run, every in mine.items()}  # fmt: skip
    twice = 1 if name == "tune" else scenario.times
    verdict.different += compare(mine, {run: every * twice for run, every in expected.items()})
    verdict.litter += sorted(each for each in project.remains() - files if not scenario.may_lie(each))
    lacking = sorted(each for each in files - project.remains() if not scenario.may_lack(each))
    verdict.different += [f"{each} is not there" for each in lacking]
    end = time.monotonic() + PATIENCE
    while (left := unused_memory() - shared) and time.monotonic() < end:  # another's, perhaps, who uses it at times
        time.sleep(0.5)
    verdict.litter += [f"/dev/shm/{each}" for each in sorted(left)]


def unused_memory() -> set[str]:
    """Files in shared memory that no living process has mapped or open."""
    with contextlib.suppress(OSError):
        names, used = set(os.listdir("/dev/shm")), ""
        for each in psutil.process_iter() if names else ():
            with contextlib.suppress(psutil.Error, OSError):
                used += Path(f"/proc/{each.pid}/maps").read_text()
                used += " ".join(opened.path for opened in each.open_files())
        return {each for each in names if each not in used}
    return set()


# kills ----------------------------------------------------------------------------------------------------------------


def moment(draw: random.Random, project: Project, first: float) -> str:
    """Wait for a random moment of a command that was just begun, from its imports to the end of its record."""
    stage, begun, known = draw.choice(("imports", "epochs", "epochs", "end")), time.monotonic(), project.epochs()
    wait, count = draw.random(), draw.randrange(1, 30)
    process = yield
    if stage == "imports":
        waited(process, lambda: time.monotonic() > begun + wait * first)
    elif stage == "epochs":
        waited(process, lambda: project.epochs() >= known + count or project.is_ending())
        time.sleep(wait * 0.2)
    else:
        waited(process, project.is_ending)
        time.sleep(wait)
    yield f"{stage} {count if stage == 'epochs' else format(wait, '.2f')}"


def waited(process: subprocess.Popen, happened) -> None:
    end = time.monotonic() + DEADLINE
    while process.poll() is None and not happened() and time.monotonic() < end:
        time.sleep(0.01)


def killed(draw: random.Random, project: Project, first: float, verdict: Verdict, module: str = "") -> int | None:
    """A command that is killed, or one of its helpers; its exit code if it came to its end all the same."""
    number = signal.SIGKILL if module else draw.choice((signal.SIGKILL, signal.SIGTERM))
    waiting = moment(draw, project, first)
    next(waiting)
    process = project.begin()
    stage = waiting.send(process)
    if module:
        waited(process, lambda: bool(project.processes(module)))
        victims = project.processes(module)
        for each in victims[:1]:
            each.kill()
        verdict.kills += bool(victims)
        verdict.notes.append(f"{module} at {stage}" if victims else f"no {module} at {stage}")
        return ended(process)
    hit = process.poll() is None
    process.send_signal(number)
    code = ended(process)
    verdict.kills += hit
    verdict.notes.append(f"{number.name} at {stage} gave {code}")
    if not hit or code == 0:
        return code
    if code not in (-number, 128 + number):
        verdict.different.append(f"{number.name} at {stage}: exit code {code}: {said(process)}")
    if "Traceback" in read(process.log):
        verdict.different.append(f"{number.name} at {stage}: a traceback: {said(process)}")
    return None


def kill_case(name: str, project: Project, draw: random.Random, whole: Whole, verdict: Verdict) -> None:
    """One to three kills in a row, sometimes with no time for what was killed to be tidied up; then the end."""
    for _ in range(1 + verdict.number % 3):
        if killed(draw, project, whole.of(name).first, verdict) is not None:
            return
        if draw.random() < 0.5:
            gone(project, verdict)
    if not is_whole(project, whole.of(name)):  # else it was killed behind its end, and once more were a second run
        project.finish(verdict)


def is_whole(project: Project, reference: Reference) -> bool:
    """Whether nothing is kept to go on with, and the record is all that there is to be once its sender is done."""
    records = project.folder / "mlruns"
    if any(records.glob("unfinished/*/")) or not (records / "mlflow.db").exists():
        return False
    gone(project, Verdict())
    return not compare(outcome(project), reference.outcome)


def helper_case(name: str, project: Project, draw: random.Random, whole: Whole, verdict: Verdict, module: str) -> None:
    """A helper killed alone: the command that it helps comes to its end."""
    if code := killed(draw, project, whole.of(name).first, verdict, module):
        verdict.different.append(f"exit code {code}: {read(project.home / '1.log')[-400:]}")
        project.finish(verdict)


# disks, clocks, two at once -------------------------------------------------------------------------------------------


def disk_case(name: str, project: Project, draw: random.Random, whole: Whole, verdict: Verdict) -> None:
    """A disk that is full at a random write: one line, and the same end once there is room."""
    size = int(2 ** draw.uniform(9, 25))
    place = draw.choice((None, project.folder / "mlruns", project.cache, project.temporary))
    with small_disk(place, size) as mounted:
        process = project.begin(preexec_fn=None if mounted else functools.partial(limit_files, size))
        code, text = ended(process), read(process.log)
        gone(project, verdict)
    verdict.kills += code != 0
    verdict.notes.append(f"{size} bytes {'on ' + place.name if mounted else 'a file'} gave {code}: {said(process)}")
    if code not in (0, 1, 2) or "Traceback" in text:
        verdict.different.append(f"full: exit code {code}: {text[-1500:]}")
    if code:
        for kept in re.findall(r"is kept: (.*model\.keras)", text):
            if not (mounted or (project.folder / kept).is_file()):
                verdict.different.append(f"{kept} is not there")
        project.finish(verdict)


def limit_files(size: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


@contextlib.contextmanager
def small_disk(place: Path | None, size: int):
    """A disk of this size at a place, whose files stay when it is gone; False where none can be mounted."""
    mount = place and shutil.which("mount")
    if mount:
        place.mkdir(exist_ok=True)
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True)
        mount = made.returncode == 0
    try:
        yield bool(mount)
    finally:
        if mount:
            with tempfile.TemporaryDirectory() as aside:
                shutil.copytree(place, aside, dirs_exist_ok=True)
                subprocess.run(["umount", "-l", place], check=True)
                shutil.copytree(aside, place, dirs_exist_ok=True)


def clock_case(name: str, project: Project, draw: random.Random, whole: Whole, verdict: Verdict) -> None:
    """A command killed a day ahead: what it left, names and times of files too, lies in the future of the next."""
    ahead = project.home / "ahead"
    ahead.mkdir()
    patch = "import time\nfor name, more in (('time', {0}), ('time_ns', {0} * 10**9)):\n    setattr(time, name, " \
            "lambda real=getattr(time, name), more=more: real() + more)\n"  # fmt: skip
    (ahead / "sitecustomize.py").write_text(patch.format(DAY))
    process = project.begin(env={"PYTHONPATH": str(ahead)})
    waited(process, lambda: project.epochs() >= draw.randrange(2, 12))
    process.kill()
    verdict.kills += ended(process) != 0
    gone(project, verdict)
    shutil.rmtree(ahead)
    for each in [*project.folder.rglob("*"), *project.cache.rglob("*")]:
        os.utime(each, (time.time() + DAY,) * 2)
    project.finish(verdict)


def pair_case(name: str, project: Project, draw: random.Random, whole: Whole, verdict: Verdict) -> None:
    """Two of the same at once; of two searches, one is told of the other."""
    both = [project.begin() for _ in range(2)]
    codes = sorted(map(ended, both))
    if name == "tune" and codes == [0, 2]:
        told = [each for each in both if each.returncode == 2]
        if "another process runs this search" not in said(told[0]):
            verdict.different.append(f"the second: {said(told[0])}")
    elif codes != [0, 0]:
        verdict.different.append(f"exit codes {codes}: {' / '.join(map(said, both))}")


def clearing_case(name: str, project: Project, draw: random.Random, whole: Whole, verdict: Verdict) -> None:
    """A run, and caches cleared all the while."""
    process = project.begin()
    while process.poll() is None:
        if code := ended(clearing := project.begin("cache", "--clear")):
            verdict.different.append(f"cache --clear: exit code {code}: {said(clearing)}")
    if process.returncode:
        verdict.different.append(f"exit code {process.returncode}: {said(process)}")


RUNS = ("frozen", "fine-tuned", "scratch", "streamed", "folds")
SCENARIOS = {
    **{f"kill-{form}": Scenario(kill_case, (form,), 9) for form in RUNS},
    "kill-tune": Scenario(kill_case, ("tune",), 12),
    "kill-sender": Scenario(functools.partial(helper_case, module=SENDER), ("scratch", "folds", "frozen", "tune"), 11),
    "kill-engine": Scenario(functools.partial(helper_case, module=ENGINE), ("frozen", "fine-tuned", "tune"), 11),
    "full": Scenario(disk_case, ("frozen", "scratch", "fine-tuned", "tune"), 30, may_fail=True),
    "clock": Scenario(clock_case, ("scratch", "tune", "frozen"), 3),
    "pair": Scenario(pair_case, ("scratch", "tune", "frozen"), 3, times=2),
    "clear": Scenario(clearing_case, ("frozen", "fine-tuned"), 2, clears=True),
}


def main() -> None:
    """All scenarios, or those that were asked for; a table of what came of them."""
    given = arguments()
    cases = list(chosen(given))
    home, shared = Path(tempfile.mkdtemp(prefix="torture-")), unused_memory()
    torture = functools.partial(case, home=home, seed=given.seed, whole=Whole(home), shared=shared, keep=given.keep)
    try:
        with ThreadPoolExecutor(given.jobs) as pool:
            print(f"{'scenario':<16}{'cases':>7}{'kills':>7}{'equal':>7}{'different':>11}{'litter':>8}")
            done = zip(cases, pool.map(torture, cases), strict=True)
            of_scenario = (
                (name, [each for _, each in mine]) for name, mine in itertools.groupby(done, lambda pair: pair[0][0])
            )
            failed = [tell_all(name, verdicts) for name, verdicts in of_scenario]
    finally:
        if not given.keep:
            shutil.rmtree(home, ignore_errors=True)
    sys.exit(any(failed))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--minutes", type=float, default=MINUTES, help="fewer make fewer cases of each scenario")
    parser.add_argument("--only", action="append", default=[], help=f"of {', '.join(SCENARIOS)}")
    parser.add_argument("--jobs", type=int, default=2, help="cases at once")
    parser.add_argument("--keep", action="store_true", help="leave the folders of what failed, and tell what was done")
    return parser.parse_args()


def chosen(given: argparse.Namespace) -> Iterator[tuple[str, int]]:
    """(scenario, number) of all cases."""
    for name, scenario in SCENARIOS.items():
        for number in range(max(1, round(scenario.count * given.minutes / MINUTES))):
            if not given.only or name in given.only or f"{name}/{number}" in given.only:
                yield name, number


def case(which: tuple[str, int], *, home: Path, seed: int, whole: Whole, shared: set[str], keep: bool) -> Verdict:
    """One case: what it came to, told at once where it failed."""
    (name, number), verdict = which, Verdict(which[1])
    scenario, draw = SCENARIOS[name], random.Random(f"{seed}/{name}/{number}")
    form = scenario.forms[number % len(scenario.forms)]
    whole.of(form)
    project = Project(home / f"{name}-{number}", FORMS[form])
    try:
        scenario.act(form, project, draw, whole, verdict)
        judge(project, form, whole, verdict, scenario, shared)
    except Exception as error:
        verdict.different.append(f"{type(error).__name__}: {error}")
    if verdict.failed or keep:
        tell(f"--seed {seed} --only {name}/{number}", form, verdict, project.home)
    if not (keep and verdict.failed):
        shutil.rmtree(project.home, ignore_errors=True)
    return verdict


def tell(where: str, form: str, verdict: Verdict, home: Path) -> None:
    lines = [f"{'FAILED' if verdict.failed else 'equal'} {where} ({form}; {home})", *verdict.notes]
    lines += [f"different: {each}" for each in verdict.different[:9]] + [
        f"litter: {each}" for each in verdict.litter[:9]
    ]
    print("\n    ".join(lines), flush=True)


def tell_all(name: str, verdicts: list[Verdict]) -> bool:
    """A line of the table, once all cases of a scenario are done; whether any failed."""
    different, litter = (sum(bool(getattr(each, kind)) for each in verdicts) for kind in ("different", "litter"))
    kills, failed = sum(each.kills for each in verdicts), sum(each.failed for each in verdicts)
    equal = len(verdicts) - failed
    print(f"{name:<16}{len(verdicts):>7}{kills:>7}{equal:>7}{different:>11}{litter:>8}", flush=True)
    return failed > 0


if __name__ == "__main__":
    main()
