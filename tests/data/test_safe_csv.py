"""Cells that a spreadsheet would run: quoted where tlkit writes them, as they were where it reads them back."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tlkit
from tlkit.data.assembly.quarantine import without_quarantined, write_quarantine
from tlkit.data.splits import Examples, Info, Splits
from tlkit.data.tables.safe_csv import restored, write_frame, write_table

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "-", "'=1", "''@a"]
PLAIN = ["cat", "", "-5", "+1.5e-3", "-.5", "5-2", "'tis", "a=b", "-inf"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_that_would_run_begins_with_a_quote_and_reads_back(text):
    file = io.StringIO(newline="")
    write_table(file, [[text]])
    (cell,) = next(csv.reader(io.StringIO(file.getvalue(), newline="")))
    assert cell == f"'{text}"
    assert restored(cell) == text


@pytest.mark.parametrize("text", PLAIN)
def test_other_text_and_numbers_as_text_stay_as_they_are(text):
    file = io.StringIO(newline="")
    write_table(file, [[text, "x"]])
    assert next(csv.reader(io.StringIO(file.getvalue(), newline=""))) == [text, "x"]
    assert restored(text) == text


def test_numbers_of_a_frame_are_untouched_and_its_heads_are_not_run(tmp_path):
    frame = pd.DataFrame({"=a": [-1.5, np.nan], "-n": [-3, 4], "text": ["=1", "b"]}, index=["@x", "y"])
    write_frame(frame, tmp_path / "a.csv", index_label="run")
    assert (tmp_path / "a.csv").read_text() == "run,'=a,'-n,text\n'@x,-1.5,-3,'=1\ny,,4,b\n"


def test_a_quarantined_example_with_such_a_name_is_left_out(tmp_path):
    part = Examples(np.zeros((2, 3)), np.zeros(2, int), ["1a", "2b"], ["=one.png", "two.png"], None)
    splits = Splits(part, part, part, Info("label", (3,), "float32", ("a", "b")))
    file = tmp_path / "q.csv"
    rows = [("=one.png", "1a", "broken")]
    assert [write_quarantine(file, rows, below=None) for _ in range(2)] == [1, 0]
    assert "\n'=one.png,1a" in file.read_text()
    assert list(without_quarantined(splits, file, below=None, named=True).train.names) == ["two.png"]


def test_no_table_is_written_past_that():
    home = Path(tlkit.__file__).parent
    ways = re.compile(r"csv\.(writer|DictWriter)\(|\.to_csv\(")
    found = {each.name for each in home.rglob("*.py") if ways.search(each.read_text())}
    drawn = {each.name for each in (home / "samples").glob("*.py")}  # data that tlkit makes up
    assert "safe_csv.py" in found
    assert found - drawn == {"safe_csv.py"}
