"""A model written in other formats, and each of them run: an export that answers otherwise is refused."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlkit.data.splits import Splits
from tlkit.engines.predictor import Predictor
from tlkit.errors import ModelError, TlkitError
from tlkit.exporting import evidence
from tlkit.exporting.bundle import Bundle, ModelInput, file_of, parts_of, write_bundle
from tlkit.exporting.certificate import Certificate, Judge
from tlkit.exporting.evidence import Evidence, calibrating
from tlkit.exporting.exporter import FLOAT32, OUTPUTS, format_of
from tlkit.exporting.jobs import Convert, Measure, Reference, Wanted, Written, answers
from tlkit.exporting.kept_layers import SHARES
from tlkit.exporting.model_card import CardFacts, model_card
from tlkit.exporting.predict_script import predict_script
from tlkit.exporting.reading_rule import reading_rule
from tlkit.kinds.kind import kind_in
from tlkit.model.metadata import Metadata
from tlkit.paths import temporary_folder

if TYPE_CHECKING:
    from tlkit.training.trained import Trained

_CALIBRATED = 128  # training examples
_GOLDEN = 8  # inputs that a bundle carries
_REFERENCE = "tensorflow"  # the backend that has trained the model
_CONVERSION, _MEASURING = "tlkit.exporting.conversion_process", "tlkit.exporting.measuring_process"


@dataclass(frozen=True)
class Exported:
    """What was written, how far its outputs are at most from the model's in float32, and its certificate."""

    format: str
    path: Path
    difference: float
    precision: str = FLOAT32
    certificate: Certificate = field(default_factory=Certificate)

    @property
    def key(self) -> str:
        """What it is called in `model.json`."""
        return f"{self.format}/{self.precision}"


@dataclass(frozen=True)
class Outcome:
    """The files that answer as they should, and why others do not or could not be written."""

    good: list[Exported]
    faults: list[str]


def export(
    model: Trained | Predictor,
    folder: str | Path,
    formats: Sequence[str] = ("savedmodel",),
    *,
    precisions: Sequence[str] = (FLOAT32,),
    splits: Splits | None = None,
    max_loss: float = 1.0,
    facts: CardFacts | None = None,
    any_size: bool = False,
) -> list[Exported]:
    """Write a model in each format into a folder, run it there, and compare; one that answers otherwise is an error.

    Args:
        splits: the data of the model: files are held against it on the whole test part, and calibrated on the training
            part; without them on a few inputs that are drawn.
        max_loss: points of accuracy that a file below float32 may lose.
        facts: what the model card says of where the model comes from.
        any_size: pictures of any size go in, and are resized inside the graph.

    Example:
        >>> export(tlkit.load_run("latest"), "cats/", ["savedmodel"])[0].difference < 1e-4  # doctest: +SKIP
        True
    """
    wanted = [Wanted(name, precision, any_size=any_size) for name in formats for precision in precisions]
    for each in wanted:
        format_of(each.format).check(each.precision, any_size=each.any_size)
    outcome = attempt(model, Path(folder), wanted, splits=splits, max_loss=max_loss, facts=facts)
    if outcome.faults:
        raise ModelError("\n".join(outcome.faults))
    return outcome.good


def attempt(
    model: Trained | Predictor,
    folder: Path,
    wanted: Sequence[Wanted],
    *,
    splits: Splits | None = None,
    max_loss: float = 1.0,
    facts: CardFacts | None = None,
) -> Outcome:
    """The same for any files, less those that cannot be had, of which it tells."""
    predictor = model if isinstance(model, Predictor) else model.predictor
    splits = splits or (None if isinstance(model, Predictor) else model.splits)
    folder.mkdir(parents=True, exist_ok=True)
    if any(each.any_size for each in wanted):
        _check_any_size(predictor.metadata)
    told = facts or _facts(predictor, splits)
    with temporary_folder("export") as scratch:
        return _Export(predictor, folder, Path(scratch), splits, max_loss, told).made(wanted)


