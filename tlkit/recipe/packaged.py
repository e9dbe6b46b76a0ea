"""The recipes that come with tlkit: found by name, and copied to where they can be changed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tlkit.errors import NotFoundError, RecipeError, nearest, writing
from tlkit.own_files import own_files_named
from tlkit.paths import recipes_folder
from tlkit.recipe.yaml_lines import read_page

_ENDS = (".yaml", ".yml")
_FOR_EDITORS = re.compile(rb"\A# yaml-language-server: [^\n]*\n")


def packaged_recipes() -> Mapping[str, Path]:
    """Their files by name: `cats`, `pictures/lenet5`.

    Example:
        >>> packaged_recipes()["cats"].name
        'cats.yaml'
    """
    folder = recipes_folder()
    return {file.relative_to(folder).with_suffix("").as_posix(): file for file in sorted(folder.rglob("*.yaml"))}


def named_recipe(name: str) -> Path | None:
    """The recipe of this name, in full or by its last part where that is one alone; None where none has it.

    Example:
        >>> named_recipe("lenet5") == named_recipe("pictures/lenet5")
        True
    """
    known = packaged_recipes()
    alike = [file for each, file in known.items() if name in (each, each.rpartition("/")[2])]
    return known.get(name) or (alike[0] if len(alike) == 1 else None)


def recipe_file(given: str | Path) -> Path:
    """The file that is meant: one that is there, or a recipe of tlkit's by its name; else how to get it is said."""
    path, file = Path(given), named_recipe(str(given))
    if os.path.isfile(path) or (os.path.exists(path) and file is None):
        return path
    if file is not None:
        return file
    raise RecipeError([f"{path}: cannot be read (No such file or directory). {_how_to_get(path)}"])


def _how_to_get(path: Path) -> str:
    name = path.with_suffix("").as_posix().removeprefix("recipes/") if path.suffix in _ENDS else path.as_posix()
    if named_recipe(name):
        return f"It comes with tlkit: `tlkit new {name}` copies it here, `tlkit run {name}` runs it as it is"
    return " ".join(
        filter(None, [nearest(name, packaged_recipes()), "`tlkit list recipes` names those that there are"])
    )


def copy_recipe(name: str, out: Path, *, opening: str = "") -> list[Path]:
    """Copy a recipe of tlkit's, with those that it lies on and the Python files that they name; which were written.

    A file that stands there as it would be written is left alone; any other is kept, and nothing is written.

    Args:
        opening: what every copied page begins with; a page that has another line of that sort is the same page.
    """
    file = named_recipe(name)
    if file is None:
        known = nearest(name, packaged_recipes())
        raise NotFoundError(
            f"{name}: no recipe of this name. {known} `tlkit list recipes` names them".replace("  ", " ")
        )
    copies = [(copy, text, opening.encode() if copy.suffix in _ENDS else b"") for copy, text in _copies(file, out)]
    whole = {copy: text for copy, text, _ in copies}
    if taken := [str(copy) for copy, text, _ in copies if _is_other(copy, text, whole)]:
        raise RecipeError([f"{', '.join(taken)}: there already, with other content; name another file with --out"])
    return [copy for copy, text, first in copies if _written(copy, first + text)]


def _is_other(copy: Path, text: bytes, copies: Mapping[Path, bytes]) -> bool:
    """Whether something else stands where a file is to be copied to, or is to be copied there as well."""
    there = _FOR_EDITORS.sub(b"", copy.read_bytes()) if copy.is_file() else None
    return copies[copy] != text or (copy.exists() and there != text)


def _copies(file: Path, copy: Path) -> Iterator[tuple[Path, bytes]]:
    """Each file that a recipe needs, as (where it goes, what it holds); itself first."""
    values = read_page(file).values
    yield copy, file.read_bytes()
    for own in own_files_named(values, file.parent):
        yield copy.parent / own.relative_to(file.parent), own.read_bytes()
    if base := values.get("base"):
        yield from _copies(file.parent / base, copy.parent / base)


def _written(copy: Path, text: bytes) -> bool:
    if copy.exists():
        return False
    with writing(copy, RecipeError):
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(text)
    return True
