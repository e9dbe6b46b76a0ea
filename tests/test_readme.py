"""The README's Python examples, run as a reader would run them: in order, as one script."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from drawing import draw_pictures

from tlkit.tracking import lookup

PROJECT = Path(__file__).parent.parent


def test_the_python_examples_of_the_readme_run_and_leave_a_record(tmp_path, monkeypatch):
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    script = _python_lines(PROJECT / "README.md")
    assert script.count("tlkit.") > 5, "the README's python blocks were not found"
    (tmp_path / "readme.py").write_text(script, encoding="utf-8")
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
    assert [(run.name, run.status) for run in runs] == [("colours", "FINISHED")]
    assert runs[0].id in ran.stdout


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
