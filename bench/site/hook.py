"""What mkdocs calls while it builds the site: pages that are made, links that lead out of docs/, docstrings."""

from __future__ import annotations

from typing import Any

from links import for_site
from mkdocs.structure.files import File, Files
from pages import made_pages, with_tail


def on_files(files: Files, *, config: Any) -> Files:
    """Add the pages that no file holds."""
    for path, text in made_pages():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(text: str, *, page: Any, **_: Any) -> str:
    """Links of the repository become links of the site; tables are put under the pages that they belong to."""
    if page.file.generated_by:
        return text
    path = page.file.src_uri
    return with_tail(path, for_site(text, f"docs/{path}"))
