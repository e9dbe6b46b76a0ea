"""Folders of recordings as splits: broken files set aside, lengths and sample rates made one."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tlkit.data.assembly.class_folders import LabelledFile, list_files
from tlkit.data.assembly.excluded import refuse_many_bad
from tlkit.data.assembly.groups import grouped_files, grouped_keys
from tlkit.data.assembly.parts import assemble
from tlkit.data.splits import Examples, Info, Splits
from tlkit.errors import DataError
from tlkit.kinds.signal.signal_files import Recording, inspect_recordings, read_in_form
from tlkit.tasks.task import task_of

_NAMED = 5  # of the files that were resampled


class RecordingFormat(NamedTuple):
    """What every recording of a set is brought to; None: what suits the set, see `agreed_form`."""

    length: int | None = None
    channels: int | None = None
    rate: int | None = None


class Recordings(NamedTuple):
    """The readable recordings of a folder with the parts that are given, their form, and what was set aside."""

    whole: Examples
    given: list[str | None]
    where: Path
    class_names: tuple[str, ...]
    form: RecordingFormat
    set_aside: dict[str, str]
    resampled: list[str]
    lengths: list[int]

    def tags(self) -> dict[str, str]:
        """What the record says of files that had another sample rate than most, or another length than is used."""
        told = {"data.lengths": _told_lengths(self.lengths, self.form)} if len(set(self.lengths)) > 1 else {}
        if not (self.form.rate and self.resampled):
            return told
        more = ", …" if len(self.resampled) > _NAMED else ""
        names = ", ".join(self.resampled[:_NAMED])
        return told | {"data.resampled": f"{len(self.resampled)} to {self.form.rate} Hz ({names}{more})"}

    @property
    def shape(self) -> tuple[int, int]:
        """Samples and channels of one recording, as agreed."""
        length, channels, _ = self.form
        assert length is not None, "agreed by now"
        assert channels is not None, "agreed by now"
        return length, channels

    def assembled(self, info: Info, *, val: float, test: float, seed: int) -> Splits:
        """The recordings as splits."""
        return assemble(
            self.whole, info, given=self.given, strata=[self.class_names[each] for each in self.whole.targets],
            val=val, test=test, seed=seed, where=self.where,
        )  # fmt: skip


def gather_recordings(
    path: Path,
    *,
    suffixes: frozenset[str],
    what: str,
    form: RecordingFormat,
    seconds: float | None = None,
    covered: float = 1.0,
    read: Callable[..., np.ndarray] = read_in_form,
    max_bad: float,
    on_file: Callable[[int], None] | None,
    label: str | None = None,
    group: str | None = None,
    group_folder: int | None = None,
) -> Recordings:
    """Every recording in class folders.

    All are `seconds` long where those are given, else as long as this share of them (`covered`) is at most.
    """
    listed = grouped_files(list_files(path, suffixes, what, label), path, group, group_folder)
    looked_at = inspect_recordings([each.path for each in listed], on_file)
    form = agreed_form(form, [each for each in looked_at if not each.problem], seconds, covered)
    bad = {str(file.path): problem for file, each in zip(listed, looked_at, strict=True)
           if (problem := each.problem or _misfit(each, form))}  # fmt: skip
    refuse_many_bad(bad, len(listed), max_bad, str(path), what)
    pairs = [(file, each) for file, each in zip(listed, looked_at, strict=True) if str(file.path) not in bad]
    files, ids = [file for file, _ in pairs], [each.id for _, each in pairs]
    class_names = tuple(sorted({str(each.label) for each in listed}))
    _refuse_lost_classes(files, class_names, path)
    keys = grouped_keys(ids, [each.group for each in files])
    whole = _examples(files, ids, keys, class_names, functools.partial(read, **form._asdict()))
    others = [str(file.path) for file, each in pairs if each.rate != form.rate]
    lengths = [_length_at(each, form.rate) for _, each in pairs]
    return Recordings(whole, [each.part for each in files], path, class_names, form, bad, others, lengths)


def agreed_form(
    form: RecordingFormat, found: Sequence[Recording], seconds: float | None = None, covered: float = 1.0
) -> RecordingFormat:
    """The form asked for, completed: the sample rate and channels of most files, the length that covers this share."""
    if not found:
        return form
    rates = Counter(each.rate for each in found if each.rate)
    rate = form.rate or (rates.most_common(1)[0][0] if rates else None)
    channels = form.channels or Counter(each.channels for each in found).most_common(1)[0][0]
    length = max(1, round(seconds * rate)) if seconds and rate else form.length
    usual = np.quantile([_length_at(each, rate) for each in found], covered, method="higher")
    return RecordingFormat(length or int(usual), channels, rate)


def _told_lengths(lengths: Sequence[int], form: RecordingFormat) -> str:
    """How many are cut and how many filled."""
    assert form.length is not None
    cut, filled = (sum(each > form.length for each in lengths), sum(each < form.length for each in lengths))

    def told(length: int) -> str:
        return f"{length / form.rate:.2f} s" if form.rate else str(length)

    longest = f" (the longest is {told(max(lengths))})" if cut else ""
    return f"{cut} of {len(lengths)} cut to {told(form.length)}{longest}, {filled} filled with zeros"


def _length_at(found: Recording, rate: int | None) -> int:
    return max(1, round(found.length * rate / found.rate)) if rate and found.rate else found.length


def _misfit(found: Recording, form: RecordingFormat) -> str:
    if found.channels == form.channels or form.channels == 1:
        return ""
    return f"{found.channels} channels, expected {form.channels}"


def _refuse_lost_classes(files: list[LabelledFile], class_names: Sequence[str], path: Path) -> None:
    lost = set(class_names) - {str(each.label) for each in files}
    if lost:
        raise DataError(f"{path}: class '{min(lost)}' has no readable file left")


def _examples(
    files: list[LabelledFile],
    ids: list[str],
    keys: list[str],
    class_names: Sequence[str],
    read: Callable[..., np.ndarray],
) -> Examples:
    names = [str(each.path) for each in files]
    targets = task_of("label").targets([each.label for each in files], class_names)
    return Examples(items=names, targets=targets, ids=ids, names=names, read=read, keys=keys)
