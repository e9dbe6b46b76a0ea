"""Classes and functions that a model's description names: Keras's own and registered ones, none that would run code."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import keras

from tlkit.own_files import file_of

KERAS_HUB = "keras_hub"
_CARRIERS = {"Lambda", "TorchModuleWrapper", "TFSMLayer", "JaxLayer", "FlaxLayer"}  # of code, or of other programs
_VALUES = {"__keras_tensor__", "__tensor__", "__numpy__", "__bytes__", "__ellipsis__", "__slice__"}
_FILES = {"vocabulary", "idf_weights", "merges", "proto", "filepath"}  # lists or nothing; as a text, a path to be read
_FUNCTIONS = ("activations", "constraints", "initializers", "losses", "metrics", "optimizers", "regularizers")
_BUILDERS = {"get", "serialize", "deserialize"}
_PARTS = (
    keras.Operation, keras.Initializer, keras.Regularizer, keras.Loss, keras.Metric, keras.Optimizer,
    keras.constraints.Constraint, keras.optimizers.schedules.LearningRateSchedule, keras.DTypePolicy,
    keras.dtype_policies.DTypePolicyMap, keras.quantizers.Quantizer, keras.random.SeedGenerator,
)  # fmt: skip


def refuse_code(config: Any) -> None:
    """Raise a `ValueError` where a description names what is not known, or what would run code or read files.

    Example:
        >>> refuse_code({"class_name": "Lambda", "module": "keras.layers", "config": {}})
        Traceback (most recent call last):
        ValueError: it names keras.layers.Lambda, which can run any code
    """
    for each in _references(config):
        if reason := _reason(each):
            raise ValueError(f"it names {_name(each)}, {reason}")


def modules_named(config: Any) -> set[str]:
    """Modules of others than Keras that classes and functions of a description stand in."""
    modules = [each.get("module") for each in _references(config)]
    return {each for each in modules if isinstance(each, str) and each.partition(".")[0] not in ("keras", "builtins")}


def _is_keras(module: str) -> bool:
    return module.partition(".")[0] in ("keras", KERAS_HUB)


def _references(config: Any) -> Iterator[Mapping[str, Any]]:
    """Whatever names a class or a function, at any depth."""
    left = [config]
    while left:
        value = left.pop()
        if isinstance(value, dict) and "class_name" in value:
            yield value
        left += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _name(reference: Mapping[str, Any]) -> str:
    function = reference["class_name"] == "function"
    name = reference.get("config") if function else reference["class_name"]
    said = ".".join(file_of(str(each))[:80] for each in (reference.get("module"), name) if each)
    return "".join(each if each.isprintable() else "?" for each in said)


def _reason(reference: Mapping[str, Any]) -> str:
    """Why a reference is refused; nothing where it is not."""
    name, module, config = reference["class_name"], reference.get("module"), reference.get("config")
    if not isinstance(name, str) or not isinstance(module, str | None):
        return "which is no name"
    if name in _CARRIERS or name == "__lambda__":
        return "which can run any code"
    if isinstance(config, dict) and (paths := [each for each in _FILES if isinstance(config.get(each), str)]):
        return f"whose {paths[0]} is a file of this machine"
    if name in _VALUES:
        return ""
    return _function_reason(config, module) if name == "function" else _class_reason(reference, name, module)


def _function_reason(name: Any, module: str | None) -> str:
    if not isinstance(name, str) or name in _BUILDERS:
        return "which is no function of a model"
    if keras.saving.get_registered_object(name) is not None:
        return ""
    homes = _FUNCTIONS if module == "builtins" else [each for each in _FUNCTIONS if module == f"keras.{each}"]
    known = any(callable(vars(getattr(keras, each)).get(name)) for each in homes)
    return "" if known else "which is no function of Keras for models, nor registered by what is loaded"


def _class_reason(reference: Mapping[str, Any], name: str, module: str | None) -> str:
    found = keras.saving.get_registered_object(reference.get("registered_name", name))
    if found is None and module is not None:
        found = vars(sys.modules[module]).get(name) if _is_keras(module) and module in sys.modules else None
        if not (isinstance(found, type) and issubclass(found, _PARTS)):
            return "which is no part of Keras for models, nor registered by what is loaded"
    carries = isinstance(found, type) and _CARRIERS & {each.__name__ for each in found.__mro__}
    return "which can run any code" if carries else ""
