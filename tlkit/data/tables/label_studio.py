"""Label Studio's tasks: pictures written for it to be labelled, and its exports (JSON, JSON-MIN) read as tables.

Its export as CSV is a table as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pandas as pd

LABEL = "label"  # what the choice is called in its interface, and so in its exports
_LOCAL = "/data/local-files/?d="  # how it names files of its own machine


def task_of_picture(path: str, guess: str, probability: float) -> Mapping[str, object]:
    """A task for a picture, with a model's guess; `path` comes back in the export.

    Example:
        >>> task_of_picture("new/1.jpg", "cat", 0.6)["data"]
        {'image': '/data/local-files/?d=new/1.jpg', 'path': 'new/1.jpg'}
    """
    choice = {"from_name": LABEL, "to_name": "image", "type": "choices", "value": {"choices": [guess]}}
    return {
        "data": {"image": _LOCAL + quote(path.lstrip("/")), "path": path},
        "predictions": [{"score": round(probability, 4), "result": [choice]}],
    }


def interface(class_names: Sequence[str]) -> str:
    """The labelling interface for such tasks, to be pasted into the project's settings."""
    choices = "".join(f'\n    <Choice value="{escape(each)}"/>' for each in class_names)
    return (
        f'<View>\n  <Image name="image" value="$image"/>\n  <Choices name="{LABEL}" toName="image" showInline="true">'
        f"{choices}\n  </Choices>\n</View>\n"
    )


def read_tasks(path: Path) -> pd.DataFrame:
    """The labelled pictures of an export, as the columns `path` and `label`; a `ValueError` where it is none."""
    tasks = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(tasks, list) or not all(isinstance(each, dict) for each in tasks):
        raise ValueError("expected an export of Label Studio, a list of tasks")
    rows = [row for each in tasks if (row := _row(each)) is not None]
    if not rows:
        raise ValueError(f"none of {len(tasks)} tasks has a choice called '{LABEL}'")
    return pd.DataFrame(rows, columns=["path", LABEL])


def _row(task: Mapping[str, Any]) -> tuple[str, str] | None:
    data = task.get("data", task)
    label = next(_choices(task), None)
    if label is None:
        return None
    path = data.get("path") or next(iter(parse_qs(urlsplit(str(data.get("image", ""))).query).get("d", [])), None)
    if not isinstance(path, str):
        raise ValueError("a task with a choice has neither a path nor a local file")
    return path, label


def _choices(task: Mapping[str, Any]) -> Iterator[str]:
    """What was chosen, the first annotation first; one that was skipped says nothing."""
    if isinstance(task.get(LABEL), str):  # JSON-MIN
        yield task[LABEL]
    for annotation in task.get("annotations", []):
        for result in [] if annotation.get("was_cancelled") else annotation.get("result", []):
            if result.get("from_name") == LABEL:
                yield from map(str, result.get("value", {}).get("choices", []))
