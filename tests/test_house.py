"""Imports go down only, and the light floor stays light."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tlkit

HOME = Path(tlkit.__file__).parent
STOREYS = (
    {"__init__", "__main__"},
    {"cli", "workflows"},
    {"commands"},
    {"search"},
    {"report", "serving"},
    {"interpretation", "style", "inspection", "exporting"},
    {"training"},
    {"engines"},
    {"kinds"},
    {"tasks"},
    {"evaluation"},
    {"model"},
    {"nets", "pretrained", "samples"},
    {"data"},
    {"layers", "tracking"},
    {"compat"},
    {"recipe"},
    {"catalog"},
    {"own_files", "source_text"},
    {"processes"},
    {"errors", "quiet", "progress", "paths", "stopping", "locks", "plugins"},
    {"live_view", "redaction"},
)
HEAVY = ("keras", "tensorflow", "numpy", "pandas", "matplotlib", "mlflow")
FLOOR = (
    "tlkit",
    "tlkit.cli",
    "tlkit.errors",
    "tlkit.catalog",
    "tlkit.own_files",
    "tlkit.source_text",
    "tlkit.recipe.loading",
    "tlkit.quiet",
    "tlkit.progress",
    "tlkit.live_view",
    "tlkit.paths",
    "tlkit.locks",
    "tlkit.plugins",
    "tlkit.processes",
    "tlkit.stopping",
    "tlkit.redaction",
)


def files():
    return sorted(HOME.rglob("*.py"))


def part(path):
    """The package or top module that a file belongs to."""
    first = path.relative_to(HOME).parts[0]
    return first.removesuffix(".py")


def storey(name):
    return next(height for height, names in enumerate(reversed(STOREYS)) if name in names)


def imports(tree, package):
    """Each `tlkit.x.y` that a file imports anywhere in it, with its line; lazily loaded public names count."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((each.name, node.lineno) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])
            origin = origin if node.level else node.module
            yield from ((f"{origin}.{each.name}", node.lineno) for each in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "tlkit":
            yield f"tlkit.{node.attr}", node.lineno


def parts_imported(path):
    """(part, line) for every part of tlkit that a file imports."""
    package = ("tlkit", *path.relative_to(HOME).parts[:-1])
    for name, line in imports(ast.parse(path.read_text()), package):
        top, _, rest = name.partition(".")
        if top == "tlkit" and rest:
            first = rest.split(".")[0]
            home = tlkit._HOMES.get(first, f"tlkit.{first}").split(".")[1]
            if not first.startswith("__"):
                yield home, line


def test_every_file_has_a_storey():
    assert len(files()) > 50
    known = set().union(*STOREYS)
    assert [str(each) for each in files() if part(each) not in known] == []


def test_imports_go_down_only():
    wrong = []
    for path in files():
        if path == HOME / "__init__.py":
            continue  # the front door names what it loads when asked
        for other, line in parts_imported(path):
            if other != part(path) and storey(other) >= storey(part(path)):
                wrong.append(f"{path.relative_to(HOME)}:{line}: {part(path)} imports {other}")
    assert wrong == []


def test_the_house_keeps_its_bounds():
    """No circle of imports, lazy ones and those for types counted; no flat folder of too many files."""
    done = subprocess.run([sys.executable, HOME.parent / "bench" / "house.py"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "import circles" in done.stdout


@pytest.mark.slow
def test_what_is_typed_stays_typed():
    """The packages that pyproject.toml lists, by the rules that stand there."""
    done = subprocess.run([sys.executable, "-m", "mypy"], capture_output=True, text=True, cwd=HOME.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "source files" in done.stdout


def test_nothing_needs_what_only_posix_has():
    """Windows and macOS are untried; but no module is to be unimportable there."""
    posix = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "select", "syslog", "termios", "tty"}
    wrong = [
        f"{path.relative_to(HOME)}:{line}: {name}"
        for path in files()
        for name, line in imports(ast.parse(path.read_text()), ("tlkit",))
        if name.partition(".")[0] in posix
    ]
    assert wrong == []
    absent = ("SIGHUP", "SIGKILL", "SIGQUIT", "SIGUSR1", "SIGALRM")
    code = f"import signal, sys\nsys.modules.update(dict.fromkeys({sorted(posix - {'posix', 'select'})!r}))\n"
    code += f"[delattr(signal, each) for each in {absent!r}]\nimport tlkit.cli, tlkit.processes, tlkit.tracking"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_nothing_above_the_record_imports_mlflow():
    assert {part(path) for path in files() for name, _ in imports(ast.parse(path.read_text()), ("tlkit",))
            if name.partition(".")[0] == "mlflow"} == {"tracking", "compat", "serving"}  # fmt: skip


def test_an_import_upwards_would_be_found():
    source = "import tlkit\nfrom ..training import store\ndef later():\n    from tlkit.cli import main\ntlkit.run()"
    found = {name for name, _ in imports(ast.parse(source), ("tlkit", "data"))}
    assert {"tlkit.training.store", "tlkit.cli.main", "tlkit.run"} <= found


def test_the_light_floor_loads_nothing_heavy():
    code = (
        "import importlib, json, sys\n"
        f"said = [[each, importlib.import_module(each) and [name for name in {HEAVY!r} if name in sys.modules]]"
        f" for each in {FLOOR!r}]\n"
        "print(json.dumps(said))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[each, []] for each in FLOOR]


def test_loading_a_recipe_loads_nothing_heavy(tmp_path):
    (tmp_path / "small.yaml").write_text("model: {net: cnn, filters: [8, 16]}\n")
    code = f"""
        import sys, tlkit
        tlkit.load_recipe("small.yaml", ["train.epochs=2"])
        print([each for each in {HEAVY!r} if each in sys.modules])
    """
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(line.strip() for line in code.splitlines())],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_every_public_name_can_be_had():
    missing = [name for name in tlkit.__all__ if not callable(getattr(tlkit, name))]
    assert missing == []
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = tlkit.nothing


def test_every_file_that_the_architecture_names_is_there():
    text = (HOME.parent / "ARCHITECTURE.md").read_text()
    named = {each for each in re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|md))\b", text)}
    assert len(named) > 30
    assert [each for each in sorted(named) if not ((HOME / each).exists() or (HOME.parent / each).exists())] == []
