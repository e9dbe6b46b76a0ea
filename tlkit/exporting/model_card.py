"""The page of a bundle for people, headed by what the Hugging Face hub reads of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from tlkit.exporting.certificate import Certificate
from tlkit.model.metadata import Metadata

_TASKS = {"label": "classification", "labels": "classification", "number": "regression"}
_KINDS = {"image": "image", "sound": "audio", "text": "text", "table": "tabular"}
_UNKNOWN = "not recorded"


@dataclass(frozen=True)
class CardFacts:
    """What a card says beside what the model file and the certificates say, as far as it is recorded.

    Args:
        scores: of the test split, by name.
        weights: the backbone and the licence of its weights.
        counts: examples of each part.
    """

    name: str = "model"
    data: str = _UNKNOWN
    counts: Mapping[str, int] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    per_class: Sequence[Mapping[str, Any]] = ()
    weights: str = _UNKNOWN
    licence: str = ""


def model_card(facts: CardFacts, metadata: Metadata, certificates: Mapping[str, Certificate]) -> str:
    """The card as Markdown.

    Example:
        >>> page = {"task": "label", "kind": "image", "class_names": ["cat"]}
        >>> page |= {"input_shape": [8, 8, 3], "input_dtype": "uint8"}
        >>> model_card(CardFacts("cats"), page, {}).splitlines()[0]
        '---'
    """
    sections = [
        f"# {facts.name}\n\n{_intended(metadata)}",
        f"## Data\n\n{facts.data}{_counted(facts.counts)}",
        f"## Scores\n\n{_scores(facts.scores)}{_classes(facts.per_class)}",
        f"## Files\n\n{_files(certificates)}",
        f"## Calibration\n\n{_calibration(metadata, facts.scores)}",
        f"## Limits\n\n{_limits(metadata)}",
        f"## Licences\n\nBackbone: {facts.weights}. {facts.licence or 'No licence of its weights is recorded.'}",
    ]
    head = yaml.safe_dump(_head(facts, metadata), sort_keys=False, allow_unicode=True)
    return "\n\n".join([f"---\n{head}---", *sections]) + "\n"


def _head(facts: CardFacts, metadata: Metadata) -> Mapping[str, Any]:
    """What the hub reads."""
    task = f"{_KINDS.get(metadata['kind'], 'other')}-{_TASKS.get(metadata['task'], 'classification')}"
    metrics = [{"type": name, "value": round(value, 4)} for name, value in facts.scores.items() if "_" not in name]
    result = {"task": {"type": task}, "dataset": {"name": facts.data, "type": "custom"}, "metrics": metrics}
    index = [{"name": facts.name, "results": [result]}] if metrics else []
    return {"library_name": "tlkit", "pipeline_tag": task, "tags": ["tlkit", metadata["kind"]], "model-index": index}


def _intended(metadata: Metadata) -> str:
    names = metadata["class_names"]
    said = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    shape = " x ".join("any" if each is None else str(each) for each in metadata["input_shape"]) or "one text"
    return (
        f"Tells which of these {metadata['kind']} examples are: {said or 'a number'}. It takes input of type "
        f"{metadata['input_dtype']} and shape {shape}, and is meant for examples like those that it has learned from. "
        "`predict.py` reads files as it learned."
    )


def _counted(counts: Mapping[str, int]) -> str:
    return "".join(f"\n- {part}: {count} examples" for part, count in counts.items())


def _scores(scores: Mapping[str, float]) -> str:
    rows = [f"| {name} | {value:.4f} | {_interval(scores, name)} |" for name, value in scores.items()
            if not name.endswith(("_low", "_high"))]  # fmt: skip
    return "\n".join(["| on the test split | | 95 % interval |", "|---|---|---|", *rows]) if rows else "Not recorded."


def _interval(scores: Mapping[str, float], name: str) -> str:
    ends = [scores.get(f"{name}_{end}") for end in ("low", "high")]
    return " to ".join(f"{each:.3f}" for each in ends if each is not None)


def _classes(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return ""
    lines = [
        f"| {row['class']} | {_said(row['precision'])} | {_said(row['recall'])} | {row['support']} |" for row in rows
    ]
    return "\n\n" + "\n".join(["| class | precision | recall | examples |", "|---|---|---|---|", *lines])


def _said(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _files(certificates: Mapping[str, Certificate]) -> str:
    rows = [
        f"| {key} | {page['bytes'] / 1e6:.1f} | {page.get('agreement', 1.0):.4f} | {page['largest_difference']:.2g} "
        f"| {_said(page.get('after'))} | {page['milliseconds']:.1f} | {page['per_second']:.0f} |"
        for key, page in certificates.items()
    ]
    head = "| file | MB | same answers | largest difference | score | ms for one | a second of 32 |"
    return "\n".join([head, "|---|---|---|---|---|---|---|", *rows])


def _calibration(metadata: Metadata, scores: Mapping[str, float]) -> str:
    warmth = metadata.get("temperature")
    said = f"Its probabilities were calibrated with a temperature of {warmth:.3g}." if warmth else (
        "Its probabilities are as training left them.")  # fmt: skip
    return said + (f" Expected calibration error: {scores['ece']:.3f}." if "ece" in scores else "")


def _limits(metadata: Metadata) -> str:
    known = metadata.get("unknown")
    if known:
        return (f"An example whose `unknown` is above {known['threshold']:.4g} is unlike what was learned from: "
                "its answer means little.")  # fmt: skip
    return "It answers anything it is given, also what is nothing of the kind; it does not tell what it does not know."
