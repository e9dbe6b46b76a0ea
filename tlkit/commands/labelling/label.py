"""Pictures proposed to be labelled next, out of a folder of those without labels."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from tlkit.commands.labelling.label_files import WRITERS, Proposal
from tlkit.commands.shell.listing import Answer
from tlkit.data.splits import Examples
from tlkit.engines.inference import ModelRunner
from tlkit.engines.predictor import RunPredictor, load_run
from tlkit.errors import DataError, writing
from tlkit.inspection.next_labels import next_labels
from tlkit.kinds.image.image_index import file_facts, near_copies_of, problems
from tlkit.quiet import load_keras
from tlkit.report.learned_examples import seen_parts

_NAMED = 3  # of the pictures that are left out for a reason


def propose(run: str, folder: Path, *, count: int = 50, out: Path, form: str = "csv") -> Answer:
    """Write the pictures that a run's model would learn most from, with its guess of each; say what is left out.

    Example:
        >>> list(propose("latest", Path("new_pictures"), out=Path("next.csv")))  # doctest: +SKIP
        ['next.csv: 50 of 800 pictures to label']
    """
    predictor = load_run(run)
    _refuse_others(predictor, folder)
    paths = [name for name, _ in predictor.inputs_at(folder)]
    facts = file_facts(paths)
    parts = seen_parts(predictor.run, predictor.root, _examples(paths, facts), predictor.kind)
    if parts is None:
        yield "note      this run does not say what it has learned from; copies of that may be among what is proposed"
    reasons = _left_out(paths, facts, parts or [""] * len(paths))
    yield from _lines(reasons)
    sound = [path for path in paths if path not in reasons]
    if not sound:
        raise DataError(f"{folder}: no picture is left to label")
    features, outputs = _looked_at(predictor, sound)
    chosen, names = next_labels(features, outputs, count), predictor.class_names
    said = {index: predictor.task.answer(outputs[index], names) for index in chosen}
    proposals = [Proposal(sound[index], each.text, each.probability or 0.0) for index, each in said.items()]
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        WRITERS[form](out, proposals, names)
    yield f"{out}: {len(chosen)} of {len(sound)} pictures to label"
    return {"file": out, "proposed": [vars(each) for each in proposals], "left_out": reasons}


def _refuse_others(predictor: RunPredictor, folder: Path) -> None:
    """One class of a picture can be proposed; what is not a picture has no file to be shown by."""
    if not folder.is_dir():
        raise DataError(f"{folder}: expected a folder of pictures without labels")
    if not predictor.kind.is_picture or predictor.task.strata([]) is None or predictor.metadata.get("beside"):
        raise DataError(
            f"{predictor.name}: label proposes pictures of one class each, with no columns beside them; this model is "
            f"of kind {predictor.kind.name} and task {predictor.task.name}"
        )


def _examples(paths: list[str], facts: np.ndarray) -> Examples:
    ids = [each.decode() for each in facts["id"].tolist()]
    return Examples(paths, np.zeros(len(paths)), ids, paths, None)


def _left_out(paths: list[str], facts: np.ndarray, parts: list[str]) -> Mapping[str, str]:
    """By path why a picture is not proposed: it cannot be read, is labelled already, or is a copy of another here."""
    known = {path: f"labelled already: in the run's {part} part, or a copy is (leak)"
             for path, part in zip(paths, parts, strict=True) if part}  # fmt: skip
    _, first = np.unique(facts["id"], return_index=True)
    later = {*range(len(paths))} - {*first.tolist()} | {int(max(pair)) for pair in near_copies_of(facts)}
    copies = {paths[index]: "a copy of another in the folder" for index in sorted(later)}
    unread = {path: f"cannot be read: {why}" for path, why in problems(paths, facts).items()}
    return {**copies, **known, **unread}


def _lines(reasons: Mapping[str, str]) -> Iterator[str]:
    """A line for each reason, with the first that it holds for."""
    for reason in dict.fromkeys(reasons.values()):
        paths = [path for path, why in reasons.items() if why == reason]
        more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
        yield f"left out  {len(paths)}, {reason}: {', '.join(paths[:_NAMED])}{more}"


def _looked_at(predictor: RunPredictor, paths: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """What the last layer of the model is given for each picture, and the probabilities that it makes of that."""
    load_keras()
    from tlkit.model.building import before_output
    from tlkit.model.saving import save_model

    front, output = before_output(predictor.model)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "front.keras"
        save_model(front, file, predictor.metadata)
        with ModelRunner(lambda: front, file, precision="float32") as run:
            features = run(_Pictures(predictor, paths), "Looking at pictures")
    return features, np.asarray(output(features), np.float32)


class _Pictures:
    """Pictures as the model takes them, read when they are asked for."""

    def __init__(self, predictor: RunPredictor, paths: list[str]) -> None:
        self.metadata, self.input_of, self.paths = predictor.metadata, predictor.kind.input_of, paths

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int, /) -> np.ndarray:
        return self.input_of(self.paths[index], self.metadata)
