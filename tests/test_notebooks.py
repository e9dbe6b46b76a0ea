"""The notebooks: kept without outputs, and run to their end."""

import json
import re
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
SHOWN = {  # what the cells of each show, beside text
    "1_first_classifier": {"text/html"},
    "2_own_dataframe": {"text/html", "image/png"},
    "3_what_the_model_looks_at": {"image/png"},
    "4_search": {"text/html"},
    "5_from_signals_to_a_service": {"text/html"},
}


def test_there_are_the_notebooks():
    assert [each.stem for each in NOTEBOOKS] == list(SHOWN)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs_and_its_cells_are_python(path):
    page = json.loads(path.read_text(encoding="utf-8"))
    assert page["nbformat"] == 4
    code = [cell for cell in page["cells"] if cell["cell_type"] == "code"]
    assert len(code) >= 3
    for cell in code:
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        compile("".join(cell["source"]), path.name, "exec")


def executed(page, folder, monkeypatch):
    """All outputs of a notebook that was run by a kernel of its own."""
    nbclient = pytest.importorskip(
        "nbclient", reason="the extra notebooks is not installed: make test-long installs it"
    )
    pytest.importorskip("ipykernel", reason="the extra notebooks is not installed: make test-long installs it")
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    nbclient.NotebookClient(page, timeout=240, resources={"metadata": {"path": str(folder)}}).execute()
    return [output for cell in page.cells for output in cell.get("outputs", ())]


@pytest.mark.long
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_to_its_end(path, tmp_path, monkeypatch):
    nbformat = pytest.importorskip("nbformat")
    outputs = executed(nbformat.read(path, as_version=4), tmp_path, monkeypatch)
    assert not any(output.output_type == "error" for output in outputs)
    shown = {kind for output in outputs for kind in output.get("data", {})}
    assert SHOWN[path.stem] <= shown


RUN = """
import tlkit
result = tlkit.run("cats", offline=True)
"""
BARS = """
import sys, time
from tlkit.progress import Epoch, one_view, progress
with progress("Quick", 2) as bar:
    bar(1)
with progress("Alone", 2) as bar:
    for done in (1, 2):
        time.sleep(0.8)
        bar(done, "slow")
try:
    with one_view("stopped work"), progress("Training", 4) as bar:
        bar(1, "", Epoch(1, {"train/loss": 1.0, "val/loss": 2.0}))
        raise KeyboardInterrupt
except KeyboardInterrupt:
    pass
"""


@pytest.mark.long
def test_a_run_shows_how_far_it_is_and_its_curves(tmp_path, monkeypatch):
    nbformat = pytest.importorskip("nbformat")
    cells = [nbformat.v4.new_code_cell(each) for each in (RUN, BARS)]
    outputs = executed(nbformat.v4.new_notebook(cells=cells), tmp_path, monkeypatch)
    widgets = [each["data"]["text/html"] for each in outputs if each.output_type == "display_data"]
    said = "".join(each["text"] for each in outputs if each.output_type == "stream")
    assert re.fullmatch(r"Offline\..*\n*", said), "no lines of progress"
    assert len(widgets) == 3, "one for a run, one for what takes longer than a moment"
    run, alone, stopped = widgets
    assert re.search(r"<b>cats</b> · done in \d", run)
    assert "<title>loss by epoch</title>" in run
    assert run.count("<polyline") == 4
    assert "2/2  slow" in alone
    assert "stopped work</b> · stopped after" in stopped
    assert "<title>loss by epoch</title>" in stopped
