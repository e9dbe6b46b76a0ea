"""The loader of models that were recorded before 0.2; it stands in `tlkit.commands.serving` now."""

from tlkit.commands.serving import _load_pyfunc as _load_pyfunc
