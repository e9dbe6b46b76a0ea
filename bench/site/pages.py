"""The pages of the site that are made when it is built: from the schema, from click, from recipes, from docstrings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from command_tables import command_reference
from field_tables import field_reference
from links import ROOT, ROOT_PAGES, bars_in_code, for_site, page_of

import tlkit

# what stands under a page's own text
_TAILS = {"recipe-fields.md": field_reference, "commands.md": command_reference}
_METHODS = {
    "Splits": "tlkit.data.splits.Splits",
    "Result": "tlkit.report.result.Result",
    "Prediction": "tlkit.engines.predictor.Prediction",
    "Predictor": "tlkit.engines.predictor.Predictor",
    "Trained": "tlkit.training.trained.Trained",
    "Evaluation": "tlkit.training.judging.Evaluation",
}
_CONSTRUCTORS = {
    "Splits.from_arrays": "tlkit.kinds.memory.arrays.from_arrays",
    "Splits.from_frame": "tlkit.kinds.image.picture_tables.picture_table",
    "Splits.from_folder": "tlkit.kinds.image.image_folder.image_folder",
    "Splits.from_dataset": "tlkit.kinds.memory.datasets.from_dataset",
}


def written_pages() -> Iterator[tuple[str, str]]:
    """(path on the site, text) of every page under docs/, with what is made for its end."""
    for file in sorted((ROOT / "docs").rglob("*.md")):
        path = file.relative_to(ROOT / "docs").as_posix()
        yield path, with_tail(path, for_site(file.read_text(encoding="utf-8"), f"docs/{path}"))


def with_tail(path: str, text: str) -> str:
    """A page's text with the tables that belong under it."""
    return f"{text.rstrip()}\n\n{bars_in_code(_TAILS[path]())}" if path in _TAILS else text


def made_pages() -> Iterator[tuple[str, str]]:
    """(path on the site, text) of every page that no file under docs/ holds."""
    for name, page in ROOT_PAGES.items():
        if (ROOT / name).is_file():
            yield page, for_site((ROOT / name).read_text(encoding="utf-8"), name)
    for recipe in sorted((ROOT / "recipes").rglob("*.yaml")):
        yield page_of(recipe.relative_to(ROOT).as_posix()) or "", _example(recipe)
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        path = notebook.relative_to(ROOT).as_posix()
        yield page_of(path) or "", for_site(_notebook(notebook), path)
    yield "api.md", api_page(tlkit._HOMES)


def _example(recipe: Path) -> str:
    text, name = recipe.read_text(encoding="utf-8"), recipe.relative_to(ROOT).as_posix()
    shows = " ".join(line[2:] for line in text.splitlines() if line.startswith("# "))
    own = "".join(f"\n`{each.name}`, beside it:\n\n{_fenced(each, 'python')}" for each in _modules(recipe, text))
    return (
        f"# {name.removeprefix('recipes/').removesuffix('.yaml')}\n\n{shows}\n\n    tlkit run {name}\n\n"
        f"{_fenced(recipe, 'yaml')}{own}"
    )


def _notebook(file: Path) -> str:
    """Text and code of a notebook, in their order; it is kept without what its cells print."""
    heading, *cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    note = f"A notebook to run in Jupyter: `notebooks/{file.name}`, with `pip install 'tlkit[notebooks]' jupyterlab`."
    parts = [*("".join(heading["source"]).split("\n\n", 1)), ""]
    parts.insert(1, note)
    for cell in cells:
        text = "".join(cell["source"])
        parts.append(text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```")
    return "\n\n".join(filter(None, parts)) + "\n"


def _modules(recipe: Path, text: str) -> list[Path]:
    return [each for each in sorted(recipe.parent.glob("*.py")) if f"{each.name}:" in text]


def _fenced(file: Path, language: str) -> str:
    return f"```{language}\n{file.read_text(encoding='utf-8').rstrip()}\n```\n"


def api_page(homes: Mapping[str, str]) -> str:
    """The page of public names; mkdocstrings puts each docstring into its place."""
    parts = ["# Python interface\n", "What `import tlkit` offers, and what its functions give back.\n"]
    for name, home in sorted(homes.items(), key=lambda each: each[0].lower()):
        parts.append(_place(f"tlkit.{name}", f"{home}.{name}"))
    parts += ["## What functions give back\n"]
    parts += [_place(name, home, level=3) for name, home in _METHODS.items() if name not in homes]
    parts += ["## Splits from data in Python\n"]
    parts += [_place(name, home, level=3) for name, home in _CONSTRUCTORS.items()]
    return "\n".join(parts)


def _place(name: str, home: str, level: int = 2) -> str:
    options = {"show_root_heading": "true", "heading": name, "toc_label": name, "heading_level": level}
    return "\n      ".join([f"::: {home}\n    options:", *(f"{key}: {value}" for key, value in options.items())]) + "\n"
