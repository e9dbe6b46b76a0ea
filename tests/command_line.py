"""The command line inside this process, and the recipe of a tiny frozen run."""

import contextlib
import json
import socket

from click.testing import CliRunner

from tlkit.cli import main

RECIPE = """
name: tiny
data: {path: pictures, image_size: 32, val: 0.25, test: 0.25}
model: {net: efficientnet-lite0}
train: {epochs: 3, batch_size: 8, few_examples: as_written}
track: {system_metrics: false}
"""


def tlkit(*arguments):
    """Run a command of tlkit in this process."""
    return CliRunner().invoke(main, [str(each) for each in arguments], catch_exceptions=False)


def run_json(*arguments):
    """Run a recipe and return the JSON of its last line."""
    result = tlkit("run", *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.strip().splitlines()[-1])


def run_offline(*arguments):
    """The same where nobody asks MLflow's store afterwards: no process is started to send the record."""
    return run_json(*arguments, "--offline")


def refused(*arguments):
    """The message of a command that must be refused."""
    result = tlkit(*arguments)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return result.output.strip().splitlines()[-1]


def free_port():
    """A port of this machine that nobody listens at."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listening:
        return listening.getsockname()[1]
