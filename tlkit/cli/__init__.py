"""The command line: one file for each group of commands, which parse, call one function and print."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any

from tlkit.cli.group import main
from tlkit.cli.machine_commands import cache, doctor, fetch
from tlkit.cli.model_commands import benchmark, embed, evaluate, explain, export, label, predict, similar, watch
from tlkit.cli.output import LOUDNESS
from tlkit.cli.painting_commands import stylize
from tlkit.cli.recipe_commands import check, init, list_, new, summary
from tlkit.cli.record_commands import compare, sync, ui
from tlkit.cli.serving_commands import dockerfile, serve, studio
from tlkit.cli.shell_commands import completion, schema
from tlkit.cli.training_commands import auto, probe, rerun, resume, run, tune
from tlkit.quiet import drop_generated, own_process
from tlkit.stopping import outlive_readers, stop_gracefully

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

COMMANDS = (
    run, resume, rerun, tune, auto, probe, init, new, check, summary, list_, predict, evaluate, label, explain, export,
    benchmark, serve, dockerfile, embed, similar, watch,
    studio, compare, ui, sync, cache, doctor, fetch, stylize, schema, completion,
)  # fmt: skip

for command in COMMANDS:
    command.params += LOUDNESS
    main.add_command(command)


def entry() -> None:
    """What the `tlkit` command starts: `main`, then out at once, since TensorFlow takes long to take itself apart."""
    own_process()
    stop_gracefully()
    outlive_readers()
    status: Any = 0
    try:
        main()
    except SystemExit as ending:
        status = ending.code
    finally:
        drop_generated()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status if isinstance(status, int) else 1)
