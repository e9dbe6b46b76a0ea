"""The README's Python examples and those of docs/python-recipes.md, run as a reader would run them: as one script."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from drawing import draw_pictures

from tlkit.tracking import lookup

PROJECT = Path(__file__).parent.parent
PAGES = (PROJECT / "README.md", PROJECT / "docs" / "python-recipes.md")


def test_the_python_examples_run_and_leave_a_record(tmp_path, monkeypatch):
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    scripts = [_python_lines(page) for page in PAGES]
    assert min(script.count("tlkit.") for script in scripts) > 4, "the python blocks were not found"
    (tmp_path / "readme.py").write_text("".join(scripts), encoding="utf-8")
    shutil.copytree(PROJECT / "recipes", tmp_path / "recipes")
    draw_pictures(tmp_path / "data" / "cats", classes=("cats", "dogs"), count=20)

    paths = os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))
    ran = subprocess.run(
        [sys.executable, "readme.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=200,
    )

    assert ran.returncode == 0, ran.stderr
    runs = lookup.recent(tmp_path / "mlruns")
    assert [(run.name, run.status) for run in runs] == [("colours augment=[] filters=[8, 16] epochs=2", "FINISHED")]
    assert runs[0].id in ran.stdout
    assert (tmp_path / "cats.keras").is_file()


def _python_lines(page):
    """The python blocks as one script, each line at the number that it has in the page, so that tracebacks fit."""
    lines, language = [], None
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            language = None if language is not None else line.removeprefix("```").strip()
            lines.append("")
        else:
            lines.append(line if language == "python" else "")
    return "\n".join(lines) + "\n"
