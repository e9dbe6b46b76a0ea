"""The tune command inside this process, the recipe of a tiny search, and its journal."""

import json
from pathlib import Path

from command_line import tlkit

RECIPE = """
name: tiny
data: {path: pictures, image_size: 32, val: 0.25, test: 0.25}
model: {net: efficientnet-lite0}
train: {epochs: 3, batch_size: 8}
track: {system_metrics: false}
tune:
  tuner: random
  trials: 4
  seeds: 2
  space:
    model.head.dropout: {float: [0, 0.5]}
    train.learning_rate: {log: [1e-3, 1e-1]}
    model.head.units: {choice: [[], [8]]}
"""


def tune_json(*arguments):
    """Search and return the JSON of the last line."""
    result = tlkit("tune", *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.strip().splitlines()[-1])


def journal(project, name="tiny"):
    """The lines of a search's journal."""
    text = (Path(project) / "mlruns" / "searches" / name / "journal.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]
