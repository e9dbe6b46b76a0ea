"""SECURITY.md against the source: what it says is said, and the doors that it names are the only ones."""

import re
from pathlib import Path

import pytest

import tlkit

HOME = Path(tlkit.__file__).parent
PAGE = (HOME.parent / "SECURITY.md").read_text(encoding="utf-8")
SOURCE = {path: path.read_text(encoding="utf-8") for path in sorted(HOME.rglob("*.py"))}
DOORS = {
    r"\.load_model\(.*safe_mode": {"model_files.py"},
    r"keras\.(saving|models)\.load_model\(": {"model_files.py"},
    r"\.load_weights\(": {"backbones.py"},
    r"^(import pickle|from pickle)": {"torch_file.py", "helper.py", "parent.py"},
    r"import (joblib|dill|cloudpickle|marshal|shelve)": set(),
    r"allow_pickle=True|safe_mode=False|yaml\.(unsafe|full)_load|yaml\.load\(\w+\)": set(),
}  # fmt: skip


def test_what_the_page_quotes_is_what_tlkit_says():
    said = re.sub(r'"\s*f?"', "", " ".join(" ".join(text.split()) for text in SOURCE.values()))
    rows = [line.split("|")[3] for line in PAGE.splitlines() if line.startswith("|")]
    quoted = [each for row in rows for each in re.findall(r"`([^`]+)`", row)]
    assert len(quoted) > 10
    assert [each for each in quoted if each not in said] == []


def test_every_test_that_the_page_names_is_there():
    tests = HOME.parent / "tests"
    named = re.findall(r"`(?:tests/)?([\w/]*test_\w+\.py)`", PAGE)
    assert len(named) >= 5
    assert [each for each in named if not list(tests.rglob(Path(each).name))] == []


@pytest.mark.parametrize(("call", "files"), DOORS.items())
def test_a_file_from_elsewhere_is_opened_in_one_place(call, files):
    code = {path: re.sub(r'"""[\s\S]*?"""', "", text) for path, text in SOURCE.items()}
    assert {path.name for path, text in code.items() if re.search(call, text, re.MULTILINE)} == files
