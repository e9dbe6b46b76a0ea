"""Scores that docs/scores.md promises for hard data: few dogs, and labels turned."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench" / "hard_data.py"

pytestmark = pytest.mark.real


@pytest.mark.timeout(1800)
def test_few_dogs_and_turned_labels_are_learned_from():
    said = subprocess.run([sys.executable, BENCH], capture_output=True, text=True, check=True).stdout
    print(said)
    few, turned = (float(each) for each in re.findall(r"\| ([\d.]+) ± [\d.]+ \|$", said, re.MULTILINE))
    assert few >= 98.5
    assert turned >= 98.0
