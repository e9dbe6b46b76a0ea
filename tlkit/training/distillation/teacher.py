"""Another run's model that is learned from: whether it can be, and what it says of examples, kept from run to run."""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tlkit.data.splits import Examples, Info, Splits
from tlkit.engines.predictor import Predictor, RunPredictor, load_model, load_run
from tlkit.errors import NotFoundError, RecipeError
from tlkit.paths import cache_root
from tlkit.tracking import lookup
from tlkit.training.checkpoints.state_file import State, StateFile

LEARNED_FROM = "learned_from.csv.gz"  # the examples that a run has seen, among its files
ANSWERS = "answers"  # folder in the cache
_AT_ONCE = 128  # examples that stand in memory


@dataclass(frozen=True)
class TeacherSettings:
    """A recorded run or a model file, how much it counts beside labels, and a folder of examples without any."""

    run: str
    weight: float = 0.7
    unlabelled: Path | None = None

    def predictor(self) -> Predictor:
        """The teacher's model with what its inputs and outputs mean."""
        return load_model(self.run) if self.run.endswith(".keras") else load_run(self.run)


def refuse_unlike(settings: TeacherSettings, splits: Splits) -> None:
    """A teacher answers the same question of the same kind of data, and has not seen what its student is judged by."""
    if settings.run == "latest":
        raise RecipeError(["train.teacher: expected the id of a run, for `latest` is another one each time"])
    teacher = settings.predictor()
    for problem in _differences(teacher, splits.info):
        raise RecipeError([f"train.teacher: {teacher.name} {problem}. Name another run"])
    if seen := _seen(teacher, splits.test):
        raise RecipeError([
            f"train.teacher: {teacher.name} has learned from {seen} of the {len(splits.test)} test examples (a leak). "
            "Train it on the same parts: the same data and seed"
        ])  # fmt: skip


def answers_of(teacher: Predictor, examples: Examples, class_names: Sequence[str]) -> dict[str, np.ndarray]:
    """What the teacher says of each example, by its id and in the order of the classes; computed once for a model."""
    assert teacher.path is not None, "a teacher lies in a file"
    file = StateFile(cache_root() / ANSWERS / f"{_digest(teacher.path)}.npz")
    kept = file.read() or State()
    missing = [index for index, each in enumerate(examples.ids) if each not in kept.arrays]
    if missing:
        kept.arrays |= zip(
            [examples.ids[index] for index in missing], _computed(teacher, examples, missing), strict=True
        )
        file.write(kept)
    order = [teacher.class_names.index(each) for each in class_names] or [0]
    return {each: kept.arrays[each][order] for each in examples.ids}


def _differences(teacher: Predictor, info: Info) -> Iterable[str]:
    if (task := teacher.metadata["task"]) != info.task:
        yield f"answers with {task}, and here it is {info.task}"
    elif set(teacher.class_names) != set(info.class_names):
        yield f"knows the classes {', '.join(teacher.class_names)}, and here they are {', '.join(info.class_names)}"
    elif (kind := teacher.metadata["kind"]) != info.kind:
        yield f"looks at data of kind {kind}, and this is {info.kind}"
    elif teacher.metadata.get("beside"):
        yield "takes columns beside its input, which it is not given here"


def _seen(teacher: Predictor, examples: Examples) -> int:
    """How many of the examples a recorded run has learned from, as far as its record tells."""
    if not isinstance(teacher, RunPredictor):
        return 0
    try:
        file = lookup.fetch(teacher.run, LEARNED_FROM, teacher.root)
    except NotFoundError:
        return 0
    with gzip.open(file, "rt", encoding="utf-8", newline="") as handle:
        known = {row["id"] for row in csv.DictReader(handle)}
    return len(known.intersection(examples.ids))


def _computed(teacher: Predictor, examples: Examples, indices: Sequence[int]) -> np.ndarray:
    found = []
    with teacher.answers() as answers:
        for start in range(0, len(indices), _AT_ONCE):
            inputs = [_input(teacher, examples, index) for index in indices[start : start + _AT_ONCE]]
            found.append(answers.outputs(inputs))
    return np.concatenate(found).reshape(len(indices), -1)


def _input(teacher: Predictor, examples: Examples, index: int) -> np.ndarray:
    """An example as the teacher takes it: of a picture's file, in the teacher's own size."""
    item = examples.items[index]
    from_file = isinstance(item, str) and teacher.kind.is_picture
    return teacher.kind.input_of(item if from_file else examples.load([index])[0], teacher.metadata)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
