"""A recorded model, or a bundle that was exported, as an HTTP service."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import secrets
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tlkit import processes
from tlkit.engines.hardware import has_openvino
from tlkit.engines.predictor import load_run
from tlkit.errors import DataError, ModelError
from tlkit.exporting.bundle import PAGE, Bundle, read_bundle
from tlkit.exporting.exporter import FLOAT32
from tlkit.paths import cache_root, temporary_folder
from tlkit.serving.admission import Limits
from tlkit.serving.bundle_model import Choice, open_bundle
from tlkit.serving.http_server import Settings, run

SERVED = "served"  # the folder of the cache
_LOCAL = ("127.0.0.1", "localhost", "::1")
_MB = 1 << 20


@dataclass(frozen=True)
class Door:
    """Where a service listens, to whom it answers, and what it reads and writes beside."""

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    folders: Sequence[Path] = ()
    log: Path | None = None


@dataclass(frozen=True)
class Load:
    """How much a service takes on; `body` in megabytes, `queue` in examples."""

    workers: int = 1
    queue: int = 256
    body: int = 32
    seconds: float = 30.0


@dataclass(frozen=True)
class Ready:
    """What answers, and where; `token` where one was made for this time."""

    address: str
    model: str
    file: str
    token: str | None


def serve(
    name: str, choice: Choice, door: Door, load: Load, say: Callable[[str], None], ready: Callable[[Ready], None]
) -> None:
    """Serve until a signal comes.

    Args:
        name: a run, or the folder of a bundle.
        ready: hears once of what answers where.
    """
    lacking = [each for each in door.folders if not each.is_dir()]
    if lacking:
        raise DataError(f"--allow-paths {lacking[0]}: expected a folder")
    bundle = bundle_of(name, choice, say)
    key = choice.file_of(bundle)
    token = door.token
    if token is None and door.host not in _LOCAL:
        token = secrets.token_urlsafe(18)
        say(f"token     {token}  (made for this time; --token or TLKIT_SERVE_TOKEN sets one)")
    with temporary_folder("serve") as counts:
        settings = Settings(
            functools.partial(open_bundle, bundle.folder, key), Path(counts), door.host, door.port, load.workers, token,
            [each.resolve() for each in door.folders], door.log, load.queue,
            limits=Limits(body=load.body * _MB, bodies=16 * load.body * _MB, seconds=load.seconds),
        )  # fmt: skip
        called = str(bundle.metadata.get("recipe") or name)
        say(f"model     {called}, {key}, {bundle.files[key].bytes / 1e6:.1f} MB")
        made = token if token != door.token else None

        def announce(address: str) -> None:
            say(f"service   {address}  (page, API: {address}/docs)")
            ready(Ready(address, called, key, made))

        run(settings, announce, say)


def bundle_of(name: str, choice: Choice, say: Callable[[str], None]) -> Bundle:
    """The bundle in a folder; or that of a run, exported where the cache has none yet."""
    if Path(name).is_dir() and (Path(name) / PAGE).is_file():
        return read_bundle(name)
    if Path(name).is_dir():
        raise ModelError(f"{name}: no {PAGE} in this folder; expected a run, or a bundle that `tlkit export` wrote")
    found = load_run(name)
    assert found.path is not None, "a run's model lies in a file"
    format, precision = choice.format or _fastest(), choice.precision or FLOAT32
    identity = hashlib.sha256(found.path.read_bytes() + f"{version('tlkit')} {format} {precision}".encode())
    folder = cache_root() / SERVED / identity.hexdigest()[:32]
    if not folder.exists():
        say(f"export    {found.name} to {format} {precision}, once")
        _export(found.run.id, format, precision, folder)
    return read_bundle(folder)


def _fastest() -> str:
    return "openvino" if has_openvino() else "onnx"


def _export(run_id: str, format: str, precision: str, folder: Path) -> None:
    """Have the bundle made by a process of its own: TensorFlow stays out of this one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="begun-", dir=folder.parent) as begun:
        made = Path(begun) / "bundle"
        asked = ["export", run_id, "--format", format, "--precision", precision, "--out", str(made)]
        done = subprocess.run(  # noqa: S603  (this very tlkit)
            processes.command("tlkit", *asked), env=processes.environment(), capture_output=True, text=True
        )
        if done.returncode:
            said = [each for each in done.stderr.splitlines() if each.strip()]
            raise ModelError(said[-1] if said else f"run {run_id[:8]}: cannot be exported")
        with contextlib.suppress(OSError):  # another service was as fast
            made.rename(folder)
