"""The documentation as a site: pages that are made say what the code says, and no link leads nowhere."""

import importlib
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml
from recipe_schema import field_paths

import tlkit
from tlkit import catalog
from tlkit.cli import main

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / "bench" / "site"


@pytest.fixture(scope="module")
def tools():
    """The modules of bench/site by name."""
    sys.path.insert(0, str(TOOLS))
    yield {name: importlib.import_module(name) for name in ("links", "pages")}
    sys.path.remove(str(TOOLS))


@pytest.fixture(scope="module")
def pages(tools):
    """Every page of the site, path -> text."""
    return dict([*tools["pages"].written_pages(), *tools["pages"].made_pages()])


def test_every_link_leads_to_a_page_and_a_heading(tools, pages):
    files = {each.relative_to(ROOT / "docs").as_posix() for each in (ROOT / "docs").rglob("*") if each.is_file()}
    assert len(pages) > 80
    assert list(tools["links"].dead_links(pages, files)) == []


def test_a_dead_link_is_found(tools):
    pages = {"a.md": "# A\n[b](b.md#there) [c](c.md) `[d](d.md)` [b](b.md#away)", "b.md": "# B\n\n## There"}
    assert list(tools["links"].dead_links(pages, set())) == [
        "a.md: c.md: no such page",
        "a.md: b.md#away: no such heading",
    ]


def test_links_of_the_repository_become_links_of_the_site(tools):
    moved = tools["links"].for_site(
        "[a](../SECURITY.md#x) `[b](../README.md)` [c](../recipes/cats.yaml)", "docs/data.md"
    )
    assert moved == "[a](security.md#x) `[b](../README.md)` [c](examples/cats.md)"


def test_every_page_is_in_the_navigation_and_every_entry_a_page(pages):
    named = set(_leaves(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]))
    assert named == {path for path in pages if not path.startswith("examples/")}


def test_every_recipe_has_its_page(pages):
    recipes = list((ROOT / "recipes").rglob("*.yaml"))
    assert len([path for path in pages if path.startswith("examples/")]) == len(recipes)
    assert "net: leaf_net.py:build" in pages["examples/leaf_net.md"]
    assert "def build(" in pages["examples/leaf_net.md"]


@pytest.mark.parametrize("path", field_paths())
def test_every_field_of_a_recipe_is_in_the_reference(pages, path):
    tables = pages["recipe-fields.md"].split("## Every field\n")[1].split("\n## ")[0]
    (row,) = [line for line in tables.splitlines() if line.startswith(f"| `{path}` |")]
    _, kind, _, said, example = row.replace("\\|", "¦").strip("| ").split("|")
    assert all(cell.strip() for cell in (kind, said, example))


def test_arguments_of_sources_and_nets_are_in_the_reference(pages):
    for table in (catalog.SOURCES, catalog.NETS):
        for name in table:
            arguments = catalog.arguments(name, table, kind="name") or {}
            for argument in [each for each in arguments if not each.startswith("on_")]:
                assert f"| `{argument}` |" in pages["recipe-fields.md"].split(f"### `{name}`\n")[1].split("\n### ")[0]


def test_every_command_and_option_is_in_the_reference(pages):
    for name, command in main.commands.items():
        section = pages["commands.md"].split(f"### tlkit {name}\n")[1].split("\n### ")[0]
        for option in command.params:
            assert not isinstance(option, click.Option) or option.opts[0] in section


def test_every_public_name_is_in_the_python_reference(pages):
    assert all(f"heading: tlkit.{name}\n" in pages["api.md"] for name in tlkit.__all__)


def test_the_site_is_built_without_a_warning(tmp_path):
    pytest.importorskip("mkdocs", reason="the extra docs is not installed: make site installs it")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path / "site"],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "site" / "api.html").read_text()
    assert "from_frame" in page
    assert not any(address in page for address in ("fonts.googleapis", "unpkg.com", "cdn."))


def test_spelling_is_british_and_without_slips():
    pytest.importorskip("codespell_lib", reason="the extra docs is not installed: make site installs it")
    done = subprocess.run([sys.executable, TOOLS / "spelling.py"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


def _leaves(entries):
    for entry in entries:
        if isinstance(entry, str):
            yield entry
        else:
            for inner in entry.values():
                yield from _leaves([inner] if isinstance(inner, str) else inner)
