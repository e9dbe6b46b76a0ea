"""tlkit: transfer learning with Keras, from a recipe to an evaluated, recorded model.

Importing tlkit is light; each name below loads what it needs when it is first used.

Example:
    >>> import tlkit
    >>> recipe = tlkit.load_recipe("recipes/cats.yaml")
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

if TYPE_CHECKING:
    from tlkit.commands.check import check as check
    from tlkit.commands.run import run as run
    from tlkit.commands.stylize import stylize as stylize
    from tlkit.commands.tune import tune as tune
    from tlkit.data.splits import Splits as Splits
    from tlkit.engines.predictor import load_model as load_model
    from tlkit.engines.predictor import load_run as load_run
    from tlkit.errors import TlkitError as TlkitError
    from tlkit.exporting.checked_export import export as export
    from tlkit.interpretation.api import explain as explain
    from tlkit.recipe.loading import load_recipe as load_recipe
    from tlkit.recipe.schema import Phase as Phase
    from tlkit.recipe.schema import Recipe as Recipe
    from tlkit.training.estimators import Classifier as Classifier
    from tlkit.training.estimators import Regressor as Regressor
    from tlkit.training.python_api import build as build
    from tlkit.training.python_api import evaluate as evaluate
    from tlkit.training.python_api import fit as fit

_HOMES = {
    "Classifier": "tlkit.training.estimators",
    "Phase": "tlkit.recipe.schema",
    "Recipe": "tlkit.recipe.schema",
    "Regressor": "tlkit.training.estimators",
    "Splits": "tlkit.data.splits",
    "TlkitError": "tlkit.errors",
    "build": "tlkit.training.python_api",
    "check": "tlkit.commands.check",
    "evaluate": "tlkit.training.python_api",
    "explain": "tlkit.interpretation.api",
    "export": "tlkit.exporting.checked_export",
    "fit": "tlkit.training.python_api",
    "load_model": "tlkit.engines.predictor",
    "load_recipe": "tlkit.recipe.loading",
    "load_run": "tlkit.engines.predictor",
    "run": "tlkit.commands.run",
    "stylize": "tlkit.commands.stylize",
    "tune": "tlkit.commands.tune",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tlkit' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)
