"""docs/nets.md: a line for every net, with the numbers that `tlkit summary` shows."""

import re
from pathlib import Path

import pytest

from tlkit import catalog
from tlkit.model.building import build_paper_net
from tlkit.model.layer_table import layer_rows, totals

PAGE = (Path(__file__).parent.parent / "docs" / "nets.md").read_text(encoding="utf-8")
LINES = {line.split("|")[1].strip(): line for line in PAGE.splitlines() if line.startswith("| `")}
QUICK = (
    "lenet5",
    "cnn",
    "resnet20",
    "mobilenet",
    "nin",
    "mlp",
    "local",
    "cnn1d",
    "resnet1d",
    "rocket",
    "voxnet",
    "filter-bank",
)


def test_every_net_has_a_line():
    assert {re.match("`([^`]+)`", title).group(1) for title in LINES} == set(catalog.NETS)


@pytest.mark.parametrize("name", QUICK)
def test_a_line_says_what_the_summary_says(name):
    rows = layer_rows(build_paper_net(name, None, None, {}))
    sums = totals(rows)
    *_, last = [row for row in rows if row.part != "head"]
    shown = [cell.strip() for cell in LINES[f"`{name}`"].split("|")[4:-1]]
    assert shown == [f"{sums.trainable:,}", f"{sums.frozen:,}", f"{sums.multiply_adds:,}", last.receptive_field]
