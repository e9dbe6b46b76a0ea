"""The loader of models that were recorded before 0.2; it stands in `tlkit.serving.mlflow_loader` now."""

from tlkit.serving.mlflow_loader import _load_pyfunc as _load_pyfunc
