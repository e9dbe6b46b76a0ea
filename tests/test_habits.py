"""What contributors rely on: make targets, hooks, citation, the container's files, fast tests of every package."""

import re
from pathlib import Path

import yaml
from fast_tests import FAST

import tlkit

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = {name: body for name, body in re.findall(r"^([\w-]+): .*\n((?:\t.*\n)*)", MAKEFILE, re.MULTILINE)}


def test_every_make_target_that_a_page_names_is_there_and_every_one_is_named():
    pages = {name: (ROOT / name).read_text() for name in ("README.md", "CONTRIBUTING.md")}
    named = {each for text in pages.values() for each in re.findall(r"`make (?:\w+=\S+ )?([\w-]+)`", text)}
    assert named == set(TARGETS) - {"clean"}


def test_the_hooks_run_what_make_check_runs():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    hooks = [hook["entry"] for repo in config["repos"] for hook in repo["hooks"]]
    lines = [
        line.strip().replace("$(BIN)", ".venv/bin").replace("$(MAKE)", "make") for line in TARGETS["check"].splitlines()
    ]
    assert hooks == [line.removesuffix(" .") for line in lines]


def test_what_is_cited_is_this_version():
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == tlkit.__version__


def test_the_container_is_made_of_files_that_are_there():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    names = [name for line in copied for name in line.split()]
    assert {"pyproject.toml", "tlkit", "recipes"} <= set(names)
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_issue_forms_ask_something():
    forms = [each for each in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if each.name != "config.yml"]
    assert len(forms) >= 3
    for form in forms:
        page = yaml.safe_load(form.read_text())
        assert page["name"]
        assert page["description"]
        assert any(part.get("validations", {}).get("required") for part in page["body"])


def test_every_package_has_a_fast_test():
    tests = ROOT / "tests"
    slow = {".", "scores", "fuzz", "plugins"}  # real data, many inputs, packages that are installed first
    packages = {each.parent.relative_to(tests).as_posix() for each in tests.rglob("test_*.py")} - slow
    assert [each for each in FAST if not (tests / each).is_file()] == []
    assert {Path(each).parts[0] for each in FAST if "/" in each} == packages