@dataclass(frozen=True)
class _Export:
    """One export under way."""

    predictor: Predictor
    folder: Path
    scratch: Path
    splits: Splits | None
    max_loss: float
    facts: CardFacts

    def made(self, wanted: Sequence[Wanted]) -> Outcome:
        """Every file written, measured and described."""
        asked = self._evidence()
        job = Convert(self._model_file(), self.folder, wanted, asked.files, self._calibration(wanted))
        written, reference = _converted(job)
        judge = Judge(
            self.predictor.task, self.predictor.class_names, reference, asked.targets, asked.words, self.max_loss
        )
        faults = [f"{each.path}: {each.wanted.key} cannot be written ({each.fault})" for each in written if each.fault]
        good: list[Exported] = []
        for each in written:
            if each.fault:
                continue
            try:
                found = self._good_enough(each, job, judge, asked)
                self._complete(found, reference)
                good.append(found)
            except TlkitError as error:
                faults.append(f"{each.path}: {error}")
                _remove(each.path)
        if good:
            self._describe(good, reference, asked, any_size=any(each.any_size for each in wanted))
        return Outcome(good, faults)

    def _good_enough(self, written: Written, job: Convert, judge: Judge, asked: Evidence) -> Exported:
        """A file; in int8, where it loses too much, written again with more and more of its layers in float32.

        A `ModelError` where it still answers otherwise than it should.
        """
        found, wanted = self._certified(written, judge, asked), written.wanted
        for share in SHARES if wanted.precision == "int8" and format_of(wanted.format).keeps_layers else ():
            if not judge.loses_too_much(found.certificate):
                break
            again = replace(job, wanted=[replace(wanted, kept_share=share)], inputs=())
            (written,) = answers(_CONVERSION, again, format_of(wanted.format).backend)
            if written.fault or list(written.kept) == found.certificate.get("kept_float32", []):
                break
            found = self._certified(written, judge, asked)
        if fault := found.certificate["fault"]:
            raise ModelError(f"{fault}. Do not use it")
        return found

    def _certified(self, written: Written, judge: Judge, asked: Evidence) -> Exported:
        job = Measure(written.wanted.format, written.path, asked.files)
        if written.wanted.any_size and asked.is_test:
            channels = self.predictor.metadata["input_shape"][-1]
            job = replace(job, pictures=self._whole_pictures(), channels=channels)
        (measured,) = answers(_MEASURING, job)
        size = file_of(written.path).bytes
        precision = written.wanted.precision
        page = judge.certificate(precision, measured, bytes=size, seconds=written.seconds)
        if written.kept:
            page["kept_float32"] = list(written.kept)
        difference = page["largest_difference_to_float32"]
        return Exported(written.wanted.format, written.path, difference, precision, page)

    def _whole_pictures(self) -> list[str]:
        """The files of the test split's pictures, where each has one."""
        assert self.splits is not None
        files, items = kind_in(self.predictor.metadata).picture_files, self.splits.test.items
        found = [str(name) for index in range(len(items)) for name in files(items[index])]
        return found if len(found) == len(items) else []

    def _complete(self, found: Exported, reference: Reference) -> None:
        format_of(found.format).complete(found.path, self.predictor.metadata, *self._outputs(reference))

    def _outputs(self, reference: Reference) -> tuple[Sequence[str], float | None]:
        """What the graph's outputs are, and the score above which an input is unknown."""
        known = self.predictor.metadata.get("unknown") if len(reference.float32) > 1 else None
        return OUTPUTS[: len(reference.float32)], float(known["threshold"]) if known else None

    def _describe(self, good: Sequence[Exported], reference: Reference, asked: Evidence, *, any_size: bool) -> None:
        """`model.json` and `certificate.json`."""
        page, inputs = self.predictor.metadata, asked.inputs
        outputs, threshold = self._outputs(reference)
        names = ["inputs", "beside"][: len(inputs)]
        taken = [None, None, page["input_shape"][-1]] if any_size else page["input_shape"]
        shapes = [[None, *taken] if page["input_dtype"] != "string" else [None, *inputs[0].shape[1:]],
                  *([None, *each.shape[1:]] for each in inputs[1:])]  # fmt: skip
        bundle = Bundle(
            self.folder, importlib.metadata.version("tlkit"), page,
            [ModelInput(*each) for each in zip(names, shapes, (str(each.dtype) for each in inputs), strict=True)],
            outputs, {each.key: file_of(each.path) for each in good},
            reading_rule(page, any_size=any_size), page.get("temperature"), threshold,
        )  # fmt: skip
        write_bundle(bundle)
        self._write_golden(asked, reference)
        self._write_scripts(good)
        certificates = {each.key: each.certificate for each in good}
        (self.folder / "certificate.json").write_text(json.dumps(certificates, indent=1), encoding="utf-8")
        (self.folder / "README.md").write_text(model_card(self.facts, page, certificates), encoding="utf-8")

    def _write_golden(self, asked: Evidence, reference: Reference) -> None:
        """A few inputs as the graph takes them, with what the model says of them, and the pictures' own files."""
        chosen = asked.some(_GOLDEN)
        names = ("inputs", "beside")
        arrays: dict[str, Any] = {
            name: np.asarray(each[chosen]) for name, each in zip(names, asked.inputs, strict=False)
        }
        outputs: dict[str, Any] = {name: each[chosen] for name, each in zip(OUTPUTS, reference.float32, strict=False)}
        np.savez_compressed(self.folder / "golden.npz", **arrays, **outputs)
        files = kind_in(self.predictor.metadata).picture_files
        if self.splits is None or not asked.is_test:
            return
        for place, index in enumerate(chosen):
            for number, name in enumerate(files(self.splits.test.items[index])):
                (self.folder / "golden").mkdir(exist_ok=True)
                copy = self.folder / "golden" / f"{place}{f'-{number}' if number else ''}{Path(name).suffix.lower()}"
                shutil.copyfile(name, copy)

    def _write_scripts(self, good: Sequence[Exported]) -> None:
        """`predict.py` for the first file, `predict_FORMAT.py` for those of other formats."""
        first = {each.format: each for each in reversed(good)}
        for place, each in enumerate(dict.fromkeys(each.format for each in good)):
            format = format_of(each)
            if format.script:
                name = "predict.py" if place == 0 else f"predict_{each}.py"
                script = predict_script(
                    format, first[each].path.relative_to(self.folder).as_posix(), self.predictor.metadata
                )
                (self.folder / name).write_text(script, encoding="utf-8")

    def _evidence(self) -> Evidence:
        page = self.predictor.metadata
        if self.splits is None:
            return evidence.drawn(page, self.scratch / "asked")
        return evidence.of_examples(self.splits.test, page, self.scratch / "asked", "the test split")

    def _calibration(self, wanted: Sequence[Wanted]) -> Sequence[Path]:
        """Inputs of training examples, every class with its share, where a file is to be int8."""
        if all(each.precision != "int8" for each in wanted):
            return ()
        if self.splits is None:
            raise ModelError("int8: is calibrated on training examples, and the data of this model are not there")
        train = self.splits.train
        chosen = calibrating(self.predictor.task.strata(list(train.targets)), len(train), _CALIBRATED)
        return evidence.of_examples(train.take(chosen), self.predictor.metadata, self.scratch / "calibration", "").files

    def _model_file(self) -> Path:
        """The model's file, written where it has none yet."""
        if self.predictor.path is not None:
            return self.predictor.path
        from tlkit.model.saving import save_model

        path = self.scratch / "model.keras"
        save_model(self.predictor.model, path, self.predictor.metadata)
        return path


def _converted(job: Convert) -> tuple[list[Written], Reference]:
    """Every file, written by the backend that its format wants, and what the model itself makes of the inputs."""
    backends: dict[str, list[Wanted]] = {_REFERENCE: []}
    for each in job.wanted:
        backends.setdefault(format_of(each.format).backend, []).append(each)
    *written, reference = answers(_CONVERSION, replace(job, wanted=backends.pop(_REFERENCE)), _REFERENCE)
    for backend, wanted in backends.items():
        written += answers(_CONVERSION, replace(job, wanted=wanted, inputs=()), backend)
    return written, reference


def _check_any_size(metadata: Metadata) -> None:
    if not kind_in(metadata).is_picture or metadata.get("beside") or metadata["input_dtype"] != "uint8":
        raise ModelError(
            "--resize inside: is for models of pictures alone, of whole numbers from 0 to 255. Leave it out"
        )


def _facts(predictor: Predictor, splits: Splits | None) -> CardFacts:
    return CardFacts(predictor.metadata.get("recipe") or predictor.name, counts=splits.counts() if splits else {})


def _remove(path: Path) -> None:
    for each in parts_of(path):
        each.unlink()
    if path.is_dir():
        shutil.rmtree(path)
