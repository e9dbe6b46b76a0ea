"""The notebooks: kept without outputs, and run to their end."""

import json
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


@pytest.mark.long
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_to_its_end(path, tmp_path, monkeypatch):
    nbclient = pytest.importorskip(
        "nbclient", reason="the extra notebooks is not installed: make test-long installs it"
    )
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel", reason="the extra notebooks is not installed: make test-long installs it")
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    page = nbformat.read(path, as_version=4)

    nbclient.NotebookClient(page, timeout=240, resources={"metadata": {"path": str(tmp_path)}}).execute()

    outputs = [output for cell in page.cells for output in cell.get("outputs", ())]
    assert not any(output.output_type == "error" for output in outputs)
    shown = {kind for output in outputs for kind in output.get("data", {})}
    assert SHOWN[path.stem] <= shown
