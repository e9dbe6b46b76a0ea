"""What a teacher says of examples, labelled or not, as targets to learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tlkit.data.assembly.class_folders import SUFFIXES, printable
from tlkit.data.splits import Examples, Splits, joined
from tlkit.errors import DataError
from tlkit.kinds.image.image_index import file_facts, near_copies_of
from tlkit.kinds.image.picture_groups import ids_of
from tlkit.kinds.kind import kind_of
from tlkit.training.distillation.teacher import TeacherSettings, answers_of


@dataclass(frozen=True)
class Lessons:
    """A teacher's outputs by the id of an example, and how much they count beside its label.

    Every loss that trains here is as good for shares as for labels, so that a blend of targets is one of losses.

    Example:
        >>> lessons = Lessons({"a": np.array([0.2, 0.8])}, weight=0.5)
        >>> lessons.blended(np.array([[1.0, 0.0], [1.0, 0.0]]), ["a", "b"]).round(1).tolist()
        [[0.6000000238418579, 0.4000000059604645], [1.0, 0.0]]
    """

    outputs: Mapping[str, np.ndarray]
    weight: float
    unlabelled: frozenset[str] = frozenset()
    line: str = ""

    def blended(self, targets: np.ndarray, ids: Sequence[str]) -> np.ndarray:
        """Targets as the loss takes them, each moved to what the teacher says; of unlabelled ones that alone."""
        found = np.array(targets, np.float32)
        for place, each in enumerate(ids):
            if each in self.outputs:
                weight = 1.0 if each in self.unlabelled else self.weight
                found[place] = weight * self.outputs[each].reshape(found[place].shape) + (1 - weight) * found[place]
        return found

    def labelled(self, ids: Sequence[str]) -> np.ndarray:
        """Which of the examples have a label of their own."""
        return np.array([each not in self.unlabelled for each in ids], bool)


def taught(settings: TeacherSettings, splits: Splits) -> tuple[Splits, Lessons]:
    """The splits, with what is unlabelled behind the training part, and what the teacher says of that part."""
    teacher, names = settings.predictor(), splits.info.class_names
    outputs = answers_of(teacher, splits.train, names)
    line = f"{teacher.name} tells of {len(splits.train)} training examples, which counts {settings.weight:g}"
    if settings.unlabelled is None:
        return splits, Lessons(outputs, settings.weight, line=line)
    more, left_out = _unlabelled(settings.unlabelled, splits)
    told = answers_of(teacher, more, names)
    more = replace(more, targets=_targets(np.stack([told[each] for each in more.ids]), splits.train.targets))
    line += f", and of {len(more)} unlabelled pictures{left_out}"
    lessons = Lessons(outputs | told, settings.weight, frozenset(more.ids), line)
    return replace(splits, train=joined([splits.train, more])), lessons


def refuse_unreadable(settings: TeacherSettings, splits: Splits) -> None:
    """Unlabelled pictures are read like those of the training part, which lie in files then."""
    folder = settings.unlabelled
    if folder is None:
        return
    if not folder.is_dir():
        raise DataError(f"train.teacher.unlabelled: {folder} is no folder. Name one with pictures in it")
    files = kind_of(splits.info.kind).is_picture and all(isinstance(each, str) for each in splits.train.items)
    if not files or splits.train.beside is not None:
        raise DataError("train.teacher.unlabelled: is for pictures in files, without columns beside them. Leave it out")


def _unlabelled(folder: Path, splits: Splits) -> tuple[Examples, str]:
    """The pictures in a folder that are no copies of others, as examples, and how many are left out for what reason."""
    files = sorted(str(each) for each in folder.rglob("*") if each.suffix.lower() in SUFFIXES)
    facts = file_facts(files)
    bad = facts["problem"] != b""
    ids = np.array(ids_of(facts), object)
    judges = [*splits.val.items, *splits.test.items]
    leaks = np.isin(ids, [*splits.val.ids, *splits.test.ids]) | _near(files, [str(each) for each in judges])
    known = np.isin(ids, splits.train.ids) | ~np.isin(
        np.arange(len(ids)), np.unique(ids.astype(str), return_index=True)[1]
    )
    kept = np.flatnonzero(~(bad | leaks | known))
    if not len(kept):
        raise DataError(f"train.teacher.unlabelled: no picture in {folder} that is not known already. Leave it out")
    reasons = {
        "copies of val or test (leaks)": leaks & ~bad,
        "copies of training pictures": known & ~leaks & ~bad,
        "unreadable": bad,
    }
    counts = [f"{mask.sum()} {why}" for why, mask in reasons.items() if mask.any()]
    some = replace(
        splits.train.take([0] * len(kept)), items=[files[place] for place in kept], ids=ids[kept].tolist(),
        names=[printable(files[place]) for place in kept], keys=ids[kept].tolist(),
    )  # fmt: skip
    return some, f" ({', '.join(counts)} left out)" if counts else ""


def _near(files: Sequence[str], judges: Sequence[str]) -> np.ndarray:
    """Which files are near-copies of others."""
    pairs = near_copies_of(file_facts([*files, *judges]))
    mixed = pairs[(pairs.min(axis=1) < len(files)) & (pairs.max(axis=1) >= len(files))]
    return np.isin(np.arange(len(files)), mixed.min(axis=1))


def _targets(outputs: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Answers as targets of the training part are: the likeliest class, labels above one half, or numbers."""
    if like.dtype.kind not in "iu":
        return outputs.reshape(len(outputs), *like.shape[1:]).astype(like.dtype)
    return (outputs.argmax(axis=1) if like.ndim == 1 else outputs > 0.5).astype(like.dtype)
