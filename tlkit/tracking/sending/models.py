"""A model file as a model of MLflow: a folder in its Keras flavour, logged with the run, registered where asked for.

MLflow's own `log_model` would load TensorFlow into the sender and look for requirements for seconds.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Mapping
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
from tlkit.tracking import store
from tlkit.tracking.outbox import Outbox
from tlkit.tracking.recorder import RecordedModel
from tlkit.tracking.sending import entries

if TYPE_CHECKING:
    from mlflow.tracking.client import MlflowClient

_TYPES = {
    "string": DataType.string,
    "strings": Array(DataType.string),
    "double": DataType.double,
    "shares": Map(DataType.double),
}


def send(client: MlflowClient, run_id: str, model: RecordedModel, pending: Outbox) -> None:
    """Log a model once, and register it where it has a name to `register`."""
    run = client.get_run(run_id)
    logged = _known(client, run, model.name) or client.create_logged_model(
        run.info.experiment_id, model.name, run_id, params=_params(model.metadata), model_type="keras"
    )
    if str(logged.status) != "READY":
        folder = pending.folder / "model"
        build(folder, pending.artifacts / model.file, model, run_id=run_id, model_id=logged.model_id)
        _place(client, logged, folder)
        client.finalize_logged_model(logged.model_id, "READY")
        client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, model.step)])
    if model.register:
        _register(client, model.register, logged, run_id)


def build(folder: Path, file: Path, model: RecordedModel, *, run_id: str = "", model_id: str | None = None) -> None:
    """Write MLflow's folder around a model file: flavours, signature, example and requirements."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data").mkdir(parents=True)
    _link(file, folder / "data" / "model.keras")
    (folder / "data" / "keras_module.txt").write_text("keras")
    types = model.beside.get("types", {})
    signature = _signature(model.input, model.output, types)
    page = Model(model.name, run_id, signature=signature, model_id=model_id, metadata=dict(model.metadata))
    page.add_flavor(
        "keras", data="data", keras_version=model.keras, keras_backend="tensorflow", save_exported_model=False
    )
    pyfunc.add_to_model(page, loader_module=model.loader, python_env="python_env.yaml")
    if model.example is not None:
        save_example(page, _example(model), str(folder))
    page.save(str(folder / "MLmodel"))
    (folder / "requirements.txt").write_text("\n".join(model.requirements) + "\n")
    environment = f"python: {platform.python_version()}\nbuild_dependencies: [pip]\n"
    (folder / "python_env.yaml").write_text(environment + "dependencies: [-r requirements.txt]\n")


def _signature(given: Any, said: Mapping[str, str], beside: Mapping[str, str]) -> ModelSignature:
    columns = [ColSpec(kind, name) for name, kind in {"example": "string", **beside}.items()]
    taken = columns if given == "text" else [TensorSpec(np.dtype(given["dtype"]), (-1, *given["shape"]))]
    given_back = Schema([ColSpec(_TYPES[kind], name) for name, kind in said.items()])
    return ModelSignature(Schema(taken), given_back if said else None)


def _example(model: RecordedModel) -> Any:
    if isinstance(model.input, str):
        return pd.DataFrame([{"example": model.example, **model.beside.get("example", {})}])
    return np.asarray([model.example], model.input["dtype"])


def _params(metadata: Mapping[str, Any]) -> dict[str, str]:
    return entries.params({key: value for key, value in metadata.items() if isinstance(value, str)})


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
