"""Processes that tlkit starts: `Helper` is one as its parent sees it, `Parent` the parent as the helper sees it."""

from tlkit.processes.helper import KILLED, Done, Failed, Helper
from tlkit.processes.launching import command, environment
from tlkit.processes.parent import Parent, end

__all__ = ["KILLED", "Done", "Failed", "Helper", "Parent", "command", "end", "environment"]
