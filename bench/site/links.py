"""Links between files of the repository, and where they lead on the site."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# files of the repository's root that are pages of the site
ROOT_PAGES = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CODE_OF_CONDUCT.md": "code-of-conduct.md",
}
_LINK = re.compile(r"(\]\()([^)\s]+)(\))")
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`|^    [^\n]*$", re.MULTILINE | re.DOTALL)


def page_of(path: str) -> str | None:
    """Where a file of the repository stands on the site; None where it does not.

    Example:
        >>> page_of("recipes/pictures/cnn.yaml"), page_of("docs/data.md"), page_of("SECURITY.md"), page_of("Makefile")
        ('examples/pictures/cnn.md', 'data.md', 'security.md', None)
    """
    if path in ROOT_PAGES:
        return ROOT_PAGES[path]
    if path.startswith("recipes/") and path.endswith(".yaml"):
        return f"examples/{path.removeprefix('recipes/').removesuffix('.yaml')}.md"
    if path.startswith("notebooks/") and path.endswith(".ipynb"):
        return f"{path.removesuffix('.ipynb')}.md"
    return path.removeprefix("docs/") if path.startswith("docs/") else None


def for_site(text: str, path: str) -> str:
    """The text of a file with each link between files of the repository as one between pages."""
    here = posixpath.dirname(page_of(path) or path)

    def moved(found: re.Match[str]) -> str:
        target, sharp, anchor = found[2].partition("#")
        if not target or "://" in target or target.startswith("mailto:"):
            return found[0]
        page = page_of(posixpath.normpath(posixpath.join(posixpath.dirname(path), target)))
        return (
            found[0] if page is None else f"{found[1]}{posixpath.relpath(page, here or '.')}{sharp}{anchor}{found[3]}"
        )

    return bars_in_code(_outside_code(text, lambda prose: _LINK.sub(moved, prose)))


def bars_in_code(text: str) -> str:
    """GitHub wants `\\|` for a bar in a table's code; Python-Markdown would show the backslash.

    Example:
        >>> bars_in_code("| `a\\\\|b` | c |")
        '| `a|b` | c |'
    """
    rows = re.compile(r"^\|.*$", re.MULTILINE)
    return rows.sub(lambda row: re.sub(r"`[^`\n]+`", lambda code: code[0].replace("\\|", "|"), row[0]), text)


def anchors(text: str) -> set[str]:
    """The names of a page's headings, as Markdown's table of contents makes them."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.M):
        plain = re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading)
        slug = base = re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())
        number = 0
        while slug in found:
            number += 1
            slug = f"{base}_{number}"
        found.add(slug)
    return found


def dead_links(pages: Mapping[str, str], files: set[str]) -> Iterator[str]:
    """Links of the site's pages (path -> text) that lead to no page, file or heading."""
    names = {path: anchors(text) for path, text in pages.items()}
    for path, text in pages.items():
        for _, link, _ in _LINK.findall(_CODE.sub("", text)):
            target, _, anchor = link.partition("#")
            if "://" in link or link.startswith("mailto:"):
                continue
            goal = posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) if target else path
            if goal not in pages and goal not in files:
                yield f"{path}: {link}: no such page"
            elif anchor and goal in names and anchor not in names[goal]:
                yield f"{path}: {link}: no such heading"


def _outside_code(text: str, change) -> str:
    parts, end = [], 0
    for code in _CODE.finditer(text):
        parts += [change(text[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*parts, change(text[end:])])
