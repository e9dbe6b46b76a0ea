"""Processes that tlkit starts: `Helper` is one as its parent sees it, `Parent` the parent as the helper sees it."""

from tlkit.processes.helper import Done, Failed, Helper
from tlkit.processes.launching import command, environment
from tlkit.processes.parent import Parent

__all__ = ["Done", "Failed", "Helper", "Parent", "command", "environment"]
