"""The studio as a process: its folder, its address with the token, and its end."""

from __future__ import annotations

import contextlib
import secrets
import webbrowser
from collections.abc import Callable
from pathlib import Path

from tlkit.commands.studio.allowed_folder import AllowedFolder
from tlkit.commands.studio.page_guard import PageGuard
from tlkit.commands.studio.studio_routes import studio_app
from tlkit.commands.studio.workbench import WRITTEN, Workbench
from tlkit.errors import DataError
from tlkit.serving.admission import Admission, Limits
from tlkit.serving.http_server import listening_at, run_alone

_HOST = "127.0.0.1"
_SECONDS = 120.0  # of one request: a folder of many files on a slow disk


def open_studio(
    folder: Path, *, port: int, browser: bool, ready: Callable[[str], None], say: Callable[[str], None]
) -> None:
    """Serve the studio until a signal comes.

    Args:
        folder: below it data may be chosen; recipes, records and exports go into the working folder.
        port: 0: a free one.
        ready: hears once of the address, with its token.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: expected a folder")
    bench, token = Workbench(AllowedFolder(folder, WRITTEN)), secrets.token_hex(24)
    with listening_at(_HOST, port) as listening, contextlib.closing(bench):
        bound = int(listening.getsockname()[1])
        address = f"http://{_HOST}:{bound}/?enter={token}"
        say(f"folder    {bench.allowed.home}\nstudio    {address}  (Ctrl-C stops it)")
        ready(address)
        if browser:
            webbrowser.open(address)  # who asks before the server answers waits at its socket
        admitted = Admission(studio_app(bench), Limits(seconds=_SECONDS), host=_HOST)
        run_alone(PageGuard(admitted, token, bound), listening)
    say("Stopped.")
