"""Python read as text: a module's file, a function's arguments, names that stand for literals; nothing is imported."""

from __future__ import annotations

import ast
import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlkit.errors import NotFoundError, nearest


def module_file(module: str) -> Path:
    package, _, _ = module.partition(".")
    spec = importlib.util.find_spec(package) if package else None
    if spec is not None and spec.origin and module == package and spec.origin.endswith(".py"):
        return Path(spec.origin)
    if spec is None or not spec.submodule_search_locations:
        raise NotFoundError(f"module '{module}' is not installed")
    base = Path(next(iter(spec.submodule_search_locations))).joinpath(*module.split(".")[1:])
    path = base.with_suffix(".py") if base.with_suffix(".py").is_file() else base / "__init__.py"
    if not path.is_file():
        raise NotFoundError(f"module '{module}' is not installed")
    return path


@dataclass(frozen=True)
class Argument:
    """What a signature says of a keyword argument: its default (Ellipsis: computed or absent) and its annotation."""

    default: Any
    annotation: str


@functools.cache
def keywords(path: Path, function: str, stamp: int) -> dict[str, Argument] | None:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise NotFoundError(f"{path}:{error.lineno}: {error.msg}") from error
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        raise NotFoundError(f"{path}: is no Python source ({error})") from error
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if function not in functions:
        raise NotFoundError(f"{path}: no function '{function}'. {nearest(function, functions)}".rstrip())
    spec = functions[function].args
    if spec.kwarg is not None:
        return None
    return {
        each.arg: Argument(_literal(value), ast.unparse(each.annotation) if each.annotation else "")
        for each, value in zip(spec.kwonlyargs, spec.kw_defaults, strict=True)
    }


def _literal(node: ast.expr | None) -> Any:
    """A default as a value, or Ellipsis where it is computed or absent."""
    try:
        return ... if node is None else ast.literal_eval(node)
    except ValueError:
        return ...


def literals(tree: ast.Module) -> dict[str, Any]:
    """What a module's capital names stand for, where that is written out."""
    named = {
        each.id: _literal(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for each in node.targets
        if isinstance(each, ast.Name) and each.id.isupper()
    }
    return {name: value for name, value in named.items() if isinstance(value, dict)}
