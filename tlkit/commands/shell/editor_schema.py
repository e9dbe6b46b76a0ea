"""The schema of recipes for editors: as text, and as the file that a recipe names in its first line."""

from __future__ import annotations

import json
from pathlib import Path

from tlkit.errors import writing
from tlkit.kinds.augment.augmentation_names import AUGMENTATIONS
from tlkit.paths import cache_root
from tlkit.recipe import json_schema

SHIPPED = Path(json_schema.__file__).with_name("recipe.schema.json")


def schema_text() -> str:
    """The JSON schema of recipes, with all nets and sources that are installed.

    Example:
        >>> schema_text().startswith("{")
        True
    """
    steps = {name: entry.summary for name, entry in AUGMENTATIONS.items()}
    return json.dumps(json_schema.recipe_schema(steps), indent=1, ensure_ascii=False) + "\n"


def schema_line() -> str:
    """The first line of a recipe, by which editors with a YAML language server find the schema.

    It names the file that comes with tlkit; where other packages bring parts, one in the cache that has those too.
    """
    text, file = schema_text(), SHIPPED
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        file = cache_root() / SHIPPED.name
        with writing(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    return f"# yaml-language-server: $schema={file.resolve().as_uri()}\n"
