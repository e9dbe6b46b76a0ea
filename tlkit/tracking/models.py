"""A model file as a model of MLflow: a folder in its Keras flavour, logged with the run, registered where asked for.

MLflow's own `log_model` would load TensorFlow into the sender and look for requirements for seconds.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from mlflow import pyfunc
from mlflow.entities import LoggedModelOutput
from mlflow.exceptions import MlflowException
from mlflow.models import Model, ModelSignature
from mlflow.tracking import set_tracking_uri
from mlflow.types import ColSpec, DataType, Schema, TensorSpec
from mlflow.types.schema import Array, Map

from tlkit.compat.mlflow_parts import save_example
from tlkit.tracking import entries, store
from tlkit.tracking.outbox import Operation, Pending

if TYPE_CHECKING:
    from mlflow.tracking.client import MlflowClient

_TYPES = {
    "string": DataType.string,
    "strings": Array(DataType.string),
    "double": DataType.double,
    "shares": Map(DataType.double),
}


def send(client: MlflowClient, run_id: str, operation: Operation, pending: Pending) -> None:
    """Log the model that an operation describes, once, and register it where it has a name to `register`.

    The operation has `name`, `file` (in the folder of artifacts), `loader` (the module whose `_load_pyfunc` answers),
    `input` ("text" or {dtype, shape}), `output` (names and types of
    what it says), `example` (an input), `requirements`, `facts`, `step`, `register`,
    and `beside` where the model takes columns as well: their types, and an example of them.
    """
    run = client.get_run(run_id)
    logged = _known(client, run, operation["name"]) or client.create_logged_model(
        run.info.experiment_id, operation["name"], run_id, params=_params(operation["facts"]), model_type="keras"
    )
    if str(logged.status) != "READY":
        folder = pending.folder / "model"
        build(folder, pending.artifacts / operation["file"], operation, run_id=run_id, model_id=logged.model_id)
        _place(client, logged, folder)
        client.finalize_logged_model(logged.model_id, "READY")
        client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, operation["step"])])
    if operation["register"]:
        _register(client, operation["register"], logged, run_id)


def build(folder: Path, file: Path, operation: Operation, *, run_id: str = "", model_id: str | None = None) -> None:
    """Write MLflow's folder around a model file: flavours, signature, example and requirements."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data").mkdir(parents=True)
    _link(file, folder / "data" / "model.keras")
    (folder / "data" / "keras_module.txt").write_text("keras")
    types = operation.get("beside", {}).get("types", {})
    signature = _signature(operation["input"], operation.get("output", {}), types)
    model = Model(operation["name"], run_id, signature=signature, model_id=model_id, metadata=operation["facts"])
    model.add_flavor(
        "keras", data="data", keras_version=operation["keras"], keras_backend="tensorflow", save_exported_model=False
    )
    pyfunc.add_to_model(model, loader_module=operation["loader"], python_env="python_env.yaml")
    if operation["example"] is not None:
        save_example(model, _example(operation), str(folder))
    model.save(str(folder / "MLmodel"))
    (folder / "requirements.txt").write_text("\n".join(operation["requirements"]) + "\n")
    environment = f"python: {platform.python_version()}\nbuild_dependencies: [pip]\n"
    (folder / "python_env.yaml").write_text(environment + "dependencies: [-r requirements.txt]\n")


def _signature(given: Any, said: dict[str, str], beside: dict[str, str]) -> ModelSignature:
    columns = [ColSpec(kind, name) for name, kind in {"example": "string", **beside}.items()]
    taken = columns if given == "text" else [TensorSpec(np.dtype(given["dtype"]), (-1, *given["shape"]))]
    given_back = Schema([ColSpec(_TYPES[kind], name) for name, kind in said.items()])
    return ModelSignature(Schema(taken), given_back if said else None)  # records of before 0.2 do not say


def _example(operation: Operation) -> Any:
    if operation["input"] == "text":
        return pd.DataFrame([{"example": operation["example"], **operation.get("beside", {}).get("example", {})}])
    return np.asarray([operation["example"]], operation["input"]["dtype"])


def _params(facts: dict[str, Any]) -> dict[str, str]:
    return entries.params({key: value for key, value in facts.items() if isinstance(value, str)})


def _known(client: MlflowClient, run: Any, name: str) -> Any:
    """The logged model of an earlier attempt."""
    condition = f"source_run_id = '{run.info.run_id}' AND name = '{name}'"
    found = client.search_logged_models([run.info.experiment_id], condition, max_results=1)
    return found[0] if found else None


def _place(client: MlflowClient, logged: Any, folder: Path) -> None:
    home = store.local_folder(logged.artifact_location)
    if home is None:
        client.log_model_artifacts(logged.model_id, str(folder))
    else:
        shutil.rmtree(home, ignore_errors=True)
        home.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder, home)


def _link(source: Path, target: Path) -> None:
    """The same file under another name; a copy where the disk cannot do that."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _register(client: MlflowClient, name: str, logged: Any, run_id: str) -> None:
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code not in ("RESOURCE_ALREADY_EXISTS", "ALREADY_EXISTS"):
            raise
    if client.search_model_versions(f"run_id = '{run_id}'", max_results=1):
        return
    set_tracking_uri(client.tracking_uri)  # the registry looks there for the model
    version = client.create_model_version(name, f"models:/{logged.model_id}", run_id, model_id=logged.model_id)
    tag = json.dumps([{"name": name, "version": version.version}])
    client.set_logged_model_tags(logged.model_id, {"mlflow.modelVersions": tag})
