"""How the code is laid out, in figures: circles, storeys' sizes, branches outside their homes, seams, lengths.

python bench/house.py     prints the table; exits with 1 where something stands that must not (`BOUNDS`)
"""

from __future__ import annotations

import ast
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent / "tlkit"
TASKS = {"label", "labels", "number"}
KINDS = {"image", "signal", "sound", "table", "dna", "text", "views", "voxels", "array"}
MOVING = ("keras", "keras_tuner", "mlflow")  # whose private parts are used in one package only

# what is counted -> the most there may be
BOUNDS = {
    "import circles (lazy and TYPE_CHECKING counted)": 0,
    "files in the largest flat folder": 25,
    "branches on the task outside tasks/": 0,
    "branches on the kind outside kinds/": 0,
    "untyped in signatures": 30,
    "readings of setup.recipe": 0,
    "files outside compat/ that use private parts": 0,
    "names of files that occur twice": 0,
}


def files() -> dict[str, Path]:
    """Every module of the project by its dotted name."""
    found = sorted(HOME.rglob("*.py"))
    return {".".join(("tlkit", *each.relative_to(HOME).with_suffix("").parts)): each for each in found}


def imported(tree: ast.AST, name: str) -> Iterator[str]:
    """Each dotted name that a module imports, anywhere in it."""
    package = name.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            yield from (base, *(f"{base}.{each.name}" for each in node.names))


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that import each other, by Tarjan's algorithm."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(node: str) -> None:
        order[node] = lowest[node] = len(order)
        stack.append(node)
        for other in graph[node]:
            if other not in order:
                visit(other)
                lowest[node] = min(lowest[node], lowest[other])
            elif other in stack:
                lowest[node] = min(lowest[node], order[other])
        if lowest[node] == order[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            found.extend([sorted(group)] if len(group) > 1 else [])

    sys.setrecursionlimit(10_000)
    for each in list(graph):
        if each not in order:
            visit(each)
    return found


def branches(tree: ast.AST, name: str, values: set[str]) -> int:
    """Comparisons of `name` or `x.name` with one of the values, and matches on it."""
    return sum(
        (
            isinstance(node, ast.Compare)
            and any(_is_called(each, name) for each in (node.left, *node.comparators))
            and any(isinstance(each, ast.Constant) and each.value in values for each in ast.walk(node))
        )
        or (isinstance(node, ast.Match) and _is_called(node.subject, name))
        for node in ast.walk(tree)
    )


def _is_called(node: ast.AST, name: str) -> bool:
    return getattr(node, "id", None) == name or getattr(node, "attr", None) == name


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a module, those within others too."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its signature and docstring."""
    rest = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (function.end_lineno or 0) - rest[0].lineno + 1 if rest else 0


def untyped(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """What crosses in a signature without a type of its own: `dict[str, Any]`, and arguments with no type at all."""
    given = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    notes = [each.annotation for each in given] + [function.returns]
    bare = sum(each.annotation is None and each.arg not in ("self", "cls") for each in given)
    return bare + sum(note is not None and "dict[str, Any]" in ast.unparse(note) for note in notes)


def uses_private_parts(tree: ast.AST) -> bool:
    """Whether a module reaches into what Keras, keras-tuner or MLflow keep to themselves."""
    names = set(imported(tree, "tlkit.x"))
    inside = any(name.split(".")[0] in MOVING and ".src" in name for name in names)
    return inside or any(
        isinstance(node, ast.Attribute)
        and node.attr in {"_keras_history", "_flatten_layers", "_functional", "_nodes_by_depth", "_outbound_nodes",
                          "_swap_variables", "_get_variable_index", "_momentums", "_velocities", "_learning_rate",
                          "_random_values", "_make_gpr", "_seed_state"}
        for node in ast.walk(tree)
    )  # fmt: skip


def measures() -> dict[str, float]:
    """Every figure by what it counts."""
    modules = files()
    assert len(modules) > 100, f"{HOME}: expected the project's modules, found {len(modules)}"
    sources = {name: path.read_text(encoding="utf-8") for name, path in modules.items()}
    trees = {name: ast.parse(source) for name, source in sources.items()}
    graph: dict[str, set[str]] = defaultdict(set)
    for name, tree in trees.items():
        graph[name] = {each for each in imported(tree, name) if each in modules and each != name}
    lengths = [body_lines(each) for tree in trees.values() for each in functions(tree)]
    stems = Counter(path.stem for path in modules.values() if path.stem not in ("__init__", "__main__"))

    def outside(home: str) -> list[ast.AST]:
        return [tree for name, tree in trees.items() if not name.startswith(f"tlkit.{home}.")]

    return {
        "import circles (lazy and TYPE_CHECKING counted)": len(circles(graph)),
        "files in the largest flat folder": max(Counter(path.parent for path in modules.values()).values()),
        "branches on the task outside tasks/": sum(branches(each, "task", TASKS) for each in outside("tasks")),
        "branches on the kind outside kinds/": sum(branches(each, "kind", KINDS) for each in outside("kinds")),
        "untyped in signatures": sum(untyped(each) for tree in trees.values() for each in functions(tree)),
        "readings of setup.recipe": sum(source.count("setup.recipe") for source in sources.values()),
        "files outside compat/ that use private parts": sum(map(uses_private_parts, outside("compat"))),
        "names of files that occur twice": sum(count > 1 for count in stems.values()),
        "lines": sum(source.count("\n") for source in sources.values()),
        "lines of a function's body, median": statistics.median(lengths),
        "lines of a function's body, 90th percentile": statistics.quantiles(lengths, n=10)[-1],
    }


def main() -> int:
    """Print the table; 1 where a bound is passed."""
    found = measures()
    for name, value in found.items():
        bound = f"   at most {BOUNDS[name]}" if name in BOUNDS else ""
        print(f"{name:50} {value:>8g}{bound}")
    over = [name for name, bound in BOUNDS.items() if found[name] > bound]
    for name in over:
        print(f"{name}: {found[name]:g}, and there may be {BOUNDS[name]} at most", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
